"""Leaderboards and scorecards: the pages of a board, where a member stands on it, and all of one member's figures.

A board lists visible members with more than nothing in its time; most first, equals by their id. Rank is the
number of listed members with more, plus one, so equals share it; hidden members see the rank they would have.

Every board is read from xp_totals along an index. Buckets say how many members come before, so that only the rest of
one bucket is counted row by row; a stat is one bucket as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.catalogue.rules import STATE
from mastermind.game.days.streaks import Streak
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Cursor

    from mastermind.game.standings.rules import Board
    from mastermind.postgres.connection import Connection

# Bucket 0 is counted where it is not kept: of all time, and of stats.
STANDING: LiteralString = """
WITH asked AS MATERIALIZED (SELECT * FROM period_now(%(reach)s, %(time_zone)s)),
own AS (
    SELECT
        user_id, display_name, hidden, greatest(coalesce(total, 0), 0) AS total,
        greatest(coalesce(total, 0), 0) / bucket_width(%(board)s) AS bucket
    FROM users
    LEFT JOIN (
        SELECT user_id, total FROM xp_totals WHERE period = (SELECT period FROM asked) AND board = %(board)s
    ) AS totals USING (user_id)
    WHERE user_id = %(user_id)s
),
buckets AS MATERIALIZED (
    SELECT bucket, members FROM board_buckets WHERE period = (SELECT period FROM asked) AND board = %(board)s
)
SELECT
    user_id, display_name, total, hidden,
    (SELECT 1 + coalesce(sum(members), 0) FROM buckets WHERE bucket > own.bucket)::bigint + (
        SELECT count(*)
        FROM xp_totals AS rivals
        WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT rivals.hidden AND rivals.total > 0
            AND rivals.total > own.total
            AND rivals.total < (own.bucket + 1) * bucket_width(%(board)s)
    ) AS rank,
    (SELECT coalesce(sum(members), 0) FROM buckets)::bigint + (
        SELECT count(*)
        FROM xp_totals AS others
        WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT others.hidden AND others.total > 0
            AND others.total < bucket_width(%(board)s)
            AND (%(reach)s::text = 'all' OR %(board)s NOT IN ('tensey', 'xp'))
    ) AS members,
    first_day, last_day
FROM own, asked
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands; one who is `hidden` or has nothing gets the rank they would have.

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


# The buckets show in which of them the page begins, so that only the rows before it in that one have to be counted.
# The conditions repeat those of the index: without them PostgreSQL would not use xp_totals_listed. Equals share a rank:
# that of the first line's equals may have begun on an earlier page, all others begin on this one.
PAGE: LiteralString = """
WITH asked AS MATERIALIZED (SELECT period FROM period_now(%(reach)s, %(time_zone)s)),
full_buckets AS MATERIALIZED (
    SELECT bucket, members
    FROM board_buckets
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND members > 0
    UNION ALL
    SELECT 0, count(*)
    FROM xp_totals
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT hidden AND total > 0
        AND total < bucket_width(%(board)s)
        AND (%(reach)s::text = 'all' OR %(board)s NOT IN ('tensey', 'xp'))
    HAVING count(*) > 0
),
buckets AS MATERIALIZED (
    SELECT bucket, members, (sum(members) OVER (ORDER BY bucket DESC) - members)::bigint AS ahead FROM full_buckets
),
own AS (
    SELECT ahead + (
        SELECT count(*)
        FROM xp_totals AS rivals
        WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT rivals.hidden AND rivals.total > 0
            AND rivals.total >= me.total
            AND rivals.total < (buckets.bucket + 1) * bucket_width(%(board)s)
            AND (rivals.total > me.total OR rivals.user_id < me.user_id)
    ) AS before
    FROM xp_totals AS me
    JOIN buckets ON bucket = me.total / bucket_width(%(board)s)
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND user_id = %(user_id)s
        AND NOT hidden AND total > 0
),
wanted AS MATERIALIZED (
    SELECT least(
        coalesce(%(before)s::bigint, (SELECT before FROM own), 0), (SELECT max(ahead + members) - 1 FROM buckets)
    )::bigint / %(size)s * %(size)s AS before
),
beginning AS MATERIALIZED (
    SELECT ahead, before - ahead AS passed, (bucket + 1) * bucket_width(%(board)s) AS above
    FROM buckets, wanted
    WHERE ahead <= before
    ORDER BY ahead DESC
    LIMIT 1
),
lines AS MATERIALIZED (
    SELECT user_id, total
    FROM xp_totals
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT hidden AND total > 0
        AND total < (SELECT above FROM beginning)
    ORDER BY total DESC, user_id
    OFFSET (SELECT passed FROM beginning)
    LIMIT %(size)s
),
numbered AS (
    SELECT user_id, total, before + row_number() OVER (ORDER BY total DESC, user_id) AS place FROM lines, wanted
)
SELECT
    place,
    CASE
        WHEN total < (SELECT max(total) FROM lines) THEN min(place) OVER (PARTITION BY total)
        ELSE (SELECT 1 + ahead FROM beginning) + (
            SELECT count(*)
            FROM xp_totals AS rivals
            WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT rivals.hidden AND rivals.total > 0
                AND rivals.total > (SELECT max(total) FROM lines)
                AND rivals.total < (SELECT above FROM beginning)
        )
    END AS rank,
    user_id, display_name, total
FROM numbered JOIN users USING (user_id)
ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of a board: `place` counts the lines from 1, while equals share a `rank`."""

    place: int
    rank: int
    user_id: int
    display_name: str
    total: int


def page(
    conn: Connection, board: Board, time_zone: str, user_id: int, *, before: int | None, size: int
) -> Cursor[BoardLine]:
    """The page of `size` lines that `before` others precede, or the last page when there are not so many.

    Without `before` it is the page with the member's own line, and the first when they have none.
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
        },
    )


# Everyone in a higher bucket has more XP; in the member's own bucket of 100 XP the members themselves are counted.
SCORECARD: LiteralString = """
SELECT
    user_id, display_name, greatest(xp, 0) AS xp, level,
    (
        SELECT 1 + coalesce(sum(members), 0)
        FROM rank_buckets
        WHERE board = 'xp' AND bucket > greatest(me.xp, 0) / 100
    )::bigint + (
        SELECT count(*)
        FROM users AS rivals
        WHERE NOT rivals.hidden
            AND rivals.xp > me.xp
            AND rivals.xp < (greatest(me.xp, 0) / 100 + 1) * 100
    ) AS rank,
    social_freedom_exercises_tenseys AS challenges_done, coalesce(faction, '') AS faction, hidden,
    ARRAY(SELECT challenge_id FROM tensey_completions AS live WHERE live.user_id = me.user_id) AS completed,
    coalesce(
        (SELECT jsonb_object_agg(stat, total) FROM users_stats AS totals WHERE totals.user_id = me.user_id), '{}'
    ) AS counts,
    (SELECT count(*) FROM daily_records AS records WHERE records.user_id = me.user_id AND stat = %(state)s) AS states
FROM users AS me
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Where a member stands; `xp` below zero shows as 0, and a `hidden` member is on no board.

    `challenges_done` have been awarded; `completed` holds the ids of these and of the ticks that wait for their XP.
    `counts` is what they logged of each stat in all, `states` on how many days their state.
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
    states: int = 0
    streak: Streak = field(default_factory=Streak)


def scorecard(conn: Connection, user_id: int) -> Cursor[Scorecard]:
    """The member's scorecard without their streak, which follows from their days; no row for somebody never met."""
    return rows(conn, Scorecard, SCORECARD, {"user_id": user_id, "state": STATE}, completed=tuple)
