"""The roles of the game: admins define them, relay gives and removes them, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.days import table as days
from mastermind.game.exchanges import changing, looking
from mastermind.game.levels import content as levels
from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.outreach.rights import NO_ACCESS, NO_PERMISSION
from mastermind.game.roles import rules
from mastermind.game.roles import table as records
from mastermind.game.roles.rules import Held, Reached, RoleKind
from mastermind.game.server_settings import table as server_settings
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.discord.requests import Result
    from mastermind.game.members.rules import Actor
    from mastermind.game.roles.rules import GameRole, Step
    from mastermind.game.roles.table import Sync
    from mastermind.postgres.connection import Connection, Cursor

ROLES, ROLE_CHECK, ROLE_SYNC = "roles", "role_check", "role_sync"
"""The kinds of the outbox: a member's roles, whether a role may be given, a part of a sync."""

ADD, REMOVE, SYNC = "role.add", "role.remove", "role.sync"
"""The names of the changes in the audit log and among the stored outcomes."""

A_MINUTE = timedelta(minutes=1)

UNKNOWN_SERVER = 10004
"""Discord's code for a server that the bot is not in, or that is gone; or it answers NO_ACCESS."""

TAKEN = "Nothing was done: <@&{role}> is already the role for that. Remove it first with `/admin roles remove`."
TOO_MANY = "Nothing was done: there are {most} roles already. Remove one first with `/admin roles remove`."
MODERATES = "Nothing was done: <@&{role}> makes members moderators, and nobody becomes one by playing."
NOT_OURS = "Nothing was done: <@&{role}> is no role of the game. `/admin roles list` shows those that are."


@dataclass(frozen=True, slots=True)
class Overview:
    """All roles of the game, how far the last sync has come, and whether there is a bot to give them."""

    roles: tuple[GameRole, ...]
    sync: Sync
    has_bot: bool


def overview(conn: Connection, actor: Actor) -> Overview:
    with looking(conn, actor):
        found = records.roles(conn), records.sync(conn), outreach.is_on(conn)
    return _overview(*found)


def _overview(roles: Cursor[GameRole], sync: Cursor[Sync], is_on: Cursor[bool]) -> Overview:
    return Overview(tuple(roles), only(sync), only(is_on))


def add(conn: Connection, actor: Actor, role: GameRole) -> None:
    """Add a role, or change what it is for; raises MemberMistake when another one is for that."""
    with changing(conn, actor, ADD) as change:
        server_settings.lock(conn)  # or the role could be chosen for the moderators at this moment
        found, moderates = records.roles(conn), server_settings.makes_moderators(conn, role.role_id)
        if change.stored:
            return
        if only(moderates):
            raise MemberMistake(MODERATES.format(role=role.role_id))
        others = [each for each in found if each.role_id != role.role_id]
        before = next((each for each in found if each.role_id == role.role_id), None)
        if other := next((each for each in others if _is_for(each) == _is_for(role)), None):
            raise MemberMistake(TAKEN.format(role=other.role_id))
        if len(others) >= rules.MOST_ROLES:
            raise MemberMistake(TOO_MANY.format(most=rules.MOST_ROLES))
        records.put(conn, role)
        refs = {"role_id": str(role.role_id)}
        outbox.insert(conn, ROLE_CHECK, f"{ROLE_CHECK}:{role.role_id}:{actor.key}", refs=refs)
        change.audit(before=before and _image(before), after=_image(role))
        change.keep({})


def remove(conn: Connection, actor: Actor, role_id: int) -> None:
    """Who got the role from the game loses it with their next check; raises MemberMistake if it is none of ours."""
    with changing(conn, actor, REMOVE) as change:
        found = records.roles(conn)
        if change.stored:
            return
        before = next((each for each in found if each.role_id == role_id), None)
        if before is None:
            raise MemberMistake(NOT_OURS.format(role=role_id))
        records.drop(conn, role_id)
        change.audit(before=_image(before))
        change.keep({})


def sync(conn: Connection, actor: Actor) -> Overview:
    """Check everybody's roles, from the first member on; a running sync continues.

    Roles that were refused are asked for again.
    """
    with changing(conn, actor, SYNC) as change:
        found, waits = records.sync(conn), records.sync_waits(conn)
        if not change.stored:
            now = only(found)
            if not now.is_running:
                records.try_again(conn)
                records.begin_sync(conn, now.sync_id)
                insert_part(conn, now.sync_id + 1, 0)
            elif not only(waits):
                insert_part(conn, now.sync_id, now.after_id, actor.key)
            change.audit()
            change.keep({})
        after = records.roles(conn), records.sync(conn), outreach.is_on(conn)
    return _overview(*after)


def insert_part(conn: Connection, sync_id: int, after_id: int, again_after: int = 0, *, waits: bool = False) -> None:
    """Have relay check the members after that one, or in a minute if it `waits`.

    `again_after` is the id of what ended without them being checked: a part, or an interaction that asks again.
    """
    key, refs = f"{ROLE_SYNC}:{sync_id}:{after_id}:{again_after}", {"sync": sync_id, "after": str(after_id)}
    due_at = datetime.now(UTC) + A_MINUTE if waits else None
    outbox.insert(conn, ROLE_SYNC, key, refs=refs, due_at=due_at)


def _is_for(role: GameRole) -> tuple[RoleKind, int, str]:
    return role.kind, role.least, role.name


def _image(role: GameRole) -> dict[str, object]:
    return {
        "role": str(role.role_id),
        "kind": role.kind,
        "for": role.name or role.least,
        "keeps_lower": role.keeps_lower,
    }


# --- what relay does ---


@dataclass(frozen=True, slots=True)
class Due:
    """Where a member stands, which roles they have, and the next step; None if nothing differs."""

    reached: Reached
    held: Held
    step: Step | None


def due(conn: Connection, user_id: int, roles: Sequence[GameRole]) -> Due | None:
    """As things are now; None for somebody who is no member."""
    standing = records.standing(conn, user_id).fetchone()
    if standing is None:
        return None
    streak = _streak(conn, user_id) if any(role.kind is RoleKind.STREAK for role in roles) else 0
    classes = tuple(each.title for each in levels.load() if each.first_level <= standing.level)
    reached = Reached(standing.level, classes, standing.faction, streak, standing.challenges)
    return Due(reached, standing.held, rules.next_step(rules.wanted(roles, reached), standing.held))


IN_OUR_WORDS = {
    NO_ACCESS: "the bot is not in the server",
    UNKNOWN_SERVER: "the bot is not in the server",
    NO_PERMISSION: "the bot may not manage roles, or stands below it",
}
"""What Discord's codes mean for a role."""


def why_not(result: Result) -> str:
    """Why a role is not given, in words for admins: our own, where Discord refuses it by a code."""
    said_by_discord = IN_OUR_WORDS.get(result.code) if result.status else None
    return said_by_discord or result.reason or "Discord refuses it"


def _streak(conn: Connection, user_id: int) -> int:
    day = only(days.day_without_figures(conn, user_id))
    return day.streak(counted=bool(day.in_time)).length
