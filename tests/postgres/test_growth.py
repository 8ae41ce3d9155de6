"""What bounds each table, and that the sweep keeps it so: a second year of play leaves no more than the first."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import pytest
from psycopg import sql

from devkit.clock import Clock
from mastermind.game.catalogue import content as catalogue
from mastermind.postgres.pruning import prune
from tests.stories.test_histories import MISCOUNTED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.conftest import Connection, Enter

PAGE = Path(__file__).parents[2] / "docs" / "rules" / "database.md"
STATS = [stat.key for category in catalogue.load().categories for stat in category.stats]
YEAR = 364

# The days of one member, each with a tick, an undo, a refusal and a raid; week by week every stat and a change of zone.
DAYS: LiteralString = """
CREATE TEMP TABLE days ON COMMIT DROP AS
SELECT day::date AS day, day AS at, row_number() OVER (ORDER BY day) AS nth
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
"""
PLAYED: tuple[LiteralString, ...] = (
    "INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC') ON CONFLICT DO NOTHING",
    "INSERT INTO booked_days (user_id, day, streak_share) SELECT 1, day, 0 FROM days",
    """
    INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)
    SELECT 1, day, stat, 1, false, 100, 1, 1
    FROM days CROSS JOIN unnest(%(stats)s::text[]) AS stat WHERE nth %% 7 = 0
    """,
    """
    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, at)
    SELECT 1, 1, 'submit', 'stats', '1:' || day, day, at FROM days
    """,
    """
    INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at)
    SELECT 1, 'undone', 100, 'cancelled', day, at, at, at FROM days
    """,
    """
    WITH awards AS (
        INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at)
        SELECT 1, day::text, 100, 'awarded', day, at, at, at FROM days
        RETURNING award_id, day
    )
    INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
    SELECT 1, 1, 'award', 'tensey', award_id::text, day FROM awards
    """,
    """
    INSERT INTO interactions_done (interaction_id, user_id, outcome, at)
    SELECT extract(epoch FROM at), 1, '{}', at FROM days
    """,
    """
    INSERT INTO rate_limit_violations (user_id, pace, day, last_at)
    SELECT 1, 'ticks', day, at FROM days
    """,
    """
    INSERT INTO time_zone_changes (user_id, at, from_zone, to_zone)
    SELECT 1, at, 'UTC', 'Europe/Paris' FROM days WHERE nth %% 7 = 0
    """,
    """
    INSERT INTO outbox (key, kind, user_id, due_at, state, settled_at)
    SELECT day || ':' || state, 'x', 1, at, state, CASE WHEN state <> 'due' THEN at END
    FROM days CROSS JOIN unnest('{due, done, unknown}'::text[]) AS state
    """,
    """
    INSERT INTO interaction_tokens (user_id, sealed, revision, expires_at)
    SELECT 1, 'x', 'abcd', max(at) FROM days ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO raid_events (type, status, target, tick_points, started_at, ends_at, ended_at)
    SELECT 'mage', 'failed', 100, 0, at - interval '2 hours', at - interval '1 hour', at - interval '1 hour' FROM days
    """,
    "UPDATE announcements SET status = 'sent', resolved_at = now() - interval '31 days' WHERE status = 'due'",
)
CONTRIBUTED: LiteralString = """
INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)
SELECT raid_id, 1, 'stats', raid_id || ':' || points, 'grounding', 15, points
FROM raid_events CROSS JOIN (VALUES (0), (15)) AS given (points)
WHERE NOT EXISTS (SELECT FROM raid_contributions AS earlier WHERE earlier.raid_id = raid_events.raid_id)
"""


def play(owner: Connection, first: date, last: date) -> None:
    """A member's life in these days, with all that follows from it."""
    with owner.transaction():
        owner.execute(DAYS, {"first": first, "last": last})
        for statement in PLAYED:
            owner.execute(statement, {"stats": STATS})
        owner.execute("ALTER TABLE raid_contributions DISABLE TRIGGER count_contributions")  # those raids are over
        owner.execute(CONTRIBUTED)
        owner.execute("ALTER TABLE raid_contributions ENABLE TRIGGER count_contributions")
        owner.execute("UPDATE raid_events SET total = 15")


@contextmanager
def noon(owner: Connection, day: date) -> Generator[None]:
    """It is noon of that day for the functions of the database, whatever passes meanwhile."""
    clock = Clock(owner)
    try:
        clock.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        yield
    finally:
        clock.remove()


@pytest.fixture
def today(owner: Connection) -> Iterator[date]:
    """Today, and it stays so."""
    day = datetime.now(UTC).date()
    with noon(owner, day):
        yield day


def swept(award: Connection) -> int:
    """Prune until nothing is left to prune; how often that was."""
    times = 0
    while prune(award, 100):
        times += 1
    return times


def sizes(owner: Connection) -> dict[str, int]:
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {table: size(owner, table) for (table,) in tables}


def size(owner: Connection, table: str) -> int:
    row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row
    return row[0]


