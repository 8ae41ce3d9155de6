"""The tables daily_records and booked_days: what a member logged day by day, and what each day has booked.

Every function that writes expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.days.marks import Mark
from mastermind.game.days.rules import Day
from mastermind.game.days.xp import Worth
from mastermind.postgres.exchange import rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor

# One statement is one moment: the day that it finds is the day of everything in it. The days of a streak travel as
# ordinals in one text: ten years of them are read from a few pages of an index and taken apart in a millisecond.
STREAK: LiteralString = """
    today, me.day, me.xp,
    coalesce(booked.xp, 0) AS booked, booked.streak_share AS share,
    ARRAY(
        SELECT stat
        FROM daily_records AS records
        WHERE records.user_id = me.user_id AND records.day = me.day AND NOT logged_late
    ) AS in_time,
    (
        SELECT coalesce(string_agg((counted.day - DATE '0001-01-01' + 1)::text, ','), '')
        FROM (
            SELECT day FROM booked_days WHERE user_id = me.user_id AND counts AND day <> me.day
            UNION ALL
            SELECT day FROM tensey_completions WHERE user_id = me.user_id
            UNION ALL
            SELECT day FROM day_awards WHERE user_id = me.user_id AND reversed_at IS NULL
        ) AS counted
    ) AS other_days,
    (
        SELECT coalesce(string_agg((covered.day - DATE '0001-01-01' + 1)::text, ','), '')
        FROM covered_days(me.user_id) AS covered (day)
    ) AS covered_days,
    (
        SELECT coalesce(string_agg((rests.day - DATE '0001-01-01' + 1)::text, ','), '')
        FROM rest_days AS rests
        WHERE rests.user_id = me.user_id
    ) AS rest_days,
    pause.first_day AS paused_from, pause.last_day AS paused_until
FROM (
    SELECT user_id, xp, today, coalesce(%(day)s::date, today - %(back)s::int) AS day
    FROM users
    CROSS JOIN LATERAL (SELECT local_day(clock_timestamp(), time_zone) AS today) AS clock
    WHERE user_id = %(user_id)s
) AS me
LEFT JOIN booked_days AS booked ON booked.user_id = me.user_id AND booked.day = me.day
LEFT JOIN LATERAL (
    SELECT first_day, last_day
    FROM pauses
    WHERE pauses.user_id = me.user_id AND ended_at IS NULL AND last_day >= today
    ORDER BY first_day
    LIMIT 1
) AS pause ON true
"""

FIGURES: LiteralString = """
    ARRAY(SELECT matter FROM explained WHERE explained.user_id = me.user_id) AS explained,
    coalesce(
        (
            SELECT jsonb_object_agg(stat, count)
            FROM daily_records AS records
            WHERE records.user_id = me.user_id AND records.day = me.day
        ),
        '{}'
    ) AS counts,
    coalesce(
        (
            SELECT jsonb_object_agg(stat, jsonb_build_array(xp, warrior, mage))
            FROM daily_records AS records
            WHERE records.user_id = me.user_id AND records.day = me.day
        ),
        '{}'
    ) AS worths
"""

DAY: LiteralString = f"SELECT {FIGURES}, {STREAK}"

WITHOUT_FIGURES: LiteralString = (
    f"SELECT '{{}}'::text[] AS explained, '{{}}'::jsonb AS counts, '{{}}'::jsonb AS worths, {STREAK}"
)


def day(conn: Connection, user_id: int, day: date | None, back: int = 0) -> Cursor[Day]:
    """A day of a member's calendar, or the one `back` days before their today; no row for an unknown member."""
    return _day(conn, DAY, user_id, day, back)


def day_without_figures(conn: Connection, user_id: int) -> Cursor[Day]:
    """The member's today without counts and worths: the part that relay may read."""
    return _day(conn, WITHOUT_FIGURES, user_id, None)


def _day(conn: Connection, query: LiteralString, user_id: int, day: date | None, back: int = 0) -> Cursor[Day]:
    values = {"user_id": user_id, "day": day, "back": back}
    kinds = {
        "worths": _worths,
        "in_time": frozenset[str],
        "other_days": _dates,
        "covered_days": _date_set,
        "rest_days": _date_set,
        "explained": frozenset[str],
    }
    return rows(conn, Day, query, values, **kinds)


# What covers a day, in the order of precedence (streaks.py): the last row of a day counts.
BRIDGES: LiteralString = """
SELECT day, mark
FROM (
    SELECT first_day + nth AS day, 'pause' AS mark, 1 AS place
    FROM pauses
    CROSS JOIN generate_series(0, last_day - first_day) AS nth
    WHERE user_id = %(user_id)s
    UNION ALL
    SELECT day, 'travel', 2 FROM travel_days WHERE user_id = %(user_id)s
    UNION ALL
    SELECT day, 'outage', 3 FROM outage_days(%(user_id)s) AS down (day)
) AS covered
WHERE day >= (SELECT local_day(clock_timestamp(), time_zone) FROM users WHERE user_id = %(user_id)s) - %(back)s::int
ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A day that is covered, and by what; one that several things cover has a row for each, the last of them counts."""

    day: date
    mark: Mark


def bridges(conn: Connection, user_id: int, back: int) -> Cursor[Bridge]:
    """The member's covered days since `back` days ago."""
    return rows(conn, Bridge, BRIDGES, {"user_id": user_id, "back": back}, mark=Mark)


