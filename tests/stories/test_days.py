"""Days and streaks on every calendar: changes of the clocks, the ends of the earth, leap days, travel, our own outages.

The database derives the days; here they are held against Python's own rules of time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.days import outages
from mastermind.game.settings import content as time_zones
from tests.award.game import ANN, BEN
from tests.stories import play as naive
from tests.stories.play import day_in

if TYPE_CHECKING:
    from tests.stories.play import Play

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

ZONES = (
    "Etc/GMT+12",  # UTC-12, where a day ends last
    "Pacific/Kiritimati",  # UTC+14, where it begins first
    "Pacific/Honolulu",
    "America/New_York",
    "America/St_Johns",  # half an hour apart
    "Europe/London",
    "Europe/Berlin",
    "Africa/Casablanca",  # winter time is the exception there
    "Asia/Kolkata",
    "Asia/Kathmandu",  # a quarter of an hour apart
    "Australia/Lord_Howe",  # changes by half an hour
    "Antarctica/Troll",  # changes by two hours
    "Pacific/Chatham",  # UTC+12:45, UTC+13:45 in summer
    "America/Asuncion",  # gave up changing
    "UTC",
)

moments = st.integers(0, 15 * 366 * 24 * 60).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + minutes * MINUTE)
quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def at(zone: str, *moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=time_zones.zone(zone), fold=fold)  # pyright: ignore[reportArgumentType] # year and so on


# --- which day it is ---


@quick
@given(st.lists(moments, min_size=20, max_size=60))
def test_the_day_is_that_of_the_members_calendar_everywhere(play: Play, times: list[datetime]):
    rows = play.look.execute(
        "SELECT zone, at, local_day(at, zone) FROM unnest(%s::text[]) AS zone, unnest(%s::timestamptz[]) AS at",
        [list(ZONES), times],
    ).fetchall()
    assert len(rows) == len(ZONES) * len(times)
    assert all(day == day_in(zone, moment) for zone, moment, day in rows)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_at_the_members_midnight_and_not_before(play: Play, zone: str):
    play.live_in(zone)
    for midnight in (at(zone, 2026, 1, 15, 0), at(zone, 2026, 7, 15, 0)):
        play.clock.set(midnight - MINUTE)
        before = play.submit({"approaches": 1})
        play.clock.set(midnight + MINUTE)
        after = play.submit({"approaches": 1})
        assert (before.day, after.day) == (midnight.date() - DAY, midnight.date())
        assert after.streak.length == before.streak.length + 1


def test_around_the_world_it_is_three_different_days_at_once(play: Play):
    play.clock.set(datetime(2026, 6, 10, 10, 30, tzinfo=UTC))
    for zone, day in (("Etc/GMT+12", 9), ("UTC", 10), ("Pacific/Kiritimati", 11)):
        play.live_in(zone)
        assert play.card().day == date(2026, 6, day)


# --- when the clocks change ---


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", date(2026, 3, 5)),  # 8 March has 23 hours
        ("America/New_York", date(2026, 10, 29)),  # 1 November has 25
        ("Europe/Berlin", date(2026, 3, 26)),
        ("Europe/Berlin", date(2026, 10, 22)),
        ("Australia/Lord_Howe", date(2026, 4, 2)),
        ("Antarctica/Troll", date(2026, 3, 26)),
        ("Africa/Casablanca", date(2026, 2, 12)),
    ],
)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 12, 23])
def test_a_streak_goes_on_through_a_change_of_the_clocks(play: Play, zone: str, first: date, hour: int):
    play.live_in(zone)
    for number in range(7):
        day = first + number * DAY
        play.clock.set(at(zone, day.year, day.month, day.day, hour, 30))
        submitted = play.submit({"approaches": 1})
        assert submitted.day == day_in(zone, at(zone, day.year, day.month, day.day, hour, 30).astimezone(UTC))
    assert play.card().streak.length == 7


def test_a_day_of_25_hours_is_one_day(play: Play):
    play.live_in("America/New_York")
    begins = at("America/New_York", 2026, 11, 1, 0, 15)
    play.clock.set(begins)
    first = play.submit({"overall_state": 5})
    play.clock.set(begins.astimezone(UTC) + DAY)
    assert play.card().day == first.day == date(2026, 11, 1)
    with pytest.raises(MemberMistake, match="Overall State"):
        play.submit({"overall_state": 5})
    assert play.card().streak.length == 1


def test_the_hour_that_comes_twice_belongs_to_one_day(play: Play):
    play.live_in("Europe/Berlin")
    for fold in (0, 1):
        play.clock.set(at("Europe/Berlin", 2026, 10, 25, 2, 30, fold=fold))
        assert play.submit({"approaches": 1}).day == date(2026, 10, 25)
    assert play.card().counts == {"approaches": 2}


def test_a_member_who_logs_every_24_hours_skips_a_day_of_23_hours_and_may_log_it_late(play: Play):
    play.live_in("America/New_York")
    evening = at("America/New_York", 2026, 3, 7, 23, 30)
    play.clock.set(evening)
    play.submit({"approaches": 1})
    play.clock.set(evening.astimezone(UTC) + DAY)
    monday = play.submit({"approaches": 1})
    assert (monday.day, monday.streak.length) == (date(2026, 3, 9), 2)
    sunday = play.submit({"approaches": 1}, "yesterday")
    assert (sunday.late, sunday.streak.length) == (False, 3)


@pytest.mark.parametrize(("year", "length"), [(2028, 4), (2026, 3), (2100, 3), (2400, 4)])
def test_the_29th_of_february_is_a_day_like_any_other_when_there_is_one(play: Play, year: int, length: int):
    day = date(year, 2, 27)
    while day <= date(year, 3, 1):
        play.clock.set(datetime(day.year, day.month, day.day, 17, tzinfo=UTC))
        play.submit({"approaches": 1})
        day += DAY
    assert play.card().streak.length == length


# --- grace ---


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati", "America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("month", [1, 3, 10, 11])
def test_a_missed_day_ends_a_streak_when_the_next_day_is_over_and_not_before(play: Play, zone: str, month: int):
    play.live_in(zone)
    play.clock.set(at(zone, 2026, month, 7, 12))
    play.submit({"approaches": 1})
    midnight = at(zone, 2026, month, 10, 0)
    play.clock.set(midnight - MINUTE)
    assert play.card().streak.length == 1
    assert not play.card("yesterday").late
    play.clock.set(midnight + MINUTE)
    assert play.card().streak.length == 0
    assert play.card().streak.longest == 1
    assert play.submit({"approaches": 1}, date(2026, month, 8)).late
    assert play.card().streak.length == 0


# --- travel ---


def test_a_member_who_flies_west_has_a_day_twice_and_keeps_the_streak(play: Play):
    play.live_in("Pacific/Kiritimati")
    for day in (9, 10, 11):
        play.clock.set(at("Pacific/Kiritimati", 2026, 6, day, 1))
        play.submit({"approaches": 1})
    play.live_in("Etc/GMT+12")
    card = play.card()
    assert (card.day, card.streak.length) == (date(2026, 6, 9), 3)
    assert play.card(date(2026, 6, 11)).counts == {"approaches": 1}
    again = play.submit({"approaches": 1})
    assert (again.counts, again.streak.length) == ({"approaches": 2}, 3)
    edited = play.edit(date(2026, 6, 11), {"approaches": 5})
    assert edited.booked_xp == 400
    play.clock.set(at("Etc/GMT+12", 2026, 6, 12, 12))
    assert play.submit({"approaches": 1}).streak.length == 4


def test_a_day_that_is_lost_by_flying_east_bridges(play: Play):
    play.live_in("Etc/GMT+12")
    play.clock.set(at("Etc/GMT+12", 2026, 6, 9, 23))
    play.submit({"approaches": 1})
    play.live_in("Pacific/Kiritimati")
    assert play.card().day == date(2026, 6, 11)
    play.main.execute("INSERT INTO travel_days (user_id, day) VALUES (%s, '2026-06-10')", [ANN.user_id])
    assert play.submit({"approaches": 1}).streak.length == 2
    play.clock.advance(hours=48)
    assert play.card().streak.length == 2


def test_moving_never_re_dates_what_was_logged(play: Play):
    play.clock.set(datetime(2026, 6, 10, 10, 30, tzinfo=UTC))
    play.live_in("Etc/GMT+12")
    play.submit({"approaches": 1})
    play.live_in("Pacific/Kiritimati")
    play.submit({"numbers": 1})
    rows = play.look.execute("SELECT day, stat FROM daily_records ORDER BY day").fetchall()
    assert rows == [(date(2026, 6, 9), "approaches"), (date(2026, 6, 11), "numbers")]


# --- our own outages ---


@pytest.mark.parametrize(("hours", "length"), [(2, 1), (2.01, 2)])
def test_a_day_of_which_we_were_away_for_more_than_two_hours_bridges(play: Play, hours: float, length: int):
    play.live_in("America/New_York")
    play.clock.set(at("America/New_York", 2026, 6, 9, 12))
    play.submit({"approaches": 1})
    play.outage(at("America/New_York", 2026, 6, 10, 12), hours)
    play.clock.set(at("America/New_York", 2026, 6, 11, 12))
    play.submit({"approaches": 1})
    play.clock.advance(hours=24)
    assert play.card().streak.length == length


def test_outages_of_a_day_add_up_and_count_once_where_they_overlap(play: Play):
    play.live_in("America/New_York")
    noon = at("America/New_York", 2026, 6, 10, 12)
    for begins, hours in ((noon, 1), (noon + 4 * HOUR, 1), (noon + 4 * HOUR + 10 * MINUTE, 0.5)):
        play.outage(begins, hours)
    assert covered_days(play) == set()
    play.outage(noon + 8 * HOUR, 1)
    assert covered_days(play) == {date(2026, 6, 10)}


def test_an_outage_covers_the_days_of_each_members_own_calendar(play: Play):
    play.outage(datetime(2026, 6, 10, 22, tzinfo=UTC), 4)
    for zone, days in (
        ("UTC", set[int]()),
        ("Europe/Berlin", {11}),
        ("America/New_York", {10}),
        ("Asia/Kolkata", {11}),
    ):
        play.live_in(zone)
        assert covered_days(play) == {date(2026, 6, day) for day in days}


def test_who_logs_before_a_long_outage_is_recorded_loses_no_share_of_the_day(play: Play):
    play.clock.set(at("America/New_York", 2026, 3, 1, 12))
    for number in range(14):
        for member in (ANN, BEN):
            if number != 4:  # that day takes the first freeze
                play.submit({"hellos_to_strangers": 1}, member=member)
        play.clock.advance(hours=24)
    began = at("America/New_York", 2026, 3, 15, 0) + HOUR / 2
    play.clock.set(began + 59.5 * HOUR)
    early = play.submit({"approaches": 10}, member=ANN)
    assert (early.streak.length, early.price.streak) == (1, 0), "nobody knows of the outage yet"
    play.outage(began, 59.6)
    play.clock.advance(hours=1)
    assert outages.raise_shares(play.award, began, began + 59.6 * HOUR) == 1
    in_time = play.submit({"approaches": 10}, member=BEN)
    assert (in_time.streak.length, in_time.price.streak) == (14, 10)
    assert play.card(member=ANN).price == in_time.price
    assert play.card(member=ANN).xp_booked == in_time.booked_xp
    assert play.card(member=ANN).xp == in_time.xp
    assert outages.raise_shares(play.award, began, began + 59.6 * HOUR) == 0, "once is enough"
    assert play.broken() == []


def test_an_outage_within_a_day_raises_no_share(play: Play):
    play.submit({"approaches": 1})
    ended = play.clock.now()
    assert outages.raise_shares(play.award, ended - 24 * HOUR, ended) == 0


def test_the_hour_that_a_day_lacks_counts_for_no_outage(play: Play):
    """From 00:30 to 03:30 on the day when 02:00 becomes 03:00 it is two hours, not three."""
    play.live_in("America/New_York")
    begins = at("America/New_York", 2026, 3, 8, 0, 30)
    play.outage(begins, 2)
    assert begins.astimezone(UTC) + 2 * HOUR == at("America/New_York", 2026, 3, 8, 3, 30).astimezone(UTC)
    assert covered_days(play) == set()


@quick
@given(
    st.sampled_from(ZONES),
    moments,
    st.lists(st.tuples(st.integers(1, 60 * 40), st.integers(1, 60 * 60)), min_size=1, max_size=6),
)
def test_the_days_that_outages_cover_are_those_of_a_naive_recount(
    play: Play, zone: str, began: datetime, gaps: list[tuple[int, int]]
):
    play.look.execute("DELETE FROM outages")
    play.live_in(zone)
    outages: list[tuple[datetime, datetime]] = []
    for gap, length in gaps:
        began += gap * MINUTE
        outages.append((began, began + length * MINUTE))
        play.outage(began, length / 60)
        began += length * MINUTE
    first, last = (day_in(zone, moment) for moment in (outages[0][0], began))
    days = (first + number * DAY for number in range(-1, (last - first).days + 2))
    assert covered_days(play) == {day for day in days if naive.covered(zone, outages, day)}


def covered_days(play: Play) -> set[date]:
    return {day for (day,) in play.main.execute("SELECT covered_days(%s)", [ANN.user_id])}