def section() -> dict[str, str]:
    """What the page says of each table's growth."""
    text = PAGE.read_text().partition("## Growth\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {table: bound for names, bound in lines for table in re.findall(r"`(\w+)`", names)}


def test_the_page_says_of_every_table_what_bounds_it(owner: Connection):
    assert section().keys() == sizes(owner).keys()


def test_a_second_year_adds_rows_only_to_what_is_kept(owner: Connection, award: Connection, today: date):
    play(owner, today - timedelta(YEAR), today - timedelta(1))
    assert swept(award) > 3
    one = sizes(owner)
    assert owner.execute(MISCOUNTED).fetchall() == []
    play(owner, today - timedelta(2 * YEAR), today - timedelta(YEAR + 1))
    swept(award)
    two = sizes(owner)
    grown = {table for table in two if two[table] > one[table]}
    assert grown <= {table for table, bound in section().items() if bound.startswith("kept")}
    assert {"xp_ledger", "daily_records", "pending_xp_awards"} <= grown


# --- what is deleted, and what is not yet ---

LIFE: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC');
INSERT INTO raid_events (raid_id, type, target, tick_points, started_at, ends_at)
OVERRIDING SYSTEM VALUE VALUES (1, 'mage', 100, 0, now() - interval '3 days', now() + interval '1 hour');
INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points, at)
VALUES (1, 1, 'stats', '1', 'grounding', -15, 0, '2020-01-01');
DELETE FROM announcements
"""

# A row of each table as old as `%(age)s`, and the age beyond which nothing needs it.
AGEING: dict[str, tuple[LiteralString, timedelta]] = {
    "interactions_done": (
        "INSERT INTO interactions_done (interaction_id, user_id, outcome, at) VALUES (1, 1, '{}', now() - %(age)s)",
        timedelta(days=1),
    ),
    "rate_limit_violations": (
        (
            "INSERT INTO rate_limit_violations (user_id, pace, day, last_at)"
            " VALUES (1, 'ticks', (now() AT TIME ZONE 'UTC')::date - extract(day FROM %(age)s)::int, now())"
        ),
        timedelta(days=30),
    ),
    "time_zone_changes": (
        "INSERT INTO time_zone_changes (user_id, at, from_zone, to_zone) VALUES (1, now() - %(age)s, 'UTC', 'GMT')",
        timedelta(days=30),
    ),
    "pending_xp_awards": (
        (
            "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at)"
            " VALUES (1, 'a', 100, 'cancelled', current_date, now() - %(age)s, now() - %(age)s, now() - %(age)s)"
        ),
        timedelta(days=30),
    ),
    "announcements": (
        (
            "INSERT INTO announcements (key, kind, details, status, resolved_at)"
            " VALUES ('raid_failed:9', 'raid_failed', '{}', 'silent', now() - %(age)s)"
        ),
        timedelta(days=30),
    ),
    "cheers": (
        (
            "WITH made AS (INSERT INTO announcements (key, kind, user_id, details, status, resolved_at)"
            " VALUES ('level_up:1:5', 'level_up', 1, '{}', 'sent', '2020-01-01') RETURNING key)"
            " INSERT INTO cheers (key, user_id, celebrated_id, at) SELECT key, 2, 1, now() - %(age)s FROM made"
        ),
        timedelta(days=60),
    ),
    "outbox": (
        (
            "INSERT INTO outbox (key, kind, user_id, state, due_at, settled_at)"
            " VALUES ('x', 'x', 1, 'done', now() - %(age)s, now() - %(age)s)"
        ),
        timedelta(days=30),
    ),
    "missing_rights": (
        "INSERT INTO missing_rights (needs, target_id, code, last_at) VALUES ('post', 5, 50013, now() - %(age)s)",
        timedelta(days=30),
    ),
    "interaction_tokens": (
        (
            "INSERT INTO interaction_tokens (user_id, sealed, revision, expires_at)"
            " VALUES (1, 'x', 'abcd', now() + interval '2 hours' - %(age)s)"
        ),
        timedelta(hours=2),
    ),
    "raid_contributions": (
        "UPDATE raid_events SET status = 'failed', ended_at = now() - %(age)s",
        timedelta(days=1),
    ),
}


@pytest.fixture
def award(as_role: Enter) -> Connection:
    return as_role("app_award")


@pytest.mark.parametrize("table", AGEING)
@pytest.mark.parametrize(("more", "deleted"), [(-timedelta(hours=1), 0), (timedelta(days=1), 1)])
def test_a_row_is_deleted_when_it_is_too_old_and_not_before(
    owner: Connection, award: Connection, table: str, more: timedelta, deleted: int
):
    make, most = AGEING[table]
    owner.run_script(LIFE)
    owner.execute(make, {"age": most + more})
    owner.execute("DELETE FROM announcements WHERE status = 'due'")
    assert prune(award) == ({table: 1} if deleted else {})
    assert size(owner, table) == 1 - deleted


def test_what_somebody_still_needs_is_kept_at_any_age(owner: Connection, award: Connection):
    owner.run_script(LIFE)
    owner.run_script(
        "INSERT INTO announcements (key, kind, user_id, details, status, made_at, resolved_at)"
        " VALUES ('level_up:1:5', 'level_up', 1, '{}', 'sent', '2020-01-01', '2020-01-01');"
        "INSERT INTO pending_xp_awards"
        " (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at) VALUES"
        " (1, 'a', 100, 'reversed', '2020-01-01', '2020-01-01', '2020-01-01', '2020-01-01'),"
        " (1, 'b', 100, 'awarded', '2020-01-01', '2020-01-01', '2020-01-01', '2020-01-01'),"
        " (1, 'c', 100, 'pending', '2020-01-01', '2020-01-01', '2020-01-01', NULL);"
        "INSERT INTO outbox (key, kind, state, due_at, handed_at, deadline)"
        " VALUES ('x', 'x', 'handed', '2020-01-01', '2020-01-01', '2020-01-01')"
    )
    assert prune(award) == {}


def test_the_oldest_go_first_and_no_more_at_once_than_is_asked_for(owner: Connection, award: Connection):
    owner.execute(
        "INSERT INTO interactions_done (interaction_id, user_id, outcome, at)"
        " SELECT n, 1, '{}', now() - make_interval(days => n) FROM generate_series(2, 9) AS n"
    )
    assert prune(award, 5) == {"interactions_done": 5}
    left = owner.execute("SELECT interaction_id FROM interactions_done ORDER BY 1").fetchall()
    assert left == [(2,), (3,), (4,)]


def test_a_row_that_somebody_has_locked_is_left_to_the_next_sweep(owner: Connection, award: Connection):
    make, most = AGEING["interactions_done"]
    owner.execute(make, {"age": 2 * most})
    with owner.transaction():
        owner.execute("SELECT FROM interactions_done FOR UPDATE")
        assert prune(award) == {}
    assert prune(award) == {"interactions_done": 1}


# --- weeks and months ---

BOOK: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
VALUES (%(member)s, %(xp)s, 'x', 'x', gen_random_uuid()::text, %(day)s)
"""


