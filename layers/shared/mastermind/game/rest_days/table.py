"""The table rest_days: the days on which members rest.

Every function that changes something expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from datetime import date

    from mastermind.postgres.connection import Connection

DECLARE: LiteralString = """
INSERT INTO rest_days (user_id, day) VALUES (%(user_id)s, %(day)s) ON CONFLICT (user_id, day) DO NOTHING
"""


def declare(conn: Connection, user_id: int, day: date) -> None:
    conn.execute(DECLARE, {"user_id": user_id, "day": day})


WITHDRAW: LiteralString = "DELETE FROM rest_days WHERE user_id = %(user_id)s AND day = %(day)s"


def withdraw(conn: Connection, user_id: int, day: date) -> None:
    conn.execute(WITHDRAW, {"user_id": user_id, "day": day})
