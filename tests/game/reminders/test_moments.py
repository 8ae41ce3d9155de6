"""The next moment of a reminder: the member's hour on their own clock, whatever that clock does."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mastermind.game.settings import content

if TYPE_CHECKING:
    from tests.conftest import Connection

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EVERY_DAY = "1234567"

NEXT: LiteralString = "SELECT next_reminder(%s, %s, %s, %s, %s)"

moments = st.integers(0, 4 * 365 * 24 * 3600).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + seconds * SECOND)
weekdays = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda some: "".join(sorted(some)))
changing_zones = st.sampled_from(
    ("Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "America/Nuuk", "Africa/Cairo")
)
zones = changing_zones | st.sampled_from(sorted(content.names()))


def next_reminder(
    owner: Connection, after: datetime, hour: int, days: str, zone: str, last: date | None = None
) -> datetime:
    row = owner.execute(NEXT, [after, hour, days, zone, last]).fetchone()
    assert row
    return row[0]


def _shown(at: datetime) -> tuple[date, int]:
    return at.date(), at.hour


def expected(after: datetime, hour: int, days: str, zone: str) -> datetime:
    """By looking at the clock every quarter of an hour: no clock changes at another minute."""
    clock = content.zone(zone)
    start = (after - 2 * timedelta(days=1)).replace(minute=0, second=0)
    for day in (start.astimezone(clock).date() + timedelta(days=n) for n in range(20)):
        at = start - timedelta(days=1)
        while _shown(at.astimezone(clock)) < (day, hour):
            at += 15 * MINUTE
        if at > after and str(day.isoweekday()) in days:
            return at
    raise AssertionError("no reminder in three weeks")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(datetime(2027, 3, 27, 12, tzinfo=UTC), 2, EVERY_DAY, "Europe/Berlin")
@example(datetime(2027, 10, 30, 12, tzinfo=UTC), 2, EVERY_DAY, "Europe/Berlin")
@given(moments, st.integers(0, 23), weekdays, zones)
def test_it_is_the_first_moment_at_which_the_clock_reaches_the_hour_on_a_day_that_is_wanted(
    owner: Connection, after: datetime, hour: int, days: str, zone: str
):
    assert next_reminder(owner, after, hour, days, zone) == expected(after, hour, days, zone)


def test_an_hour_that_the_clock_skips_comes_at_the_next(owner: Connection):
    found = next_reminder(owner, datetime(2027, 3, 27, 12, tzinfo=UTC), 2, EVERY_DAY, "Europe/Berlin")
    assert found == datetime(2027, 3, 28, 1, tzinfo=UTC)  # 3:00 there


def test_an_hour_that_the_clock_doubles_comes_once(owner: Connection):
    first = next_reminder(owner, datetime(2027, 10, 30, 12, tzinfo=UTC), 2, EVERY_DAY, "Europe/Berlin")
    assert first == datetime(2027, 10, 31, 0, tzinfo=UTC)
    after = next_reminder(owner, first + HOUR - MINUTE, 2, EVERY_DAY, "Europe/Berlin", date(2027, 10, 31))
    assert after == datetime(2027, 11, 1, 1, tzinfo=UTC)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(zones, st.integers(0, 23)), min_size=2, max_size=8), moments, st.integers(0, 72))
def test_there_is_one_a_calendar_date_whatever_zone_somebody_moves_to(
    owner: Connection, moves: list[tuple[str, int]], now: datetime, hours: int
):
    told: list[date] = []
    for zone, hour in moves:
        at = next_reminder(owner, now, hour, EVERY_DAY, zone, told[-1] if told else None)
        told.append(at.astimezone(content.zone(zone)).date())
        now = max(at, now + timedelta(hours=hours))
    assert sorted(set(told)) == told


@pytest.mark.parametrize(("weekdays", "day"), [("6", 5), ("67", 5), ("1", 7), ("3", 2)])
def test_only_the_weekdays_that_were_chosen_have_one(owner: Connection, weekdays: str, day: int):
    tuesday = datetime(2026, 12, 1, 19, tzinfo=UTC)
    assert next_reminder(owner, tuesday, 18, weekdays, "UTC").day == day


def test_they_are_spread_over_fifty_minutes_of_the_hour(owner: Connection):
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone)"
        " SELECT (n * 7777777::bigint) << 22, 'Member', 'UTC' FROM generate_series(1, 500) AS n"
    )
    owner.execute(
        "INSERT INTO reminders (user_id, occasion, hour, weekdays) SELECT user_id, 'reminder', 18, '1234567' FROM users"
    )
    rows = owner.execute("SELECT floor(extract(epoch FROM next_at - hour_at) / 600)::int FROM reminders").fetchall()
    tenths = Counter(tenth for (tenth,) in rows)
    assert sorted(tenths) == [0, 1, 2, 3, 4]
    assert min(tenths.values()) > 75
