"""How a week reads, for a member and for the server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.weeks import words
from mastermind.game.weeks.rules import (
    Climber,
    FactionWeek,
    MemberWeek,
    RaidResult,
    ServerWeek,
    more_percent,
    next_step,
)

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)

GOOD = MemberWeek(
    monday=MONDAY,
    today=SUNDAY,
    xp=1412,
    before=1020,
    by_day=(110, 280, 180, 150, 280, 0, 412),
    by_day_before=(0, 140, 0, 0, 50, 120, 710),
    days=6,
    challenges=3,
    streak=9,
    longest=9,
    is_open=False,
    place=3,
    place_before=5,
    members=12,
    is_first=False,
)
BAD = replace(
    GOOD,
    xp=90,
    before=1412,
    by_day=(0, 50, 0, 0, 40, 0, 0),
    days=2,
    challenges=0,
    streak=0,
    is_open=True,
    place=9,
    place_before=3,
)
FIRST = replace(
    GOOD, xp=120, before=0, by_day=(0, 0, 0, 0, 0, 120, 0), days=1, challenges=1, streak=1, longest=1, is_open=True,
    place=10, place_before=None, is_first=True,
)  # fmt: skip
EMPTY = replace(BAD, xp=0, by_day=(0,) * 7, days=0, place=None, place_before=None, streak=0)

FULL = ServerWeek(
    "2026-11-23",
    12,
    (Climber("Nova", 1412, 0), Climber("Sam", 900, 0), Climber("Lena", 640, 0)),
    Climber("Sam", 900, 600),
    ("Ann", "Ben"),
    0,
    (FactionWeek("Luminarchs", 5400), FactionWeek("Noctivores", 4100)),
    (RaidResult("warrior", True, 200, 218, 7), RaidResult("mage", False, 1000, 430, 3)),
    0,
    "Whom would you like to thank?",
)
QUIET = replace(FULL, active=1, climbers=FULL.climbers[:1], improved=None, newcomers=(), raids=())


def test_a_good_week_has_its_figures_and_what_got_better():
    assert words.of_member(GOOD).splitlines() == [
        "## 🌟 Your week, 23 to 29 November 2026",
        "You were out there on **6 days**.",
        "✨ **1,412 XP**, 38 % more than the week before",
        "🏔️ Best day: **Sunday**, with 412 XP",
        "🎯 3 challenges done",
        "🔥 Streak: 9 days, your longest so far",
        "🏅 Place 3 of 12 this week, 2 up from last week",
        "👣 **Next small step:** the same again. That is plenty.",
    ]


def test_a_bad_week_says_that_two_days_are_two_more_than_none_and_speaks_of_no_loss():
    assert words.of_member(BAD).splitlines() == [
        "## 🌟 Your week, 23 to 29 November 2026",
        "A quiet week, and 2 days that count.",
        "✨ **90 XP**",
        "🏔️ Best day: **Tuesday**, with 50 XP",
        "-# Today is still open: one hello counts.",
        "👣 **Next small step:** 3 days, one more than this week.",
    ]


def test_a_first_week_is_compared_with_nothing():
    assert words.of_member(FIRST).splitlines() == [
        "## 🌟 Your first week here, 23 to 29 November 2026",
        "You were out there on **1 day**.",
        "✨ **120 XP**",
        "🎯 1 challenge done",
        "🔥 Streak: 1 day",
        "-# Today is still open: one hello counts.",
        "👣 **Next small step:** 2 days, one more than this week.",
    ]


def test_an_empty_week_has_nothing_to_make_up_for():
    assert words.of_member(EMPTY).splitlines()[1:] == [
        "A quiet week, and there is nothing to make up for. The next one begins with one hello.",
        "-# Today is still open: one hello counts.",
        "👣 **Next small step:** one hello, on any day you like.",
    ]


@pytest.mark.parametrize(("days", "challenges"), [(6, 0), (7, 0)])
def test_who_was_there_nearly_every_day_is_asked_for_no_more_of_them(days: int, challenges: int):
    assert next_step(replace(GOOD, days=days, challenges=challenges)) == "one challenge from your list."


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_only_a_gain_is_compared(xp: int, before: int):
    more = more_percent(replace(GOOD, xp=xp, before=before))
    assert more == 0 or (more >= 10 and before < xp)


@given(st.none() | st.integers(1, 99), st.none() | st.integers(1, 99), st.integers(0, 7))
def test_a_place_that_was_lost_is_no_news(place: int | None, before: int | None, days: int):
    week = replace(GOOD, place=place, place_before=before, days=days)
    said = words.of_member(week)
    assert "down" not in said
    assert ("up from last week" in said) == (place is not None and before is not None and place < before)


# --- of the server ---


def test_a_full_week_has_a_line_for_each_thing_that_there_is_to_tell():
    assert words.of_server(FULL).splitlines() == [
        "📅 **The week from 23 to 29 November 2026:** 12 of you were out there.",
        "🏔️ Climbed most: **Nova** (+1,412 XP), **Sam** (+900 XP), **Lena** (+640 XP).",
        "📈 Biggest step up: **Sam**, with 300 XP more than the week before.",
        "🌱 New here: **Ann** and **Ben**. Welcome!",
        "☀️ Luminarchs 5,400 XP, 🌙 Noctivores 4,100 XP.",
        "⚔️ The warrior raid was won, with 218 of 200 points.",
        "⚔️ The mage raid came to 430 of 1,000 points. The next one is another chance.",
        "💬 **A question for the new week:** Whom would you like to thank?",
    ]


def test_a_quiet_week_counts_and_compares_nobody():
    assert words.of_server(QUIET).splitlines() == [
        "📅 **The week from 23 to 29 November 2026** was a quiet one. That is fine: small steps count in any week.",
        "💬 **A question for the new week:** Whom would you like to thank?",
    ]


def test_what_there_is_not_is_not_mentioned():
    bare = replace(FULL, climbers=(), improved=None, newcomers=(), raids=(), factions=(FactionWeek("Luminarchs", 0),))
    assert len(words.of_server(bare).splitlines()) == 2


def test_a_number_of_fewer_than_five_is_a_few():
    said = words.of_server(replace(FULL, active=4, more_newcomers=4))
    assert "A few of you were out there" in said
    assert "**Ann**, **Ben** and a few more" in said
    assert "**Ann**, **Ben** and 5 more" in words.of_server(replace(FULL, more_newcomers=5))


def test_factions_are_compared_by_their_averages_where_both_have_one():
    both = (FactionWeek("Luminarchs", 5400, 1080), FactionWeek("Noctivores", 4100, 586))
    said = "☀️ Luminarchs 5,400 XP (1,080 a member), 🌙 Noctivores 4,100 XP (586 a member)."
    assert said in words.of_server(replace(FULL, factions=both))
    assert "a member" not in words.of_server(replace(FULL, factions=(both[0], FULL.factions[1])))


def test_further_raids_are_counted():
    assert "And 1 more raid." in words.of_server(replace(FULL, more_raids=1))
    assert "And 2 more raids." in words.of_server(replace(FULL, more_raids=2))
