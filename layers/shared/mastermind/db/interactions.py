"""The table interactions_done: the stored outcome of each state change, kept for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from mastermind.db.connection import Connection

# Discord repeats within seconds, and a request older than 300 s is refused: a day is generous.
PRUNE: LiteralString = """
DELETE FROM interactions_done
WHERE interaction_id IN (
    SELECT interaction_id
    FROM interactions_done
    WHERE at < statement_timestamp() - interval '1 day'
    ORDER BY at
    LIMIT %(most)s
)
"""


def prune(conn: Connection, most: int) -> int:
    """Forget at most `most` outcomes older than a day, the oldest first; tells how many."""
    return conn.execute(PRUNE, {"most": most}).rowcount
