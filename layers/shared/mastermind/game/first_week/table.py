"""The table explained: what was explained to a member, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import value

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.first_week.rules import Matter
    from mastermind.postgres.connection import Connection, Cursor

EXPLAINED: LiteralString = "SELECT matter FROM explained WHERE user_id = %(user_id)s"


def explained(conn: Connection, user_id: int) -> Cursor[str]:
    """What was explained to them."""
    return value(conn, str, EXPLAINED, {"user_id": user_id})


EXPLAIN: LiteralString = """
INSERT INTO explained (user_id, matter, day) VALUES (%(user_id)s, %(matter)s, %(day)s) ON CONFLICT DO NOTHING
"""


def explain(conn: Connection, user_id: int, matter: Matter, day: date) -> None:
    """It is explained on that day of theirs. The member's row must be locked (members.table.lock)."""
    conn.execute(EXPLAIN, {"user_id": user_id, "matter": matter, "day": day})
