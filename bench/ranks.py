"""What ranks and boards cost among a million members: pages of 8 kB that PostgreSQL touches, and milliseconds.

Each question is asked twice: as the game asks it, and as a naive query would. Pages are the same on a busy machine and
on an idle one; milliseconds are for the ratio between the two.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

from rich.console import Console
from rich.table import Table

from bench import pages
from devkit.postgres import OWNER, temporary
from mastermind.deadline import Deadline
from mastermind.game.catalogue.rules import STATE
from mastermind.game.factions import table as factions
from mastermind.game.standings import table as standings
from mastermind.game.standings.rules import TENSEY, XP, Board, Reach
from mastermind.operations.migrations import runner as migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

    type Connection = psycopg.Connection[tuple[Any, ...]]

ROOT = Path(__file__).parent.parent
MEMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ZONE = "America/New_York"
LINES = 10
BOOKINGS = 500
STAT = "approaches"

# Ids like Discord's; a fiftieth is hidden. Few have much: of all time up to 300 000 XP, this month 30 000, this week
# 8 000, by the cube of an even spread; half of the members have done nothing this week.
USERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden, social_freedom_exercises_tenseys, xp, faction)
SELECT
    (1400000000 + number * 7919 %% %(many)s * 61)::bigint << 22, 'Member ' || number, %(zone)s, number %% 50 = 0,
    floor(304 * power(share, 3)), floor(30000 * power(share, 3)) * 10,
    CASE WHEN number %% 2 = 0 THEN 'Luminarchs' ELSE 'Noctivores' END
FROM (
    SELECT number, (number * 104729 %% %(many)s)::float / %(many)s AS share
    FROM generate_series(1, %(many)s::bigint) AS number
) AS spread
"""
TOTALS: LiteralString = """
INSERT INTO xp_totals (period, board, user_id, total, hidden)
SELECT of.period, board, user_id, total, hidden
FROM users
CROSS JOIN period_now('week', %(zone)s) AS week
CROSS JOIN (SELECT period AS month FROM period_now('month', %(zone)s)) AS months
CROSS JOIN LATERAL (
    VALUES ('all', 'xp', xp), ('all', 'tensey', social_freedom_exercises_tenseys::bigint),
        (month, 'xp', xp / 100 * 10), (week.period, 'xp', (xp / 300 - 50) / 10 * 10)
) AS of (period, board, total)
WHERE total > 0
"""
BUCKETS: LiteralString = """
INSERT INTO rank_buckets (board, bucket, members)
SELECT 'xp', xp / 100, count(*) FROM users WHERE NOT hidden GROUP BY 2
UNION ALL
SELECT 'tensey', social_freedom_exercises_tenseys, count(*) FROM users WHERE NOT hidden GROUP BY 2
"""
PERIOD_BUCKETS: LiteralString = """
INSERT INTO period_buckets (period, board, bucket, members)
SELECT period, board, total / bucket_width(board), count(*) FROM xp_totals
WHERE period <> 'all' AND board IN ('tensey', 'xp') AND NOT hidden GROUP BY 1, 2, 3
"""
FACTION_TOTALS: LiteralString = """
INSERT INTO faction_totals (period, faction, part, xp)
SELECT period, faction, faction_part(user_id), sum(total) FROM xp_totals JOIN users USING (user_id)
WHERE board = 'xp' AND period NOT SIMILAR TO '____-__' GROUP BY 1, 2, 3
"""
# A third of the members logs the stat on four days of the month.
DAYS: LiteralString = """
INSERT INTO booked_days (user_id, day, streak_share)
SELECT user_id, first_day + ((user_id >> 22) %% 7 * nth)::int, 0
FROM users CROSS JOIN period_now('month', %(zone)s), generate_series(1, 4) AS nth(nth)
WHERE (user_id >> 22) %% 3 = 0
ON CONFLICT DO NOTHING
"""
STAT_TOTALS: LiteralString = """
INSERT INTO xp_totals (period, board, user_id, total, hidden)
SELECT period, stat, user_id, sum(count), hidden
FROM daily_records JOIN users USING (user_id)
CROSS JOIN LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW')), (to_char(day, 'YYYY-MM'))) AS of (period)
GROUP BY period, stat, user_id, hidden
"""
RECORDS: LiteralString = """
INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)
SELECT user_id, day, %(stat)s, 1 + ((user_id >> 22) %% 17)::int, false, 100, 3, 0 FROM booked_days
"""
TABLES: LiteralString = """
VACUUM (ANALYZE, FREEZE) users, xp_totals, rank_buckets, period_buckets, faction_totals, booked_days, daily_records
"""

