"""The function delete_member: removing a member, and remembering that it was done without remembering who."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import ask

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

# Under the member's lock, so that of two deliveries of one interaction the second sees what the first did.
FORGET: LiteralString = """
SELECT delete_member(%(user_id)s)
WHERE NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
"""

# The outcome is stored under nobody's id: with the member's own it would be a trace of them.
REMEMBER: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
VALUES (%(interaction_id)s, 0, '{"forgotten": true}')
ON CONFLICT (interaction_id) DO NOTHING
"""

# Whoever came back since is another start, which the deletion of then does not mean.
FORGET_AGAIN: LiteralString = """
SELECT delete_member(user_id) FROM users WHERE user_id = %(user_id)s AND created_at <= %(at)s
"""

# Traces without a row of users, as a restore may bring them.
FORGET_TRACES: LiteralString = """
SELECT delete_member(%(user_id)s) WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s)
"""


def forget(conn: Connection, user_id: int, interaction_id: int) -> None:
    """Remove everything of the member, once for each interaction; nothing happens where nobody is.

    The member's row must be locked (users.lock).
    """
    conn.execute(FORGET, {"user_id": user_id, "interaction_id": interaction_id})
    conn.execute(REMEMBER, {"interaction_id": interaction_id})


def forget_again(conn: Connection, user_id: int, at: datetime) -> Cursor[bool]:
    """Remove a member who asked for it `at` that time, unless they first came later; a row when there was somebody.

    For the owner's role, after a restore.
    """
    conn.execute(FORGET_TRACES, {"user_id": user_id})
    return ask(conn, bool, FORGET_AGAIN, user_id=user_id, at=at)
