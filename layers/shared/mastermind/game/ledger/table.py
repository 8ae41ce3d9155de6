"""The table xp_ledger: the one way in which actions book XP, the rows as a member reads them, and resets.

The triggers of the table keep every figure that follows from its rows. So a transaction books once, all its rows, for
one member whose row it has locked (migration 001: global lock order).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mastermind.game.ledger.rules import BookingKind, Source
    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection, Cursor

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


@dataclass(frozen=True, slots=True)
class Booking:
    """A row to be booked; (source, source_id, kind) is booked once. Without a `day` it counts for the member's today.

    `details` is whatever explains the XP, as JSON: base and each multiplier, a reason, what was done.
    """

    xp: int
    kind: BookingKind
    source: Source
    source_id: str
    day: date | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])


def book(conn: Connection, user_id: int, bookings: Sequence[Booking]) -> None:
    """Book these rows for one member, in this order; nothing for none. Raises UniqueViolation in a repeat."""
    if bookings:
        rows = json.dumps([_row(booking) for booking in bookings])
        conn.execute(BOOK, {"user_id": user_id, "bookings": rows})


MOST_BREAKS = 3

PAGE: LiteralString = """
SELECT
    id AS entry_id, xp, kind, source, source_id, day, details, at,
    local_day(clock_timestamp(), me.time_zone) - day AS age,
    kind = 'award' AND CASE source
        WHEN 'tensey' THEN EXISTS (
            SELECT FROM tensey_completions WHERE user_id = %(user_id)s AND award_id::text = source_id
        )
        WHEN 'today' THEN EXISTS (
            SELECT FROM day_awards
            WHERE user_id = %(user_id)s AND award_id::text = source_id AND reversed_at IS NULL
                AND xp_ledger.day = local_day(clock_timestamp(), me.time_zone)
        )
        ELSE false
    END AS live,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_array(first_day, last_day, rests) ORDER BY first_day DESC), '[]')
        FROM (
            SELECT first_day, last_day, rests
            FROM (
                SELECT first_day, last_day, begun_at, false AS rests FROM pauses WHERE user_id = %(user_id)s
                UNION ALL
                SELECT day, day, declared_at, true FROM rest_days WHERE user_id = %(user_id)s
            ) AS every
            WHERE begun_at >= xp_ledger.at AND begun_at < coalesce(
                (
                    SELECT at FROM xp_ledger AS newer
                    WHERE newer.user_id = %(user_id)s AND newer.id > xp_ledger.id
                    ORDER BY newer.id LIMIT 1
                ),
                'infinity'
            )
            ORDER BY first_day DESC
            LIMIT %(most_breaks)s
        ) AS between_rows
    ) AS breaks
FROM xp_ledger
CROSS JOIN (SELECT time_zone FROM users WHERE user_id = %(user_id)s) AS me
WHERE user_id = %(user_id)s
ORDER BY id DESC
LIMIT %(most)s OFFSET (
    SELECT least(%(before)s, greatest(count(*) - 1, 0) / %(most)s * %(most)s)
    FROM xp_ledger
    WHERE user_id = %(user_id)s
)
"""


@dataclass(frozen=True, slots=True)
class Break:
    """A pause, or a day on which the member `rests`."""

    first: date
    last: date
    rests: bool


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row as it was booked; `age` is how many days ago its day was, `live` an award that can still be undone.

    `kind` and `source` are those of ledger.rules, or unknown: after a rollback the rows of a later version stay.
    `breaks` were begun between it and the next row, the newest first and no more than MOST_BREAKS.
    """

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
    breaks: Sequence[Break]


def page(conn: Connection, user_id: int, window: Window) -> Cursor[LedgerRow]:
    """A page of the member's rows, newest first."""
    values = {"user_id": user_id, "before": window.before, "most": window.size, "most_breaks": MOST_BREAKS}
    return rows(conn, LedgerRow, PAGE, values, breaks=_breaks)


def _breaks(written: Sequence[tuple[str, str, bool]]) -> list[Break]:
    return [Break(date.fromisoformat(first), date.fromisoformat(last), rests) for first, last, rests in written]


