"""Looking for a time zone, and how often one may change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.settings import content
from mastermind.game.settings.time_zones import CHANGES_WITHIN, COMMON, MOST_CHANGES, next_change, shown

WINTER = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def found(typed: str, now: datetime = WINTER) -> list[str]:
    return [zone.name for zone in content.fitting(typed, now)]


def test_every_zone_that_python_knows_is_offered_and_can_be_used():
    assert content.names() == available_timezones() - {"Factory", "localtime"}
    for zone in content.names():
        assert ZoneInfo(zone)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("berl", "Europe/Berlin"),
        ("  NEW york ", "America/New_York"),
        ("new_york", "America/New_York"),
        ("america/new", "America/New_York"),
        ("germany", "Europe/Berlin"),
        ("france", "Europe/Paris"),
        ("viet", "Asia/Ho_Chi_Minh"),
        ("berlin, germany", "Europe/Berlin"),
        ("utc", "UTC"),
        ("york", "America/New_York"),
        ("kathmandu", "Asia/Kathmandu"),
    ],
)
def test_a_zone_is_found_by_city_name_country_or_code(typed: str, first: str):
    assert found(typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "one", "minutes"),
    [
        ("+1", "Europe/Berlin", 60),
        ("UTC+01:00", "Europe/Berlin", 60),
        ("gmt -5", "America/New_York", -300),
        ("\u22125", "America/New_York", -300),
        ("+0530", "Asia/Kolkata", 330),
        ("+5:45", "Asia/Kathmandu", 345),
        ("-12", "Etc/GMT+12", -720),
        ("+14", "Pacific/Kiritimati", 840),
    ],
)
def test_an_offset_finds_the_zones_that_are_there_now(typed: str, one: str, minutes: int):
    assert one in found(typed)
    assert {content.offset(zone, WINTER) for zone in found(typed)} == {timedelta(minutes=minutes)}


def test_what_an_offset_finds_follows_summer_time():
    assert "Europe/Berlin" in found("+2", SUMMER)
    assert "Europe/Berlin" not in found("+2", WINTER)


def test_nothing_typed_offers_zones_from_all_around_the_world():
    assert found(" ") == list(COMMON)
    offsets = [content.offset(zone, WINTER) for zone in COMMON]
    assert len(COMMON) == 25
    assert offsets == sorted(offsets)


@given(st.text(max_size=100))
def test_whatever_is_typed_finds_zones_or_none(typed: str):
    assert set(found(typed)) <= content.names()


@pytest.mark.parametrize(
    ("minutes", "said"), [(60, "+01:00"), (0, "+00:00"), (-210, "-03:30"), (345, "+05:45"), (-720, "-12:00")]
)
def test_an_offset_is_shown_in_hours_and_minutes(minutes: int, said: str):
    assert shown("A/B", timedelta(minutes=minutes)) == f"A/B (UTC{said})"
    assert content.shown("Europe/Berlin", SUMMER) == "Europe/Berlin (UTC+02:00)"


def test_the_zone_may_be_changed_some_times_and_then_again_when_the_first_of_them_is_long_ago():
    changes = [WINTER - timedelta(days=day) for day in (1, 2, 3, 13, 13.5, 15, 40)]
    assert next_change(changes[1:], WINTER) is None
    assert next_change(changes, WINTER) == WINTER - timedelta(days=13.5) + CHANGES_WITHIN
    assert next_change([WINTER] * MOST_CHANGES, WINTER) == WINTER + CHANGES_WITHIN
    assert next_change([], WINTER) is None
