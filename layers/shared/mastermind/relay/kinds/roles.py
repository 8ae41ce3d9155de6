"""The next role that a member is given or loses; once it is done, the one after it (docs/rules/roles.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import AddRole, Outcome, RemoveRole
from mastermind.game.roles import actions as roles
from mastermind.game.roles import rules
from mastermind.game.roles import table as records
from mastermind.game.roles.actions import ROLES
from mastermind.game.roles.rules import PREFIX, GameRole, Held, RoleKind, Step
from mastermind.postgres.exchange import only
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection

UNKNOWN_MEMBER = 10007
"""Discord's code for somebody who is not in the server (docs/rules/discord.md)."""

LASTS = timedelta(days=7)
"""How long it waits for a bot; later an interaction or a sync finds what differs."""


def _compose(conn: Connection, entry: Entry, scene: Scene) -> AddRole | RemoveRole | None:
    if not scene.gives_roles:
        return None
    user_id, known = entry.user_id or 0, records.roles(conn).fetchall()
    due = roles.due(conn, user_id, known)
    if due is None or due.step is None or only(records.is_handed(conn, user_id)):
        return None
    if not due.step.gives:
        return RemoveRole(user_id, due.step.role_id, f"{PREFIX}no longer reached")
    if due.step.role_id == scene.moderator_role:
        return None
    role = next(each for each in known if each.role_id == due.step.role_id)
    return AddRole(user_id, role.role_id, role.added_by, f"{PREFIX}{_reason(role)}")


def _reason(role: GameRole) -> str:
    match role.kind:
        case RoleKind.CLASS | RoleKind.FACTION:
            return role.name
        case RoleKind.LEVEL:
            return f"level {role.least}"
        case RoleKind.STREAK:
            return f"a streak of {role.least}"
        case RoleKind.CHALLENGES:
            return f"{role.least} challenges"


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """Note what the member has now, and go on with what still differs."""
    user_id = entry.user_id or 0
    before = roles.due(conn, user_id, records.roles(conn).fetchall())
    if before is None:
        return
    held = before.held
    if result is not None:
        role_id = only(records.asked(conn, entry.id))
        step = Step(role_id, gives=role_id not in held.given)
        held = _after(conn, step, held, result)
        if not (_has_left(result) or (result.outcome is Outcome.REFUSED and not step.gives)):
            records.check(conn, user_id)
    wanted = rules.wanted(records.roles(conn).fetchall(), before.reached)
    records.note(conn, user_id, wanted, held)


def _after(conn: Connection, step: Step, held: Held, result: Result) -> Held:
    """What the member has after a step."""
    role_id = step.role_id
    if _has_left(result):
        return Held()
    match result.outcome:
        case Outcome.DONE if step.gives and role_id in result.roles:
            return Held(held.given, held.kept | {role_id})
        case Outcome.DONE if step.gives:
            records.note_check(conn, role_id, "")
            return Held(held.given | {role_id}, held.kept)
        case Outcome.REFUSED | Outcome.GONE if step.gives:
            records.note_check(conn, role_id, roles.why_not(result))
            return held
        case Outcome.REFUSED:
            return held
        case _:
            return Held(held.given - {role_id}, held.kept)


def _has_left(result: Result) -> bool:
    return result.outcome is Outcome.GONE and result.code == UNKNOWN_MEMBER


KIND = Kind(ROLES, Priority.NEWS, LASTS, _compose, settled=_settled)