TODAY: LiteralString = """
SELECT local_day(
    clock_timestamp(),
    coalesce((SELECT time_zone FROM users WHERE user_id = %(user_id)s), %(time_zone)s)
) AS today
"""


def today(conn: Connection, user_id: int, time_zone: str) -> Cursor[date]:
    """The member's today; for an unknown member, today in that time zone."""
    return value(conn, date, TODAY, {"user_id": user_id, "time_zone": time_zone})


DAYS: LiteralString = """
SELECT
    today, listed.day, coalesce(booked.xp, 0) AS booked, coalesce(booked.streak_share, 0) AS share,
    coalesce(logged.counts, '{}') AS counts, rests.day IS NOT NULL AS rested
FROM users AS me
CROSS JOIN LATERAL (SELECT local_day(clock_timestamp(), time_zone) AS today) AS clock
CROSS JOIN LATERAL (
    SELECT day FROM booked_days WHERE booked_days.user_id = me.user_id AND day >= today - %(back)s::int
    UNION
    SELECT day FROM rest_days WHERE rest_days.user_id = me.user_id AND day >= today - %(back)s::int
) AS listed
LEFT JOIN booked_days AS booked ON booked.user_id = me.user_id AND booked.day = listed.day
LEFT JOIN rest_days AS rests ON rests.user_id = me.user_id AND rests.day = listed.day
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(stat, count) AS counts
    FROM daily_records AS records
    WHERE records.user_id = me.user_id AND records.day = listed.day
) AS logged
WHERE me.user_id = %(user_id)s AND (logged.counts IS NOT NULL OR rests.day IS NOT NULL)
ORDER BY listed.day DESC
"""


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """A day on which something is logged: what, what it has booked, and its fixed share; or that was a rest day.

    `today` is the member's.
    """

    today: date
    day: date
    booked: int
    share: int
    counts: Mapping[str, int]
    rested: bool = False


def days(conn: Connection, user_id: int, back: int) -> Cursor[RecordedDay]:
    """The days since `back` days ago on which something is logged, and the rest days; the newest first."""
    return rows(conn, RecordedDay, DAYS, {"user_id": user_id, "back": back})


# The share is what it was at the first booking; only an outage that becomes known later raises it.
OPEN: LiteralString = """
INSERT INTO booked_days (user_id, day, streak_share)
VALUES (%(user_id)s, %(day)s, %(streak_share)s)
ON CONFLICT (user_id, day) DO NOTHING
"""

SET: LiteralString = """
INSERT INTO daily_records AS kept (user_id, day, stat, count, logged_late, xp, warrior, mage)
SELECT %(user_id)s, %(day)s, stat, count, %(late)s, xp, warrior, mage
FROM jsonb_to_recordset(%(records)s::jsonb) AS records (stat text, count int, xp int, warrior int, mage int)
WHERE count > 0
ON CONFLICT (user_id, day, stat) DO UPDATE
SET count = EXCLUDED.count,
    logged_late = kept.logged_late AND EXCLUDED.logged_late,
    xp = EXCLUDED.xp,
    warrior = EXCLUDED.warrior,
    mage = EXCLUDED.mage
"""

CLEAR: LiteralString = """
DELETE FROM daily_records WHERE user_id = %(user_id)s AND day = %(day)s AND stat = ANY(%(stats)s)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What is logged of a stat for a day, 0 being nothing, and what it is worth."""

    stat: str
    count: int
    worth: Worth


def put(conn: Connection, user_id: int, day: date, records: Sequence[Record], *, share: int, late: bool) -> None:
    """Set what is logged for a day to these records; stats that are not named stay as they are.

    `share` is fixed when this is the first of the day. `late` holds for stats that are new; what was in time stays so.
    """
    gone = [record.stat for record in records if not record.count]
    written = json.dumps([{"stat": each.stat, "count": each.count, **as_dict(each.worth)} for each in records])
    values = {"user_id": user_id, "day": day}
    conn.execute(OPEN, {**values, "streak_share": share})
    conn.execute(SET, {**values, "records": written, "late": late})
    if gone:
        conn.execute(CLEAR, {**values, "stats": gone})


# Days that may have been booked before an outage was known.
BOOKED_SINCE: LiteralString = """
SELECT user_id, day
FROM booked_days
JOIN users USING (user_id)
WHERE day > local_day(%(began)s, time_zone)
ORDER BY user_id, day
"""


@dataclass(frozen=True, slots=True)
class BookedDay:
    user_id: int
    day: date


def booked_since(conn: Connection, began: datetime) -> Cursor[BookedDay]:
    """Every booked day after the one on which something began, of each member's own calendar."""
    return rows(conn, BookedDay, BOOKED_SINCE, {"began": began})


RAISE: LiteralString = """
UPDATE booked_days SET streak_share = %(share)s
WHERE user_id = %(user_id)s AND day = %(day)s AND streak_share < %(share)s
"""


def raise_share(conn: Connection, user_id: int, day: date, share: int) -> None:
    conn.execute(RAISE, {"user_id": user_id, "day": day, "share": share})


def _worths(figures: Mapping[str, tuple[int, int, int]]) -> dict[str, Worth]:
    return {stat: Worth(*each) for stat, each in figures.items()}


def _dates(ordinals: str) -> tuple[date, ...]:
    return tuple(map(date.fromordinal, map(int, ordinals.split(",") if ordinals else ())))


def _date_set(ordinals: str) -> frozenset[date]:
    return frozenset(_dates(ordinals))