def periods(owner: Connection) -> set[str]:
    return {period for (period,) in owner.execute("SELECT DISTINCT period FROM xp_totals")}


def test_weeks_and_months_go_two_weeks_after_their_end_and_all_time_stays(
    owner: Connection, award: Connection, today: date
):
    owner.run_script(LIFE)
    for back in range(120):
        owner.execute(BOOK, {"member": 1 + back % 2, "xp": 100, "day": today - timedelta(back)})
    owner.execute("UPDATE users SET hidden = true WHERE user_id = 2")
    swept(award)
    kept = [today - timedelta(back) for back in range(15)]
    assert periods(owner) == {"all", *(f"{day:%G-W%V}" for day in kept), *(f"{day:%Y-%m}" for day in kept)}
    assert owner.execute("SELECT user_id, xp, hidden FROM users ORDER BY 1").fetchall() == [
        (1, 6_000, False),
        (2, 6_000, True),
    ]
    assert owner.execute(MISCOUNTED).fetchall() == []


def test_counters_of_an_old_week_whose_sum_is_nothing_go_too(owner: Connection, award: Connection, today: date):
    owner.execute(
        "INSERT INTO board_counts (period, board, node, members) SELECT period, 'xp', 1, array_fill(amount, ARRAY[128])"
        " FROM unnest(ARRAY[1, -1]) AS amount, unnest(%s::text[]) AS period",
        [[f"{today:%G-W%V}", f"{today - timedelta(40):%G-W%V}"]],
    )
    assert prune(award) == {"board_counts": 2}
    assert size(owner, "board_counts") == 2


def test_an_undo_of_long_ago_takes_its_xp_back_and_leaves_no_trace_of_its_week(
    owner: Connection, award: Connection, today: date
):
    owner.run_script(LIFE)
    long_ago = today - timedelta(days=200)
    owner.execute(BOOK, {"member": 1, "xp": 500, "day": long_ago})
    swept(award)
    assert periods(owner) == {"all"}
    owner.execute(BOOK, {"member": 1, "xp": -100, "day": long_ago})
    assert owner.execute(MISCOUNTED).fetchall() == []
    swept(award)
    assert owner.execute("SELECT period, total FROM xp_totals WHERE user_id = 1").fetchall() == [("all", 400)]
    assert owner.execute(MISCOUNTED).fetchall() == []
    assert size(owner, "board_counts") == 3


@pytest.mark.parametrize("today", ["2026-01-01", "2026-01-16", "2021-01-01", "2021-01-20", "2025-12-31", "2022-01-31"])
def test_around_the_turn_of_a_year_no_period_goes_early_or_stays(owner: Connection, award: Connection, today: str):
    """Some years begin in the last week of the year before, some in their own first week."""
    now = date.fromisoformat(today)
    owner.run_script(LIFE)
    for back in range(90):
        owner.execute(BOOK, {"member": 1, "xp": 1, "day": now - timedelta(back)})
    with noon(owner, now):
        swept(award)
    kept = [now - timedelta(back) for back in range(15)]
    assert periods(owner) == {"all", *(f"{day:%G-W%V}" for day in kept), *(f"{day:%Y-%m}" for day in kept)}
