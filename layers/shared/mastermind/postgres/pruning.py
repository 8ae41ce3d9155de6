"""Deletes rows that nothing needs any more, so that no table grows for ever (docs/rules/database.md, Growth)."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import exchange, transaction

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection

AT_MOST = 5_000
"""Rows of each table that one sweep deletes."""

PRUNE: LiteralString = "SELECT pruned, amount FROM prune(%(most)s) WHERE amount > 0"


def prune(conn: Connection, most: int = AT_MOST) -> dict[str, int]:
    """Delete at most `most` rows of each table, the oldest first; returns how many, by table."""
    with exchange(conn), transaction(conn):
        pruned = conn.execute(PRUNE, {"most": most})
    return dict(pruned)
