"""What a member's days brought, from the ledger and the records of the days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mastermind.postgres.connection import Connection, Cursor

MOST_ROWS = 20_000
"""Rows of the ledger that are looked at, the newest first: far more than a busy year has."""

SELF: LiteralString = """
SELECT
    user_id, display_name, avatar, level,
    local_day(clock_timestamp(), time_zone) AS today, local_day(created_at, time_zone) AS joined
FROM users
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Self:
    """The member themself, on their today."""

    user_id: int
    display_name: str
    avatar: str
    level: int
    today: date
    joined: date


def find(conn: Connection, user_id: int) -> Cursor[Self]:
    """The member; no row for who was never met."""
    return rows(conn, Self, SELF, {"user_id": user_id})


DAYS: LiteralString = """
WITH asked AS MATERIALIZED (
    SELECT local_day(clock_timestamp(), time_zone) - %(back)s::int AS first FROM users WHERE user_id = %(user_id)s
),
earned AS (
    SELECT
        day,
        coalesce(sum(xp) FILTER (WHERE source = 'stats'), 0)::bigint AS logged,
        coalesce(sum(xp) FILTER (WHERE source IN ('tensey', 'today')), 0)::bigint AS challenges,
        coalesce(sum(xp) FILTER (WHERE source NOT IN ('stats', 'tensey', 'today')), 0)::bigint AS other,
        count(*) FILTER (WHERE source = 'tensey' AND kind = 'award')
            - count(*) FILTER (WHERE source = 'tensey' AND kind = 'reversal') AS done
    FROM (
        SELECT day, xp, source, kind FROM xp_ledger WHERE user_id = %(user_id)s ORDER BY id DESC LIMIT %(most)s
    ) AS newest
    WHERE day >= (SELECT first FROM asked)
    GROUP BY day
),
recorded AS (
    SELECT
        day, jsonb_object_agg(stat, count) AS counts,
        jsonb_object_agg(stat, jsonb_build_array(xp, warrior, mage)) AS worths
    FROM daily_records
    WHERE user_id = %(user_id)s AND day >= (SELECT first FROM asked)
    GROUP BY day
)
SELECT
    day, coalesce(logged, 0) AS logged, coalesce(challenges, 0) AS challenges, coalesce(other, 0) AS other,
    coalesce(done, 0) AS done, coalesce(counts, '{}') AS counts, coalesce(worths, '{}') AS worths
FROM earned FULL JOIN recorded USING (day)
ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day with anything on it: the XP that it booked, by what brought it, and what was logged and done.

    `worths` are, for each stat that was logged, XP before bonuses and the points of warrior and mage.
    """

    day: date
    logged: int = 0
    challenges: int = 0
    other: int = 0
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    worths: Mapping[str, tuple[int, int, int]] = field(default_factory=dict[str, "tuple[int, int, int]"])


def days(conn: Connection, user_id: int, back: int) -> Cursor[PastDay]:
    """The member's days since `back` days ago that have anything, the oldest first."""
    return rows(conn, PastDay, DAYS, {"user_id": user_id, "back": back, "most": MOST_ROWS})
