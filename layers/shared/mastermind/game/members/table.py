"""The table users: first contact, and the lock that every change of a member's state begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.game.members import rate_limits
from mastermind.postgres.exchange import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Cursor

    from mastermind.game.members.rules import Member
    from mastermind.postgres.connection import Connection

# The guard before ON CONFLICT matters: DO UPDATE locks the row even when there is nothing to update.
ENTER: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT %(user_id)s, %(display_name)s, %(time_zone)s
WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND display_name = %(display_name)s)
ON CONFLICT (user_id) DO UPDATE SET display_name = EXCLUDED.display_name, updated_at = clock_timestamp()
"""

RENAME: LiteralString = """
UPDATE users SET display_name = %(display_name)s, updated_at = clock_timestamp()
WHERE user_id = %(user_id)s AND display_name <> %(display_name)s
"""

LOCK: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR UPDATE"

LOCK_OWN: LiteralString = "SELECT lock_member(%(user_id)s)"

LOCK_IF_FREE: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR UPDATE SKIP LOCKED"


def enter(conn: Connection, member: Member, time_zone: str) -> None:
    """See a member: make their row at first contact, renew their name when it changed, else lock nothing of users.

    `time_zone` is the deployment's, for a first contact. This is the first of every action of a member, in the same
    exchange as the rest, and refuses who is too fast: then nothing after it runs.

    Transactions of its own: a first contact locks rank buckets and factions, which come last in the lock order; and
    what it has counted stays when it refuses.
    """
    _see(conn, member, ENTER, {"time_zone": time_zone})


def rename(conn: Connection, member: Member) -> None:
    """The same for an action that only a member can do whom the game has met before."""
    _see(conn, member, RENAME, {})


def _see(conn: Connection, member: Member, query: LiteralString, values: Mapping[str, object]) -> None:
    with transaction(conn):
        conn.execute(query, {"user_id": member.user_id, "display_name": member.display_name, **values})
        if member.charge:
            rate_limits.charge(conn, member.user_id, member.charge)
    if member.charge:
        with transaction(conn):
            rate_limits.enforce(conn)


def lock(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the member's row until the transaction ends; `rowcount` tells whether there is one.

    When there is none nothing is locked, even if the member begins anew in the next moment.

    Always a statement of its own and the first of its transaction: a statement that waits for a lock computes from the
    snapshot it began with, the ones after it see what the other transaction did.
    """
    return conn.execute(LOCK, {"user_id": user_id})


def lock_own(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts. Whoever was forgotten while this waited is refused (errors.Forgotten)."""
    return conn.execute(LOCK_OWN, {"user_id": user_id})


def lock_both(conn: Connection, actor_id: int, subject_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts and of the one it is done to, in the order of their ids.

    `rowcount` tells whether there is somebody whom it can be done to; if not, nothing more may be written of them.
    """
    taken = {
        user_id: lock_own(conn, user_id) if user_id == actor_id else lock(conn, user_id)
        for user_id in sorted({actor_id, subject_id})
    }
    return taken[subject_id]


def lock_if_free(conn: Connection, user_id: int) -> bool:
    """Take the member's row unless another transaction has it; tells whether it was taken, which is a round trip."""
    return conn.execute(LOCK_IF_FREE, {"user_id": user_id}).fetchone() is not None
