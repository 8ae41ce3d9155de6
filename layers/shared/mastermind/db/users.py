"""The table users: first contact, and the lock that every change of a member's state begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.db.exchange import transaction

if TYPE_CHECKING:
    from mastermind.db.connection import Connection
    from mastermind.domain.members import Member

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

LOCK_IF_FREE: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR UPDATE SKIP LOCKED"


def enter(conn: Connection, member: Member, time_zone: str) -> None:
    """See a member: make their row at first contact, renew their name when it changed, else lock nothing.

    `time_zone` is the deployment's, for a first contact. A transaction of its own, and the first of every action of a
    member: a first contact locks rank buckets and factions, which come last in the lock order.
    """
    values = {"user_id": member.user_id, "display_name": member.display_name, "time_zone": time_zone}
    with transaction(conn):
        conn.execute(ENTER, values)


def rename(conn: Connection, member: Member) -> None:
    """Renew the name of a member the game has met before; locks nothing when it is unchanged."""
    with transaction(conn):
        conn.execute(RENAME, {"user_id": member.user_id, "display_name": member.display_name})


def lock(conn: Connection, user_id: int) -> None:
    """Take the member's row until the transaction ends.

    Always a statement of its own and the first of its transaction: a statement that waits for a lock computes from the
    snapshot it began with, the ones after it see what the other transaction did.
    """
    conn.execute(LOCK, {"user_id": user_id})


def lock_if_free(conn: Connection, user_id: int) -> bool:
    """Take the member's row unless another transaction has it; tells whether it was taken, which is a round trip."""
    return conn.execute(LOCK_IF_FREE, {"user_id": user_id}).fetchone() is not None
