"""Time zones: one truth about them, what people type for them, and how often one may change it."""

from __future__ import annotations

import shutil
import zoneinfo
from bisect import bisect
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.settings import content
from mastermind.game.settings.time_zones import CHANGES_WITHIN, COMMON, MOST_CHANGES, next_change, shown

if TYPE_CHECKING:
    from pathlib import Path

WINTER = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def named(typed: str, now: datetime = WINTER) -> list[str]:
    return [zone.name for zone in content.find(typed, now).named]


def similar(typed: str) -> list[str]:
    return [zone.name for zone in content.find(typed, WINTER).similar]


def certain(typed: str) -> str | None:
    zone = content.find(typed, WINTER).certain
    return zone and zone.name


# --- the data ---


def test_every_name_of_the_time_zone_database_stands_for_a_zone_that_is_offered():
    every = set((content.FOLDER / "zones").read_text(encoding="utf-8").split())
    assert content.known().keys() == every - content.NO_ZONES
    assert set(content.known().values()) == content.names()
    assert {content.known()[name] for name in content.names()} == content.names()


def test_a_name_that_was_given_up_goes_as_the_zone_that_is_offered_for_it():
    """From now on; before, the clocks of two countries may have differed."""
    for name, offered in content.known().items():
        for days in range(0, 730, 5):
            at = WINTER + timedelta(days=days)
            assert content.offset(name, at) == content.offset(offered, at), (name, offered)


def test_the_changes_of_a_clock_are_all_found():
    days = [WINTER + timedelta(days=days) for days in range(730)]
    for clock in content.clocks():
        stored = [clock.utc_offset[bisect(clock.since, at) - 1] for at in days]
        assert stored == [at.astimezone(content.zone(clock.name)).utcoffset() for at in days], clock.name


