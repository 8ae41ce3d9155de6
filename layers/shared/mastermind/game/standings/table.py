"""Leaderboards and scorecards: the pages of a board, where a member stands on it, and all of one member's figures.

A board lists members with more than nothing in its time; most first, equals by their id. Who hides, or keeps that stat
to themselves, is not on it. Rank is the number of listed members with more, plus one, so equals share it; members who
are not listed see the rank they would have.

Every board is read from xp_totals along an index. Counters say how many members come before, so that only the rest of
one leaf is counted row by row (migrations/003_ledger_and_standings.sql).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.days.streaks import Streak
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from mastermind.game.days.marks import Mark
    from mastermind.game.standings.rules import Board
    from mastermind.postgres.connection import Connection, Cursor

# Those with more than a total are those ahead of the last line that has one more.
STANDING: LiteralString = """
WITH asked AS MATERIALIZED (SELECT * FROM period_now(%(reach)s, %(time_zone)s)),
own AS MATERIALIZED (
    SELECT
        user_id, display_name, is_unlisted(user_id, %(board)s) AS hidden,
        greatest(
            coalesce(
                (
                    SELECT total FROM xp_totals AS totals
                    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND totals.user_id = me.user_id
                ),
                0
            ),
            0
        ) AS total
    FROM users AS me
    WHERE user_id = %(user_id)s
)
SELECT
    user_id, display_name, total, hidden,
    1 + members_ahead(period, %(board)s, total + 1, 9223372036854775807) AS rank,
    members_listed(period, %(board)s) AS members,
    first_day, last_day
FROM own, asked
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands; one who is `hidden` from the board or has nothing gets the rank they would have.

    `total` below zero is 0. `members` is how many are listed. A week or a month has a first and a last day.
    """

    user_id: int
    display_name: str
    total: int
    hidden: bool
    rank: int
    members: int
    first_day: date | None = None
    last_day: date | None = None

    @property
    def is_listed(self) -> bool:
        return self.total > 0 and not self.hidden


def standing(conn: Connection, board: Board, time_zone: str, user_id: int) -> Cursor[Standing]:
    """How a member stands; no row for someone the game has never met. `time_zone` says which week or month it is."""
    return rows(
        conn, Standing, STANDING, {"board": board.key, "reach": board.reach, "time_zone": time_zone, "user_id": user_id}
    )


# Equals share a rank: that of the first line's equals may have begun on an earlier page, all others begin on this one.
# Leaf 0 has those who are not listed.
PAGE: LiteralString = """
WITH asked AS MATERIALIZED (SELECT period FROM period_now(%(reach)s, %(time_zone)s)),
own AS (
    SELECT members_ahead(period, board, total, user_id) AS before
    FROM xp_totals
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND user_id = %(user_id)s AND leaf > 0
),
wanted AS MATERIALIZED (
    SELECT period, CASE
        WHEN %(before)s::bigint IS NULL
            THEN greatest(least(coalesce((SELECT before FROM own), 0) - %(ahead)s::int, listed - %(size)s::int), 0)
        WHEN %(before)s::bigint < listed THEN %(before)s::bigint
        ELSE greatest(listed - 1, 0) / %(size)s::int * %(size)s::int
    END AS before
    FROM asked CROSS JOIN LATERAL members_listed(period, %(board)s) AS listed
),
beginning AS MATERIALIZED (
    SELECT leaf, passed FROM wanted CROSS JOIN LATERAL leaf_of_line(period, %(board)s, before)
),
lines AS MATERIALIZED (
    SELECT user_id, total
    FROM xp_totals
    WHERE period = (SELECT period FROM asked) AND board = %(board)s
        AND leaf > 0 AND leaf <= (SELECT leaf FROM beginning)
    ORDER BY leaf DESC, total DESC, user_id
    OFFSET (SELECT passed FROM beginning)
    LIMIT %(size)s
),
numbered AS (
    SELECT user_id, total, before + row_number() OVER (ORDER BY total DESC, user_id) AS place FROM lines, wanted
),
first_line AS MATERIALIZED (
    SELECT 1 + members_ahead(period, %(board)s, max(total) + 1, 9223372036854775807) AS rank, max(total) AS total
    FROM lines, asked
    GROUP BY period
)
SELECT
    place,
    CASE
        WHEN numbered.total = first_line.total THEN first_line.rank
        ELSE min(place) OVER (PARTITION BY numbered.total)
    END AS rank,
    user_id, display_name, numbered.total, level, avatar
FROM numbered JOIN users USING (user_id) CROSS JOIN first_line
ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of a board: `place` counts the lines from 1, while equals share a `rank`.

    `avatar` is a hash as in discord.interactions.Person.
    """

    place: int
    rank: int
    user_id: int
    display_name: str
    total: int
    level: int = 1
    avatar: str = ""


AHEAD = 4
"""Lines before a member's own, where it is looked for; so many places around them fit on a page."""


def page(
    conn: Connection, board: Board, time_zone: str, user_id: int, *, before: int | None, size: int
) -> Cursor[BoardLine]:
    """The `size` lines that `before` others precede, or the last page when there are not so many.

    Without `before` they are those around the member's own line, and the first when they have none.
    """
    return rows(
        conn,
        BoardLine,
        PAGE,
        {
            "board": board.key,
            "reach": board.reach,
            "time_zone": time_zone,
            "user_id": user_id,
            "before": before,
            "size": size,
            "ahead": AHEAD,
        },
    )


