"""What ranks and boards cost among a million members: pages of 8 kB that PostgreSQL touches, and milliseconds.

Each question is asked twice: as the game asks it, and as a naive query would. Pages are the same on a busy machine and
on an idle one; milliseconds are for the ratio between the two.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, cast

from rich.console import Console
from rich.table import Table

from bench import pages
from devkit.postgres import OWNER, temporary
from mastermind.deadline import Deadline
from mastermind.game.factions import table as factions
from mastermind.game.standings import table as standings
from mastermind.game.standings.rules import TENSEY, XP, Board, Reach
from mastermind.operations.migrations import runner as migrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psycopg

    from devkit.postgres import Postgres

    type Connection = psycopg.Connection[tuple[Any, ...]]

ROOT = Path(__file__).parent.parent
MEMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ZONE = "America/New_York"
LINES = 10
LEDGER = 20
"""Ledger rows of each member."""

BOOKINGS = 20_000
"""Bookings between the two times that each question is asked: nothing of what they changed is vacuumed."""

WRITERS = 16
STAT = "approaches"

# Ids like Discord's, made over eleven years; a fiftieth is hidden. Few have much: of all time up to 300 000 XP, this
# month 30 000, this week 3 000, by the cube of an even spread; a third of the members have done nothing this week.
# Weeks and months are in hundreds, so that tens of thousands have the same.
USERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden, social_freedom_exercises_tenseys, xp, faction)
SELECT
    (number * 340000000000 / %(many)s)::bigint << 22, 'Member ' || number, %(zone)s, number %% 50 = 0,
    floor(304 * power(share, 3)), floor(30000 * power(share, 3)) * 10,
    CASE WHEN number %% 2 = 0 THEN 'Luminarchs' ELSE 'Noctivores' END
FROM (
    SELECT number, (number * 104729 %% %(many)s)::float / %(many)s AS share
    FROM generate_series(1, %(many)s::bigint) AS number
) AS spread
"""
TOTALS: LiteralString = """
INSERT INTO xp_totals (period, board, user_id, total, hidden)
SELECT period, %(board)s, user_id, total, hidden
FROM users
CROSS JOIN period_now(%(reach)s, %(zone)s) AS now
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN %(board)s = 'tensey' THEN social_freedom_exercises_tenseys
        ELSE xp / %(part)s / 100 * 100 + CASE %(part)s WHEN 1 THEN xp %% 100 ELSE 0 END
    END AS total
) AS of
WHERE total > 0
"""
FACTION_TOTALS: LiteralString = """
INSERT INTO faction_totals (period, faction, part, xp, active)
SELECT period, faction, faction_part(user_id), sum(total), count(*) FROM xp_totals JOIN users USING (user_id)
WHERE board = 'xp' AND period NOT SIMILAR TO '____-__' AND NOT users.hidden GROUP BY 1, 2, 3
"""
LEDGER_ROWS: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, at)
SELECT user_id, 100, 'award', 'tensey', user_id || ':' || nth, date '2025-12-01' + nth, timestamptz '2025-12-01'
FROM generate_series(1, %(rows)s) AS nth, users
"""
LEDGER_KEY: LiteralString = """
ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_source_source_id_kind_key; DROP INDEX xp_ledger_of_member
"""
LEDGER_KEY_AGAIN: LiteralString = """
SET maintenance_work_mem = '1GB';
ALTER TABLE xp_ledger ADD UNIQUE (source, source_id, kind);
CREATE INDEX xp_ledger_of_member ON xp_ledger (user_id, id DESC)
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
SELECT now.period, %(board)s, user_id, sum(count), hidden
FROM period_now(%(reach)s, %(zone)s) AS now
JOIN daily_records ON period_of(%(reach)s, day) = now.period
JOIN users USING (user_id)
GROUP BY now.period, user_id, hidden
"""
RECORDS: LiteralString = """
INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)
SELECT user_id, day, %(stat)s, 1 + ((user_id >> 22) %% 17)::int, false, 100, 3, 0 FROM booked_days
"""
TABLES: LiteralString = "VACUUM (ANALYZE, FREEZE)"

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
CHOSEN: LiteralString = "SELECT user_id FROM users ORDER BY hashint8(user_id) OFFSET %(first)s LIMIT %(many)s"
WAITING: LiteralString = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a query took: pages touched and milliseconds."""

    pages: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the game with its values, and the naive one."""

    what: str
    query: LiteralString
    values: Mapping[str, object]
    naive: LiteralString | None = None


def main() -> None:
    console = Console()
    with tempfile.TemporaryDirectory(prefix="mastermind-ranks-") as name, console.status("making members") as status:
        folder = Path(name)
        folder.chmod(0o755)
        size = {"shared_buffers": "1GB", "max_wal_size": "8GB"}
        with temporary(folder / "postgres", settings=size) as postgres:
            migrations.apply(postgres.settings(OWNER), ROOT / "migrations", Deadline.after(60))
            with closing(postgres.as_superuser()) as conn:
                began = time.monotonic()
                fill(conn)
                made = f"Made in {time.monotonic() - began:,.0f} seconds."
                console.print(made)
                status.update("asking")
                asked = list(questions(conn))
                first = [cost(conn, one.query, one.values) for one in asked]
                naive = [cost(conn, one.naive, one.values) if one.naive else None for one in asked]
                status.update("booking")
                booked = bookings(conn)
                status.update("asking again")
                shown = table(asked, first, [cost(conn, one.query, one.values) for one in asked], naive)
                console.print(shown, booked)
                status.update("booking at once")
                at_once = crowd(postgres, conn)
                console.print(at_once)
    pages.write("ranks", "make bench-ranks", shown, made, booked, at_once)


def fill(conn: Connection) -> None:
    """A million members and what they have, as the triggers would leave it; the trigger on totals counts them."""
    conn.execute("SET session_replication_role = replica; SET jit = off")
    conn.execute("ALTER TABLE xp_totals ENABLE ALWAYS TRIGGER count_new")
    conn.execute(USERS, {"many": MEMBERS, "zone": ZONE})
    conn.execute(DAYS, {"zone": ZONE})
    conn.execute(RECORDS, {"stat": STAT})
    for reach, part in ((Reach.ALL, 1), (Reach.MONTH, 10), (Reach.WEEK, 100)):
        conn.execute(TOTALS, {"board": XP, "reach": reach, "zone": ZONE, "part": part})
        conn.execute(STAT_TOTALS, {"board": STAT, "reach": reach, "zone": ZONE})
    conn.execute(TOTALS, {"board": TENSEY, "reach": Reach.ALL, "zone": ZONE, "part": 1})
    conn.execute(FACTION_TOTALS)
    conn.execute(LEDGER_KEY)
    conn.execute(LEDGER_ROWS, {"rows": LEDGER})
    conn.execute(LEDGER_KEY_AGAIN)
    conn.execute("ALTER TABLE xp_totals ENABLE TRIGGER count_new")
    conn.execute(TABLES)
    conn.execute("RESET session_replication_role")


def questions(conn: Connection) -> Iterator[Question]:
    """The card, each board by its own place and four pages, and the factions; asked by the member in the middle."""
    row = conn.execute(MIDDLE, {"place": MEMBERS // 2}).fetchone()
    assert row
    own = {"user_id": row[0], "time_zone": ZONE}
    yield Question("scorecard with its rank", standings.SCORECARD, own | {"values": ["overall_state"]}, NAIVE_RANK)
    for board in (*(Board(XP, reach) for reach in Reach), Board(TENSEY), *(Board(STAT, reach) for reach in Reach)):
        asked = own | {"board": board.key, "reach": board.reach, "size": LINES, "ahead": standings.AHEAD, "before": 0}
        title = f"{board.key}, {board.reach}"
        yield Question(f"{title}: own place", standings.STANDING, asked)
        for where, before in (("first", 0), ("middle", MEMBERS // 4), ("last", MEMBERS), ("own", None)):
            yield Question(f"{title}: {where} page", standings.PAGE, asked | {"before": before}, NAIVE_PAGE)
    yield Question("factions", factions.FACTIONS, own, NAIVE_FACTIONS)
    named = {"among": factions.AMONG, "named": factions.NAMED}
    yield Question("the first of a faction", factions.CHAMPIONS, own | named)


def table(asked: list[Question], first: list[Cost], again: list[Cost], naive: list[Cost | None]) -> Table:
    columns = ("what", "pages", "ms", "pages, unvacuumed", "ms, unvacuumed", "naive: pages", "naive: ms")
    shown = Table(*columns, title=f"{MEMBERS:,} members, {MEMBERS * LEDGER:,} ledger rows")
    for column in shown.columns[1:]:
        column.justify = "right"
    for one, *costs in zip(asked, first, again, naive, strict=True):
        figures = [(f"{each.pages:,}", f"{each.milliseconds:,.1f}") if each else ("", "") for each in costs]
        shown.add_row(one.what, *(figure for pair in figures for figure in pair))
    return shown


def cost(conn: Connection, query: LiteralString, values: Mapping[str, object]) -> Cost:
    """Of the second of two runs: the first one warms the cache."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query
    conn.execute(explain, values)
    plan = cast("Any", conn.execute(explain, values).fetchone())[0][0]
    touched = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return Cost(touched, plan["Planning Time"] + plan["Execution Time"])


