"""What members had before there were boards of weeks and months is on them once the migration has run."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

import psycopg

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.operations.migrations import runner as migrations
from tests.award.game import BROKEN
from tests.conftest import MIGRATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.postgres import Postgres

BEFORE = 20

# Ids as far apart as Discord's are; every fifth is hidden, some are below zero, all have logged something.
MEMBERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden)
SELECT number * 12345678901234567, 'Member ' || number, 'UTC', number % 5 = 0 FROM generate_series(1, 30) AS number
"""
BOOKINGS: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
SELECT user_id, 70 * (nth - 2), CASE WHEN nth = 3 THEN 'award' ELSE 'adjustment' END,
    CASE WHEN nth = 3 THEN 'tensey' ELSE 'admin' END, gen_random_uuid()::text,
    DATE '2025-12-20' + (nth * (user_id / 12345678901234567))::int % 40
FROM users CROSS JOIN generate_series(0, 6) AS nth
"""
DAYS: LiteralString = """
INSERT INTO booked_days (user_id, day, streak_share) SELECT DISTINCT user_id, day, 0 FROM xp_ledger
"""
RECORDS: LiteralString = """
INSERT INTO daily_records (user_id, day, stat, count, logged_late) SELECT user_id, day, 'approaches', 3, false
FROM booked_days
"""


def test_the_migration_fills_in_what_was_there_before(database: Postgres, tmp_path: Path):
    earlier = tmp_path / "migrations"
    earlier.mkdir()
    for script in MIGRATIONS.glob("*.sql"):
        if int(script.name[:3]) <= BEFORE:
            shutil.copy(script, earlier)
    settings = replace(database.settings(OWNER), name="before")
    with closing(database.as_superuser()) as conn:
        conn.execute("CREATE DATABASE before OWNER mastermind_owner")
        try:
            migrations.apply(settings, earlier, Deadline.after(60))
            with closing(psycopg.connect(database.url(OWNER), dbname="before", autocommit=True)) as owner:
                for query in (MEMBERS, BOOKINGS, DAYS, RECORDS):
                    owner.execute(query)
            migrations.apply(settings, MIGRATIONS, Deadline.after(60))
            with closing(psycopg.connect(database.url(OWNER), dbname="before", autocommit=True)) as owner:
                assert [what for what, _ in owner.execute(BROKEN) if not what.startswith("I")] == []
                assert owner.execute("SELECT FROM period_buckets").rowcount > 10
                assert owner.execute("SELECT FROM xp_totals WHERE board = 'approaches' AND hidden").rowcount > 6
        finally:
            conn.execute("DROP DATABASE before WITH (FORCE)")
