"""The table xp_ledger: the one way in which actions book XP, and the rows as a member reads them.

The triggers of the table keep every figure that follows from its rows. So a transaction books once, all its rows, for
one member whose row it has locked (001: global lock order).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

BOOK: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
SELECT
    user_id, booking.xp, booking.kind, booking.source, booking.source_id,
    coalesce(booking.day, local_day(clock_timestamp(), time_zone)), booking.details
FROM users
CROSS JOIN ROWS FROM (
    jsonb_to_recordset(%(bookings)s::jsonb)
    AS (xp bigint, kind text, source text, source_id text, day date, details jsonb)
) WITH ORDINALITY AS booking
WHERE user_id = %(user_id)s
ORDER BY booking.ordinality
"""

PAGE: LiteralString = """
SELECT
    id, xp, kind, source, source_id, day, local_day(clock_timestamp(), me.time_zone) - day, details, at,
    source = 'tensey' AND kind = 'award' AND EXISTS (
        SELECT FROM tensey_completions WHERE user_id = %(user_id)s AND award_id::text = source_id
    )
FROM xp_ledger
CROSS JOIN (SELECT time_zone FROM users WHERE user_id = %(user_id)s) AS me
WHERE user_id = %(user_id)s
ORDER BY id DESC
LIMIT %(most)s OFFSET (
    SELECT least(%(skipped)s, greatest(count(*) - 1, 0) / %(most)s * %(most)s)
    FROM xp_ledger
    WHERE user_id = %(user_id)s
)
"""

ROWS: LiteralString = "SELECT count(*) FROM xp_ledger WHERE user_id = %(user_id)s"


@dataclass(frozen=True, slots=True)
class Booking:
    """A row to be booked; (source, source_id, kind) is booked once. Without a `day` it counts for the member's today.

    `details` is whatever explains the XP, as JSON: base and each multiplier, a reason, what was done.
    """

    xp: int
    kind: str
    source: str
    source_id: str
    day: date | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it was booked; `age` is how many days ago its day was, `live` an award that can still be undone."""

    entry_id: int
    xp: int
    kind: str
    source: str
    source_id: str
    day: date
    age: int
    details: Mapping[str, object]
    at: datetime
    live: bool


def book(conn: Connection, user_id: int, bookings: Sequence[Booking]) -> None:
    """Book these rows for one member, in this order; nothing for none. Raises psycopg's UniqueViolation in a repeat."""
    if bookings:
        rows = json.dumps([_row(booking) for booking in bookings])
        conn.execute(BOOK, {"user_id": user_id, "bookings": rows})


def page(conn: Connection, user_id: int, *, skipped: int, most: int) -> Cursor[Entry]:
    """At most `most` rows of the member, newest first, without the `skipped` newest; the last rows when that is all."""
    return ask(conn, Entry, PAGE, user_id=user_id, skipped=skipped, most=most)


def size(conn: Connection, user_id: int) -> Cursor[int]:
    """How many rows the member has."""
    return ask(conn, int, ROWS, user_id=user_id)


def _row(booking: Booking) -> dict[str, object]:
    return {
        "xp": booking.xp,
        "kind": booking.kind,
        "source": booking.source,
        "source_id": booking.source_id,
        "day": booking.day and booking.day.isoformat(),
        "details": dict(booking.details),
    }