def chosen(conn: Connection, first: int, many: int) -> list[int]:
    """Members in an order that follows from nothing else."""
    return [user_id for (user_id,) in conn.execute(CHOSEN, {"first": first, "many": many}).fetchall()]


def bookings(conn: Connection) -> str:
    """What a challenge's XP take among so many members: bytes of the write-ahead log, and how many come in a second."""
    members = chosen(conn, 0, min(BOOKINGS, MEMBERS))
    before = conn.execute("SELECT pg_current_wal_insert_lsn(), clock_timestamp()").fetchone()
    for user_id in members:
        conn.execute(BOOK, {"user_id": user_id, "zone": ZONE})
    row = conn.execute(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)::bigint,"
        " extract(epoch FROM clock_timestamp() - %s)::float",
        before,
    ).fetchone()
    assert row
    many = len(members)
    return f"A booking: {row[0] / many:,.0f} bytes of log; {many / row[1]:,.0f} a second, one after the other"


def crowd(postgres: Postgres, conn: Connection) -> str:
    """The same by many at once, each with members of their own: how many come in a second, and who waits for a lock."""
    each = min(1_000, MEMBERS // WRITERS // 2)

    def write(nth: int) -> None:
        with closing(postgres.as_superuser()) as writer:
            for user_id in chosen(writer, MEMBERS // 2 + nth * each, each):
                writer.execute(BOOK, {"user_id": user_id, "zone": ZONE})

    waiting, done = list[int](), threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            ((now,),) = conn.execute(WAITING).fetchall()
            waiting.append(now)

    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        watched = threads.submit(watch)
        list(threads.map(write, range(WRITERS)))
        done.set()
        watched.result()
    rate = WRITERS * each / (time.monotonic() - began)
    average = sum(waiting) / max(len(waiting), 1)
    return f"{WRITERS} writers at once: {rate:,.0f} a second; {average:.1f} of them wait for a lock on average"


if __name__ == "__main__":
    main()