ROWS: LiteralString = "SELECT count(*) AS count FROM xp_ledger WHERE user_id = %(user_id)s"


def size(conn: Connection, user_id: int) -> Cursor[int]:
    """How many rows the member has."""
    return value(conn, int, ROWS, {"user_id": user_id})


def _row(booking: Booking) -> dict[str, object]:
    return {
        "xp": booking.xp,
        "kind": booking.kind,
        "source": booking.source,
        "source_id": booking.source_id,
        "day": booking.day and booking.day.isoformat(),
        "details": dict(booking.details),
    }


ACCOUNT: LiteralString = """
SELECT
    display_name, xp, level, social_freedom_exercises_tenseys AS challenges,
    (SELECT count(*) FROM tensey_completions WHERE user_id = me.user_id AND status = 'pending') AS pending,
    (SELECT count(DISTINCT day) FROM daily_records WHERE user_id = me.user_id) AS days
FROM users AS me
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A member as they stand: their XP as the ledger says it (below 0 too), completed challenges, days with stats."""

    display_name: str
    xp: int
    level: int
    challenges: int
    pending: int
    days: int


def account(conn: Connection, user_id: int) -> Cursor[Account]:
    """The member as they stand; no row for somebody the game has never met."""
    return rows(conn, Account, ACCOUNT, {"user_id": user_id})


ADJUSTED_LATELY: LiteralString = """
SELECT coalesce(sum(abs(xp)), 0)::bigint AS xp
FROM xp_ledger
WHERE user_id = %(user_id)s AND kind = 'adjustment' AND at > clock_timestamp() - interval '1 day'
"""


def adjusted_lately(conn: Connection, user_id: int) -> Cursor[int]:
    """How much admins have given and taken of a member's XP in the last 24 hours, together."""
    return value(conn, int, ADJUSTED_LATELY, {"user_id": user_id})


# Everything that a reset takes away, so that it can be restored by hand.
IMAGE: LiteralString = """
SELECT jsonb_build_object(
    'xp', xp,
    'level', level,
    'challenges', social_freedom_exercises_tenseys,
    'awards', (
        SELECT coalesce(jsonb_object_agg(award_id, challenge_id), '{}')
        FROM tensey_completions WHERE user_id = me.user_id
    ),
    'challenges_of_days', (
        SELECT coalesce(jsonb_object_agg(day, challenge_id), '{}')
        FROM day_awards WHERE user_id = me.user_id AND reversed_at IS NULL
    ),
    'stats', (
        SELECT coalesce(jsonb_object_agg(stat, total), '{}') FROM users_stats WHERE user_id = me.user_id
    ),
    'days', (
        SELECT coalesce(
            jsonb_object_agg(
                day,
                jsonb_build_object(
                    'xp', days.xp,
                    'streak_share', streak_share,
                    'counts', (
                        SELECT coalesce(jsonb_object_agg(stat, count), '{}')
                        FROM daily_records AS records
                        WHERE records.user_id = days.user_id AND records.day = days.day
                    )
                )
            ),
            '{}'
        )
        FROM booked_days AS days WHERE days.user_id = me.user_id
    )
) AS image
FROM users AS me
WHERE user_id = %(user_id)s
"""


def image(conn: Connection, user_id: int) -> Cursor[Mapping[str, object]]:
    """All that a reset takes away, as JSON: xp, level, challenges, awards, challenges_of_days, stats, days."""
    return value(conn, dict[str, object], IMAGE, {"user_id": user_id})


# The records of a day go with the day, and the totals with the records.
FORGET_DAYS: LiteralString = "DELETE FROM booked_days WHERE user_id = %(user_id)s"

RESET: LiteralString = """
SELECT cancelled, reversed FROM reset_awards_and_xp(%(user_id)s, %(reset_id)s, %(reason)s)
"""


def reset(conn: Connection, user_id: int, reset_id: str, reason: str) -> None:
    """Take away a member's stats, awards and XP.

    The active raid must be locked (raids.lock_active): awards contribute to it.
    """
    conn.execute(FORGET_DAYS, {"user_id": user_id})
    conn.execute(RESET, {"user_id": user_id, "reset_id": reset_id, "reason": reason})
