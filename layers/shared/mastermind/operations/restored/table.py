"""Counts and reads a whole database; all of it with the owner's role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 # pydantic reads the annotations
from typing import TYPE_CHECKING, LiteralString, cast

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.game.privacy.rules import Deletion
    from mastermind.postgres.connection import Connection, Cursor

LOST: LiteralString = """
SELECT
    (SELECT count(*) FROM users WHERE created_at > %(since)s) AS members,
    count(DISTINCT user_id) AS players,
    count(*) FILTER (WHERE source = 'tensey' AND kind = 'award') AS ticks,
    coalesce(sum(xp), 0)::bigint AS xp,
    (SELECT max(at) FROM interactions_done) AS last_at
FROM xp_ledger
WHERE at > %(since)s
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """What would be gone: who joined, who earned XP, the ticks and the XP; and when somebody last did anything."""

    members: int
    players: int
    ticks: int
    xp: int
    last_at: datetime | None


def lost(conn: Connection, since: datetime) -> Cursor[Lost]:
    return rows(conn, Lost, LOST, {"since": since})


# The names are quoted here, because no value can stand for one in a statement.
TABLES: LiteralString = """
SELECT format('%%I.%%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = %(schema)s ORDER BY 1
"""


def tables(conn: Connection) -> Cursor[str]:
    """The names of the tables, as statements take them."""
    return value(conn, str, TABLES, {"schema": "public"})


def warm(conn: Connection, table: str) -> Cursor[int]:
    """Read every row of one of the `tables`, and refresh its statistics; returns how many rows it has.

    Counting whole rows reads the table itself, where count(*) may be content with an index.
    """
    conn.execute(cast("LiteralString", f"ANALYZE {table}"))
    counted = cast("LiteralString", f"SELECT count(whole) AS count FROM {table} AS whole")  # noqa: S608 # quoted above
    return value(conn, int, counted)


OFF_THE_BOARD: LiteralString = """
SELECT count(*) AS count
FROM users
LEFT JOIN xp_totals ON xp_totals.user_id = users.user_id AND period = 'all' AND board = 'xp'
WHERE coalesce(total, 0) <> xp
"""


def off_the_board(conn: Connection) -> Cursor[int]:
    """How many members have another total on the all-time board than XP."""
    return value(conn, int, OFF_THE_BOARD)


# Who joined before their deletion ended, and still has a row; and which of these deletions the database has itself,
# and knows to be in the log.
FORGOTTEN: LiteralString = """
SELECT
    (
        SELECT count(DISTINCT users.user_id)
        FROM users
        JOIN unnest(%(users)s::bigint[], %(ends)s::timestamptz[]) AS log (user_id, ended)
            ON log.user_id = users.user_id AND users.created_at <= log.ended
    ) AS still_there,
    (
        SELECT count(*)
        FROM deletions
        WHERE logged_at IS NOT NULL AND interaction_id = ANY(%(interactions)s::bigint[])
    ) AS known,
    (SELECT count(*) FROM deletions WHERE logged_at IS NOT NULL) AS logged
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Of some deletions: the members who are still there, how many of them the database knows, and knows in all."""

    still_there: int
    known: int
    logged: int


def forgotten(conn: Connection, log: Sequence[Deletion]) -> Cursor[Forgotten]:
    asked_for = {
        "users": [one.user_id for one in log],
        "ends": [one.ended for one in log],
        "interactions": [one.interaction_id for one in log],
    }
    return rows(conn, Forgotten, FORGOTTEN, asked_for)
