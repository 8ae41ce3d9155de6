"""A part of a sync: the next members, of whom those whose roles differ are checked (docs/rules/roles.md).

Nothing is asked of Discord: the part is over when it is looked at, and inserts the next one in the same transaction. So
a sync that was stopped goes on where it was.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.roles import actions as roles
from mastermind.game.roles import table as records
from mastermind.game.roles.actions import ROLE_SYNC
from mastermind.postgres.exchange import only
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection

PART = 200
"""Members of one part: each takes a few milliseconds."""

ENOUGH = 500
"""Members who wait for their roles; no more are added as long as there are so many."""


def _compose(_conn: Connection, _entry: Entry, _scene: Scene) -> None:
    return None


def _settled(conn: Connection, entry: Entry, _result: Result | None) -> None:
    sync = only(records.sync(conn))
    if sync.sync_id != int(entry.refs["sync"]) or not sync.is_running:
        return
    if only(records.waiting(conn)) >= ENOUGH:
        roles.insert_part(conn, sync.sync_id, sync.after_id, again_after=entry.id, waits=True)
        return
    known, members = records.roles(conn).fetchall(), records.members_after(conn, sync.after_id, PART).fetchall()
    differing = 0
    for user_id in members:
        due = roles.due(conn, user_id, known)
        if due is not None and due.step is not None:
            records.check(conn, user_id)
            differing += 1
    is_last = len(members) < PART
    after_id = members[-1] if members else sync.after_id
    records.advance(conn, sync.sync_id, after_id, len(members), differing, is_last=is_last)
    if not is_last:
        roles.insert_part(conn, sync.sync_id, after_id)


KIND = Kind(ROLE_SYNC, Priority.REMINDERS, timedelta(days=30), _compose, settled=_settled)
