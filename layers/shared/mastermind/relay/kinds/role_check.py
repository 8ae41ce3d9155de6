"""Whether a role that was just added may be given: `/admin roles list` shows why not (docs/rules/roles.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import CheckRole, Outcome
from mastermind.game.roles import actions as roles
from mastermind.game.roles import table as records
from mastermind.game.roles.actions import ROLE_CHECK
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, scene: Scene) -> CheckRole | None:
    if not scene.gives_roles:
        return None
    role_id = int(entry.refs["role_id"])
    found = (role for role in records.roles(conn).fetchall() if role.role_id == role_id)
    role = next(found, None)
    return role and CheckRole(role_id, role.added_by)


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    if result is not None:
        reason = "" if result.outcome is Outcome.DONE else roles.why_not(result)
        records.note_check(conn, int(entry.refs["role_id"]), reason)


KIND = Kind(ROLE_CHECK, Priority.NEWS, timedelta(days=7), _compose, settled=_settled)