NAIVE_RANK: LiteralString = """
SELECT 1 + count(*) FROM users AS me JOIN users AS rivals ON NOT rivals.hidden AND rivals.xp > me.xp
WHERE me.user_id = %(user_id)s
"""
NAIVE_PAGE: LiteralString = """
SELECT row_number() OVER (ORDER BY total DESC, user_id), rank() OVER (ORDER BY total DESC), user_id, display_name, total
FROM xp_totals JOIN users USING (user_id)
WHERE NOT users.hidden AND total > 0 AND board = %(board)s
    AND period = (SELECT period FROM period_now(%(reach)s, %(time_zone)s))
ORDER BY total DESC, user_id
OFFSET coalesce(%(before)s::bigint, 0) LIMIT %(size)s
"""
NAIVE_FACTIONS: LiteralString = """
SELECT faction, count(*), sum(users.xp), sum(total)
FROM users LEFT JOIN xp_totals ON xp_totals.user_id = users.user_id AND board = 'xp'
    AND period = (SELECT period FROM period_now('week', %(time_zone)s))
GROUP BY faction
"""
BOOK: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
VALUES (%(user_id)s, 100, 'award', 'tensey', gen_random_uuid()::text, local_day(now(), %(zone)s))
"""
MIDDLE: LiteralString = "SELECT user_id FROM users WHERE NOT hidden ORDER BY xp DESC, user_id OFFSET %(place)s LIMIT 1"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a query took: pages touched and milliseconds."""

    pages: int
    milliseconds: float


def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory(prefix="mastermind-ranks-") as name, console.status("making members") as status:
        folder = Path(name)
        folder.chmod(0o755)
        with temporary(folder / "postgres", settings={"shared_buffers": "1GB"}) as postgres:
            migrations.apply(postgres.settings(OWNER), ROOT / "migrations", Deadline.after(60))
            with closing(postgres.as_superuser()) as conn:
                fill(conn)
                status.update("asking")
                shown = table(conn)
                console.print(shown)
                status.update("booking")
                booked = bookings(conn)
                console.print(booked)
    pages.write("ranks", "make bench-ranks", shown, booked)


def fill(conn: Connection) -> None:
    """A million members and what they have, as the triggers would leave it, but all at once."""
    conn.execute("SET session_replication_role = replica; SET jit = off")
    conn.execute(USERS, {"many": MEMBERS, "zone": ZONE})
    for query in (TOTALS, DAYS):
        conn.execute(query, {"zone": ZONE})
    conn.execute(RECORDS, {"stat": STAT})
    for query in (BUCKETS, PERIOD_BUCKETS, FACTION_TOTALS, STAT_TOTALS, TABLES):
        conn.execute(query)
    conn.execute("RESET session_replication_role")


def table(conn: Connection) -> Table:
    shown = Table("what", "pages", "ms", "naive: pages", "naive: ms", "ratio of pages", title=f"{MEMBERS:,} members")
    for column in shown.columns[1:]:
        column.justify = "right"
    for what, mine, naive in measured(conn):
        figures = [f"{mine.pages:,}", f"{mine.milliseconds:,.1f}"]
        if naive:
            figures += [f"{naive.pages:,}", f"{naive.milliseconds:,.1f}", f"{naive.pages / mine.pages:,.0f}"]
        shown.add_row(what, *figures)
    return shown


def measured(conn: Connection) -> Iterator[tuple[str, Cost, Cost | None]]:
    """What was asked, what it cost, and what the naive query costs if there is one."""
    row = conn.execute(MIDDLE, {"place": MEMBERS // 2}).fetchone()
    assert row
    own = {"user_id": row[0], "time_zone": ZONE}
    card = cost(conn, standings.SCORECARD, own | {"state": STATE})
    yield "scorecard with its rank", card, cost(conn, NAIVE_RANK, own)
    for board in (*(Board(XP, reach) for reach in Reach), Board(TENSEY), *(Board(STAT, reach) for reach in Reach)):
        asked = own | {"board": board.key, "reach": board.reach, "size": LINES, "before": 0}
        title = f"{board.key}, {board.reach}"
        yield f"{title}: own place", cost(conn, standings.STANDING, asked), None
        for where, before in (("first page", 0), ("page in the middle", MEMBERS // 4), ("own page", None)):
            at = asked | {"before": before}
            yield f"{title}: {where}", cost(conn, standings.PAGE, at), cost(conn, NAIVE_PAGE, at)
    yield "factions", cost(conn, factions.FACTIONS, own), cost(conn, NAIVE_FACTIONS, own)


def cost(conn: Connection, query: LiteralString, values: Mapping[str, object]) -> Cost:
    """Of the second of two runs: the first one warms the cache."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query
    conn.execute(explain, values)
    plan = cast("Any", conn.execute(explain, values).fetchone())[0][0]
    pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return Cost(pages, plan["Planning Time"] + plan["Execution Time"])


def bookings(conn: Connection) -> str:
    """What a challenge's XP take among so many members: bytes of the write-ahead log, and how many come in a second."""
    chosen = conn.execute("SELECT user_id FROM users ORDER BY hashint8(user_id) LIMIT %s", [BOOKINGS]).fetchall()
    before = conn.execute("SELECT pg_current_wal_insert_lsn(), clock_timestamp()").fetchone()
    for (user_id,) in chosen:
        conn.execute(BOOK, {"user_id": user_id, "zone": ZONE})
    row = conn.execute(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)::bigint,"
        " extract(epoch FROM clock_timestamp() - %s)::float",
        before,
    ).fetchone()
    assert row
    return f"A booking: {row[0] / BOOKINGS:,.0f} bytes of log; {BOOKINGS / row[1]:,.0f} a second, one after the other"


if __name__ == "__main__":
    main()