SCORECARD: LiteralString = """
SELECT
    user_id, display_name, greatest(xp, 0) AS xp, level,
    1 + members_ahead('all', 'xp', greatest(xp, 0) + 1, 9223372036854775807) AS rank,
    social_freedom_exercises_tenseys AS challenges_done, coalesce(faction, '') AS faction, hidden,
    ARRAY(SELECT challenge_id FROM tensey_completions AS live WHERE live.user_id = me.user_id) AS completed,
    coalesce(
        (SELECT jsonb_object_agg(stat, total) FROM users_stats AS totals WHERE totals.user_id = me.user_id), '{}'
    ) AS counts,
    coalesce(
        (
            SELECT jsonb_object_agg(stat, days)
            FROM (
                SELECT stat, count(*) AS days
                FROM daily_records AS records
                WHERE records.user_id = me.user_id AND stat = ANY(%(values)s)
                GROUP BY stat
            ) AS valued
        ),
        '{}'
    ) AS checked_in,
    ARRAY(SELECT category FROM shown_categories AS shows WHERE shows.user_id = me.user_id) AS shown
FROM users AS me
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Where a member stands; `xp` below zero shows as 0, and a `hidden` member is on no board.

    `challenges_done` have been awarded; `completed` holds the ids of these and of the ticks that wait for their XP.
    `counts` is what they logged of each stat in all, `checked_in` on how many days each that is a value. `shown` are
    the private categories that they show to everybody. `portrait` and `days` (the last two weeks, today at the end) are
    read for pictures alone.
    """

    user_id: int
    display_name: str
    xp: int
    level: int
    rank: int
    challenges_done: int
    faction: str
    hidden: bool = False
    completed: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    checked_in: Mapping[str, int] = field(default_factory=dict[str, int])
    shown: tuple[str, ...] = ()
    streak: Streak = field(default_factory=Streak)
    portrait: Portrait | None = None
    days: tuple[Mark, ...] = ()


# The rank of the week's beginning is that of the XP from before it, without those who have come past it since. Among
# more than so many active members nobody counts that.
PORTRAIT: LiteralString = """
SELECT
    avatar, members_listed('all', 'xp') AS members, joined,
    least(today - joined + 1, %(recent)s::int) AS recent_days, recent_xp,
    CASE WHEN NOT hidden AND began > 0 AND members_listed(week.period, 'xp') <= %(most_active)s THEN (
        members_ahead('all', 'xp', began + 1, 9223372036854775807)
        - members_ahead('all', 'xp', greatest(xp, 0) + 1, 9223372036854775807)
        - (
            SELECT count(*)
            FROM xp_totals AS active
            JOIN xp_totals AS totals USING (user_id, board)
            WHERE active.period = week.period AND active.board = 'xp' AND active.leaf > 0
                AND totals.period = 'all' AND totals.total > began AND totals.total - active.total <= began
        )
    ) END AS climbed
FROM users AS me
CROSS JOIN period_now('week', %(time_zone)s) AS week
CROSS JOIN LATERAL (
    SELECT
        local_day(created_at, me.time_zone) AS joined, local_day(clock_timestamp(), me.time_zone) AS today,
        xp - coalesce(
            (
                SELECT total FROM xp_totals
                WHERE period = week.period AND board = 'xp' AND xp_totals.user_id = me.user_id
            ),
            0
        ) AS began
) AS own
CROSS JOIN LATERAL (
    SELECT (
        SELECT coalesce(sum(booked_days.xp), 0)
        FROM booked_days WHERE booked_days.user_id = me.user_id AND day > today - %(recent)s::int
    ) + (
        SELECT coalesce(sum(awards.xp), 0)
        FROM pending_xp_awards AS awards
        WHERE awards.user_id = me.user_id AND status = 'awarded' AND day > today - %(recent)s::int
    ) + (
        SELECT coalesce(sum(own.xp), 0)
        FROM day_awards AS own
        WHERE own.user_id = me.user_id AND reversed_at IS NULL AND day > today - %(recent)s::int
    ) AS recent_xp
) AS pace
WHERE user_id = %(user_id)s
"""

RECENT = 28
"""Days of which the pace of a member is computed."""

MOST_ACTIVE = 1000
"""Members who were active in the week, among whom it is counted who came past whom."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a picture of a member shows beside their scorecard.

    `climbed` are the places won since the week began (negative: lost), None where nobody knows or may know. `recent_xp`
    was logged and done in the last `recent_days`: RECENT of them, or as many as there are since they `joined`.
    """

    avatar: str
    members: int
    joined: date
    recent_days: int
    recent_xp: int
    climbed: int | None


def portrait(conn: Connection, user_id: int, time_zone: str) -> Cursor[Portrait]:
    """The same member; `time_zone` says which week it is."""
    values = {"user_id": user_id, "time_zone": time_zone, "recent": RECENT, "most_active": MOST_ACTIVE}
    return rows(conn, Portrait, PORTRAIT, values, recent_xp=int)


def scorecard(conn: Connection, user_id: int, values: Sequence[str] = ()) -> Cursor[Scorecard]:
    """The member's scorecard without their streak, which follows from their days; no row for somebody never met.

    `values` are the stats that are a value of the day (Catalogue.values).
    """
    asked = {"user_id": user_id, "values": list(values)}
    return rows(conn, Scorecard, SCORECARD, asked, completed=tuple, shown=tuple)
