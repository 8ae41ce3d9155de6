"""Leaderboards: their pages, and where a member stands on them.

Listed is who is visible and has more than nothing in the board's time; most first, equals by their id. Rank is the
number of listed members with more, plus one, so equals share it (contracts, Figures).

The boards of XP and of challenges are read from xp_totals along an index; how many precede is told by buckets, so that
only the rest of one bucket is counted off. Those of stats count whoever has logged that stat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.db.exchange import ask

if TYPE_CHECKING:
    from datetime import date

    from psycopg import Cursor

    from mastermind.db.connection import Connection
    from mastermind.domain.boards import Board

# Bucket 0 of all time holds those who have nothing, too: who is listed with less than a bucket's width is counted.
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
    SELECT bucket, members
    FROM board_buckets
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND bucket > 0
)
SELECT
    user_id, display_name, total, hidden,
    (SELECT 1 + coalesce(sum(members), 0) FROM buckets WHERE bucket > own.bucket)::bigint + (
        SELECT count(*)
        FROM xp_totals AS rivals
        WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT rivals.hidden AND rivals.total > 0
            AND rivals.total > own.total
            AND rivals.total < (own.bucket + 1) * bucket_width(%(board)s)
    ),
    (SELECT coalesce(sum(members), 0) FROM buckets)::bigint + (
        SELECT count(*)
        FROM xp_totals AS others
        WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT others.hidden AND others.total > 0
            AND others.total < bucket_width(%(board)s)
    ),
    first_day, last_day
FROM own, asked
"""

# The buckets tell in which of them the page begins, so that only what stands before it there has to be counted off.
# The conditions repeat those of the index: without them PostgreSQL would not use xp_totals_listed. Equals share a rank:
# that of the first line's equals may have begun on an earlier page, all others begin on this one.
PAGE: LiteralString = """
WITH asked AS MATERIALIZED (SELECT period FROM period_now(%(reach)s, %(time_zone)s)),
full_buckets AS MATERIALIZED (
    SELECT bucket, members
    FROM board_buckets
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND bucket > 0 AND members > 0
    UNION ALL
    SELECT 0, count(*)
    FROM xp_totals
    WHERE period = (SELECT period FROM asked) AND board = %(board)s AND NOT hidden AND total > 0
        AND total < bucket_width(%(board)s)
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
    END,
    user_id, display_name, total
FROM numbered JOIN users USING (user_id)
ORDER BY place
"""

STAT_STANDING: LiteralString = """
WITH asked AS MATERIALIZED (SELECT * FROM period_now(%(reach)s, %(time_zone)s)),
tally AS MATERIALIZED (
    SELECT user_id, total FROM users_stats WHERE stat = %(board)s AND %(reach)s::text = 'all'
    UNION ALL
    SELECT user_id, sum(count)::bigint
    FROM daily_records
    WHERE stat = %(board)s AND %(reach)s::text <> 'all'
        AND day BETWEEN (SELECT first_day FROM asked) AND (SELECT last_day FROM asked)
    GROUP BY user_id
),
own AS (
    SELECT user_id, display_name, hidden, coalesce(total, 0) AS total
    FROM users LEFT JOIN tally USING (user_id)
    WHERE user_id = %(user_id)s
)
SELECT
    own.user_id, own.display_name, own.total, own.hidden,
    1 + count(listed.total) FILTER (WHERE listed.total > own.total),
    count(listed.total),
    first_day, last_day
FROM own
CROSS JOIN asked
LEFT JOIN (SELECT total FROM tally JOIN users USING (user_id) WHERE NOT hidden) AS listed ON true
GROUP BY own.user_id, own.display_name, own.total, own.hidden, first_day, last_day
"""

STAT_PAGE: LiteralString = """
WITH asked AS MATERIALIZED (SELECT * FROM period_now(%(reach)s, %(time_zone)s)),
tally AS (
    SELECT user_id, total FROM users_stats WHERE stat = %(board)s AND %(reach)s::text = 'all'
    UNION ALL
    SELECT user_id, sum(count)::bigint
    FROM daily_records
    WHERE stat = %(board)s AND %(reach)s::text <> 'all'
        AND day BETWEEN (SELECT first_day FROM asked) AND (SELECT last_day FROM asked)
    GROUP BY user_id
),
listed AS MATERIALIZED (
    SELECT user_id, display_name, total FROM tally JOIN users USING (user_id) WHERE NOT hidden
),
wanted AS MATERIALIZED (
    SELECT least(
        coalesce(
            %(before)s::bigint,
            (
                SELECT count(*)
                FROM listed AS me
                JOIN listed AS rivals
                    ON rivals.total >= me.total AND (rivals.total > me.total OR rivals.user_id < me.user_id)
                WHERE me.user_id = %(user_id)s
            )
        ),
        (SELECT greatest(count(*) - 1, 0) FROM listed)
    ) / %(size)s * %(size)s AS before
),
lines AS MATERIALIZED (
    SELECT user_id, display_name, total
    FROM listed
    ORDER BY total DESC, user_id
    OFFSET (SELECT before FROM wanted)
    LIMIT %(size)s
),
numbered AS (
    SELECT user_id, display_name, total, before + row_number() OVER (ORDER BY total DESC, user_id) AS place
    FROM lines, wanted
)
SELECT
    place,
    CASE
        WHEN total < (SELECT max(total) FROM lines) THEN min(place) OVER (PARTITION BY total)
        ELSE (SELECT 1 + count(*) FROM listed AS rivals WHERE rivals.total > (SELECT max(total) FROM lines))
    END,
    user_id, display_name, total
FROM numbered
ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands, listed or not: the rank of who is `hidden` or has nothing is the one they would have.

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a board: `place` counts the lines from 1, while equals share a `rank`."""

    place: int
    rank: int
    user_id: int
    display_name: str
    total: int


def standing(conn: Connection, board: Board, time_zone: str, user_id: int) -> Cursor[Standing]:
    """How a member stands; no row for someone the game has never met. `time_zone` says which week or month it is."""
    query = STAT_STANDING if board.is_of_stat else STANDING
    return ask(conn, Standing, query, board=board.key, reach=board.reach, time_zone=time_zone, user_id=user_id)


def page(
    conn: Connection, board: Board, time_zone: str, user_id: int, *, before: int | None, size: int
) -> Cursor[Entry]:
    """The page of `size` lines that `before` others precede, or the last page when there are not so many.

    Without `before` it is the page with the member's own line, and the first when they have none.
    """
    return ask(
        conn,
        Entry,
        STAT_PAGE if board.is_of_stat else PAGE,
        board=board.key,
        reach=board.reach,
        time_zone=time_zone,
        user_id=user_id,
        before=before,
        size=size,
    )
