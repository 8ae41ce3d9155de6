"""The table for_you, and what else waits for a member; who finds it is the charge for their use (members.table)."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import exchange, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.game.for_you.rules import Line
    from mastermind.postgres.connection import Connection

NOTE: LiteralString = """
SELECT note_said(%(user_id)s, %(kinds)s::text[], %(refs)s::bigint[], %(done)s::boolean[])
"""


def note(conn: Connection, user_id: int, done: Sequence[Line], again: Sequence[Line]) -> None:
    """Note what was said to the member: `done` waits no longer, `again` has stood on one more answer."""
    lines = (*done, *again)
    said = {
        "user_id": user_id,
        "kinds": [line.kind.value for line in lines],
        "refs": [line.ref for line in lines],
        "done": [True] * len(done) + [False] * len(again),
    }
    with exchange(conn), transaction(conn):
        conn.execute(NOTE, said)
