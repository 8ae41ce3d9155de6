"""The table pauses: when members paused, and the function that ends a pause.

Every function that changes something expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.game.pauses.rules import MOST, Begun
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

# More than these count against no new one: only so many begin in half a year.
LATEST: LiteralString = """
SELECT first_day AS first, last_day AS last, begun_on AS asked_on
FROM pauses
WHERE user_id = %(user_id)s
ORDER BY first_day DESC
LIMIT %(most)s
"""


def latest(conn: Connection, user_id: int) -> Cursor[Begun]:
    """The member's latest pauses, the one that runs or will among them; the newest first."""
    return rows(conn, Begun, LATEST, {"user_id": user_id, "most": MOST})


BEGIN: LiteralString = """
INSERT INTO pauses (user_id, first_day, last_day, begun_on)
VALUES (%(user_id)s, %(first)s, %(last)s, %(asked_on)s)
"""


def begin(conn: Connection, user_id: int, begun: Begun) -> None:
    values = {"user_id": user_id, "first": begun.first, "last": begun.last, "asked_on": begun.asked_on}
    conn.execute(BEGIN, values)


END: LiteralString = "SELECT end_pause(%(user_id)s)"


def end(conn: Connection, user_id: int) -> None:
    """End the pause that runs with the member's today, or take back the one that has not begun."""
    conn.execute(END, {"user_id": user_id})
