"""Asking another function to do something, once for each interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.audit import table as audit
from mastermind.game.members import table as users
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.members.rules import Member
    from mastermind.postgres.connection import Connection

BACKUP = "backup.start"


def start_backup(
    conn: Connection, admin: Member, interaction_id: int, send: Callable[[], None], time_zone: str
) -> None:
    """Put the job on its queue by `send`, unless this interaction did before, and write down who asked.

    It is sent before that is committed, so an answer that it was started is true. When the commit fails the
    job stands all the same, and a repeat's is the same snapshot. Raises what `send` raises, and nothing is kept then.
    """
    with decision(conn):
        with exchange(conn):
            users.enter(conn, admin, time_zone)
            begin(conn)
            users.lock_own(conn, admin.user_id)
            stored = interactions.find(conn, admin.user_id, BACKUP, (interaction_id,))
        if stored.fetchone():
            return
        send()
        with exchange(conn):
            audit.write(conn, actor_id=admin.user_id, action=BACKUP)
            interactions.store(conn, admin.user_id, BACKUP, (interaction_id,), {})
            commit(conn)