def test_clocks_are_those_of_the_package_and_not_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Here the system takes Kathmandu's clock for Berlin's."""
    (tmp_path / "Europe").mkdir()
    shutil.copy(content.FOLDER / "zoneinfo" / "Asia" / "Kathmandu", tmp_path / "Europe" / "Berlin")
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    content.zone.cache_clear()
    assert content.offset("Europe/Berlin", WINTER) == timedelta(hours=1)


@pytest.mark.parametrize("name", ["Factory", "localtime", "posixrules", "europe/berlin", "../tzdata.zi", "Europe", ""])
def test_what_is_no_name_of_a_zone_has_no_clock(name: str):
    with pytest.raises(KeyError):
        content.zone(name)


def test_every_zone_is_found_by_its_name_in_any_case():
    for zone in content.names():
        assert certain(zone.lower().replace("_", " ")) == zone


# --- what people type ---


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("  NEW york ", "America/New_York"),
        ("new_york", "America/New_York"),
        ("berlin, germany", "Europe/Berlin"),
        ("Berlin DE", "Europe/Berlin"),
        ("Germany", "Europe/Berlin"),
        ("france", "Europe/Paris"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("ZU\u0308RICH", "Europe/Zurich"),
        ("Côte d'Ivoire", "Africa/Abidjan"),
        ("Cote d\u2019Ivoire", "Africa/Abidjan"),
        ("ivory coast", "Africa/Abidjan"),
        ("Port au Prince", "America/Port-au-Prince"),
        ("\u200eTokyo\u200f", "Asia/Tokyo"),
        ("UK", "Europe/London"),
        ("Scotland", "Europe/London"),
        ("India", "Asia/Kolkata"),
        ("South Korea", "Asia/Seoul"),
        ("japan", "Asia/Tokyo"),
        ("uae", "Asia/Dubai"),
        ("Calcutta", "Asia/Kolkata"),
        ("Kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("Hongkong", "Asia/Hong_Kong"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("utc", "UTC"),
        ("Zulu", "UTC"),
        ("jst", "Asia/Tokyo"),
        ("kathmandu", "Asia/Kathmandu"),
        ("+5:45", "Asia/Kathmandu"),
    ],
)
def test_a_place_that_is_named_is_certain(typed: str, zone: str):
    assert certain(typed) == zone


@pytest.mark.parametrize(
    ("typed", "some"),
    [
        ("USA", {"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"}),
        ("u.s.a.", {"America/Anchorage", "Pacific/Honolulu"}),
        ("Brazil", {"America/Sao_Paulo", "America/Noronha"}),
        ("Portugal", {"Europe/Lisbon", "Atlantic/Azores"}),
        ("China", {"Asia/Shanghai", "Asia/Urumqi"}),
        ("IST", {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}),
        ("CST", {"America/Chicago", "Asia/Shanghai", "America/Havana"}),
        ("PST", {"America/Los_Angeles", "Asia/Manila"}),
        ("EST", {"America/New_York", "America/Panama"}),
        ("ET", {"America/New_York", "Africa/Addis_Ababa"}),
        ("Eastern Time", {"America/New_York", "America/Toronto"}),
        ("BST", {"Europe/London", "Europe/Jersey"}),
        ("CET", {"Europe/Berlin", "Europe/Paris", "Africa/Algiers"}),
        ("+1", {"Europe/Berlin", "Africa/Lagos"}),
    ],
)
def test_what_may_mean_several_is_asked_about(typed: str, some: set[str]):
    assert certain(typed) is None
    assert some <= set(named(typed))


@pytest.mark.parametrize(
    ("typed", "not_found"),
    [("USA", {"Africa/Lusaka", "Asia/Jerusalem"}), ("UK", {"Europe/Kyiv"}), ("IST", {"Europe/Istanbul"})],
)
def test_a_part_of_another_word_names_nothing(typed: str, not_found: set[str]):
    assert not not_found & set(named(typed))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("berl", "Europe/Berlin"),
        ("tok", "Asia/Tokyo"),
        ("america/new", "America/New_York"),
        ("viet", "Asia/Ho_Chi_Minh"),
        ("york", "America/New_York"),
        ("most of ukraine", "Europe/Kyiv"),
    ],
)
def test_a_weak_fit_is_suggested_and_never_certain(typed: str, first: str):
    assert (similar(typed)[0], named(typed)) == (first, [])


def test_zones_of_one_country_whose_clocks_go_alike_are_one_choice():
    assert "Europe/Busingen" not in named("Germany")
    assert "America/Detroit" not in named("USA")
    assert certain("Detroit") == "America/Detroit"


def test_the_choice_for_a_country_has_the_zones_in_which_most_people_live():
    choice = {"Adelaide", "Brisbane", "Darwin", "Eucla", "Lord_Howe", "Perth", "Sydney"}
    assert set(named("Australia")) == {f"Australia/{city}" for city in choice}


@pytest.mark.parametrize(
    ("typed", "one", "minutes"),
    [
        ("+1", "Europe/Berlin", 60),
        ("UTC+01:00", "Europe/Berlin", 60),
        ("gmt -5", "America/New_York", -300),
        ("\u22125", "America/New_York", -300),
        ("+\u0665", "Asia/Karachi", 300),
        ("\u200f+5", "Asia/Karachi", 300),
        ("+0530", "Asia/Kolkata", 330),
        ("+5:45", "Asia/Kathmandu", 345),
        ("-12", "Etc/GMT+12", -720),
        ("+14", "Pacific/Kiritimati", 840),
    ],
)
def test_an_offset_finds_the_zones_that_are_there_now(typed: str, one: str, minutes: int):
    assert one in named(typed)
    assert {content.offset(zone, WINTER) for zone in named(typed)} == {timedelta(minutes=minutes)}


def test_what_an_offset_finds_follows_summer_time():
    assert "Europe/Berlin" in named("+2", SUMMER)
    assert "Europe/Berlin" not in named("+2", WINTER)


def test_nothing_typed_offers_zones_from_all_around_the_world():
    assert similar(" ") == list(COMMON)
    offsets = [content.offset(zone, WINTER) for zone in COMMON]
    assert len(COMMON) == 25
    assert offsets == sorted(offsets)


@given(st.text(max_size=100))
def test_whatever_is_typed_finds_zones_or_none(typed: str):
    assert {*named(typed), *similar(typed)} <= content.names()


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
