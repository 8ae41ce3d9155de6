"""The leaderboard of challenges: its pages by an index of users, its ranks by the buckets of rank_buckets.

Listed is who is visible and has done a challenge that was awarded and not reversed; most first, equals by their id.
Rank is the number of listed members with more, plus one, so equals share it (contracts, Figures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.db.exchange import ask

if TYPE_CHECKING:
    from psycopg import Cursor

    from mastermind.db.connection import Connection

# On this board a bucket is one number of challenges, so a rank is a sum over at most as many rows as there are numbers.
STANDING: LiteralString = """
SELECT
    user_id, display_name, social_freedom_exercises_tenseys, hidden,
    (
        SELECT 1 + coalesce(sum(members), 0)
        FROM rank_buckets
        WHERE board = 'tensey' AND bucket > me.social_freedom_exercises_tenseys
    )::bigint,
    (SELECT coalesce(sum(members), 0) FROM rank_buckets WHERE board = 'tensey' AND bucket > 0)::bigint
FROM users AS me
WHERE user_id = %(user_id)s
"""

# The buckets tell with how many challenges the page begins, so that only equals have to be counted off along the index.
# The expressions repeat the index's condition: without it PostgreSQL would not use users_listed_by_tenseys.
PAGE: LiteralString = """
WITH buckets AS MATERIALIZED (
    SELECT bucket::int AS done, members, (sum(members) OVER (ORDER BY bucket DESC) - members)::bigint AS ahead
    FROM rank_buckets
    WHERE board = 'tensey' AND bucket > 0 AND members > 0
),
own AS (
    SELECT ahead + (
        SELECT count(*)
        FROM users AS equals
        WHERE NOT equals.hidden
            AND equals.social_freedom_exercises_tenseys > 0
            AND equals.social_freedom_exercises_tenseys = me.social_freedom_exercises_tenseys
            AND equals.user_id < me.user_id
    ) AS before
    FROM users AS me
    JOIN buckets ON done = social_freedom_exercises_tenseys
    WHERE user_id = %(user_id)s AND NOT hidden
),
wanted AS MATERIALIZED (
    SELECT least(
        coalesce(%(before)s::bigint, (SELECT before FROM own), 0), (SELECT max(ahead + members) - 1 FROM buckets)
    ) / %(size)s * %(size)s AS before
),
beginning AS MATERIALIZED (
    SELECT done, before - ahead AS equals_before
    FROM buckets, wanted
    WHERE ahead <= before
    ORDER BY ahead DESC
    LIMIT 1
),
listed AS (
    SELECT user_id, social_freedom_exercises_tenseys AS done
    FROM users
    WHERE NOT hidden
        AND social_freedom_exercises_tenseys > 0
        AND social_freedom_exercises_tenseys <= (SELECT done FROM beginning)
    ORDER BY social_freedom_exercises_tenseys DESC, user_id
    OFFSET (SELECT equals_before FROM beginning)
    LIMIT %(size)s
)
SELECT before + row_number() OVER (ORDER BY done DESC, user_id), 1 + ahead, user_id, display_name, done
FROM listed JOIN users USING (user_id) JOIN buckets USING (done), wanted
ORDER BY done DESC, user_id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands, listed or not: the rank of who is `hidden` or has done nothing is the one they would have.

    `members` is how many are listed.
    """

    user_id: int
    display_name: str
    done: int
    hidden: bool
    rank: int
    members: int

    @property
    def is_listed(self) -> bool:
        return self.done > 0 and not self.hidden


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the board: `place` counts the lines from 1, while equals share a `rank`."""

    place: int
    rank: int
    user_id: int
    display_name: str
    done: int


def standing(conn: Connection, user_id: int) -> Cursor[Standing]:
    """How a member stands; no row for someone the game has never met."""
    return ask(conn, Standing, STANDING, user_id=user_id)


def page(conn: Connection, user_id: int, before: int | None, size: int) -> Cursor[Entry]:
    """The page of `size` lines that `before` others precede, or the last page when there are not so many.

    Without `before` it is the page with the member's own line, and the first when they have none.
    """
    return ask(conn, Entry, PAGE, user_id=user_id, before=before, size=size)
