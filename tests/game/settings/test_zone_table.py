"""The time zones of the database: its days are those of the shipped data, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.game.settings import content, table
from mastermind.operations.migrations import runner as migrations
from tests.conftest import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres
    from tests.conftest import Connection

NOW, YEARS = datetime.now(UTC), timedelta(days=2 * 365)
SECOND = timedelta(seconds=1)

LOCAL_DAYS: LiteralString = """
SELECT zone, at, local_day(at, zone) FROM unnest(%s::text[], %s::timestamptz[]) AS asked (zone, at)
"""
BEGINNINGS: LiteralString = """
SELECT zone, day, day_begins(day, zone) FROM unnest(%s::text[], %s::date[]) AS asked (zone, day)
"""


def day_in(zone: str, at: datetime) -> date:
    return at.astimezone(content.zone(zone)).date()


def changes() -> Iterator[tuple[str, datetime]]:
    """When a clock changes in the next two years, in every zone."""
    for clock in content.clocks():
        yield from ((clock.name, at) for at in clock.since if NOW < at < NOW + YEARS)


def days() -> Iterator[tuple[str, date]]:
    """The days around each change, and the first of each month."""
    for zone, at in changes():
        yield from ((zone, day_in(zone, at) + timedelta(days=by)) for by in (-1, 0, 1))
    for zone in content.known():
        yield from ((zone, date(NOW.year + month // 12, month % 12 + 1, 1)) for month in range(24))


def midnight(zone: str, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=content.zone(zone)).astimezone(UTC)


def test_every_day_of_the_next_two_years_is_the_same_in_the_database_in_every_zone(owner: Connection):
    moments = [*changes(), *((zone, midnight(zone, day)) for zone, day in days())]
    asked = [(zone, at + by) for zone, at in moments for by in (-SECOND, timedelta(0))]
    found = owner.execute(LOCAL_DAYS, [[zone for zone, _ in asked], [at for _, at in asked]]).fetchall()
    assert len(found) == len(asked) > 48 * len(content.known())
    assert [(zone, at, day) for zone, at, day in found if day != day_in(zone, at)] == []


def test_every_day_of_the_next_two_years_begins_at_its_first_moment_in_every_zone(owner: Connection):
    asked = list(days())
    found = owner.execute(BEGINNINGS, [[zone for zone, _ in asked], [day for _, day in asked]]).fetchall()
    assert len(found) == len(asked)
    wrong = [
        (zone, day, began)
        for zone, day, began in found
        if day_in(zone, began) != day or day_in(zone, began - SECOND) == day
    ]
    assert wrong == []


@pytest.mark.parametrize("zone", ["CET", "EET", "MET", "WET"])
def test_a_zone_whose_name_postgresql_takes_for_an_abbreviation_has_its_summer_time(owner: Connection, zone: str):
    summer = datetime(2026, 7, 1, 22 if zone != "EET" else 21, 30, tzinfo=UTC)
    asked = summer if zone != "WET" else summer + timedelta(hours=1)
    found = owner.execute("SELECT local_day(%s, %s), local_day(%s, %s)", [asked, zone, asked, content.known()[zone]])
    day = asked.astimezone(content.zone(zone)).date()
    assert found.fetchone() == (day, day)


def test_no_function_of_the_database_asks_the_server_for_a_zone(owner: Connection):
    sources = owner.execute("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace").fetchall()
    asking = [source for (source,) in sources if "AT TIME ZONE" in source.replace("AT TIME ZONE 'UTC'", "")]
    assert asking == []


def test_what_the_database_knows_of_changes_lasts_for_ten_years_more():
    assert datetime.now(UTC) + timedelta(days=3650) < content.UNTIL


def test_a_later_release_takes_the_place_of_an_earlier_one(owner: Connection):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    utc = next(clock for clock in content.clocks() if clock.name == "UTC")
    owner.execute("BEGIN")
    table.put_zones(owner, "9999z", [replace(utc, utc_offset=(timedelta(hours=13),))])
    assert table.release(owner) == "9999z"
    found = owner.execute("SELECT local_day(%s, 'UTC')", [noon]).fetchone()
    assert found == (noon.date() + timedelta(days=1),)
    owner.rollback()
    assert table.release(owner) == content.RELEASE


def test_code_that_was_rolled_back_leaves_the_later_release(database: Postgres, owner: Connection):
    for stored, after in (("9999z", "9999z"), ("2020a", content.RELEASE)):
        owner.execute("UPDATE time_zones SET release = %s", [stored])
        migrations.apply(database.settings(OWNER), MIGRATIONS, Deadline.after(60))
        assert owner.execute("SELECT DISTINCT release FROM time_zones").fetchall() == [(after,)]
