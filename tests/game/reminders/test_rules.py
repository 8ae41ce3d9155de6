"""What becomes of reminders that are due, and what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.days.rules import Day
from mastermind.game.days.streaks import Streak
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.reminders import rules
from mastermind.game.reminders.rules import SILENCE, Due, Fate, Occasion

if TYPE_CHECKING:
    from collections.abc import Collection

NOW = datetime(2026, 11, 29, 18, 5, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)

dues = st.lists(
    st.builds(
        Due,
        user_id=st.integers(1, 9),
        occasion=st.sampled_from(Occasion),
        day=st.just(TODAY),
        hour_at=st.just(NOW),
        is_replaced=st.booleans(),
        is_over=st.booleans(),
        is_reached=st.booleans(),
        is_closed=st.booleans(),
        is_seen=st.booleans(),
    )
)


@given(dues, st.integers(-3, 5))
def test_each_one_has_one_fate_and_few_channels_are_opened(due: list[Due], openings: int):
    found = rules.sort(due, openings)
    assert sorted(map(repr, chain(*found.values()))) == sorted(map(repr, due))
    sent = [*found[Fate.TOLD], *found[Fate.ASKED]]
    assert not any(each.is_over or each.is_closed or each.is_replaced for each in sent)
    assert all(each.is_seen for each in found[Fate.TOLD])
    assert sum(not each.is_reached for each in sent) <= max(0, openings)
    assert not any(each.is_reached for each in found[Fate.WAITING]), "who has a channel waits for nothing"


def standing(logged: Collection[str] = (), others: tuple[date, ...] = (), covered: Collection[date] = ()) -> Day:
    return Day(TODAY, TODAY, 0, 0, None, {}, {}, frozenset(logged), others, frozenset(covered))


def test_nobody_is_reminded_who_has_done_something_today_or_pauses():
    assert rules.is_due(Occasion.REMINDER, standing((), (TODAY - DAY,), {TODAY - DAY, TODAY + DAY}))
    assert not rules.is_due(Occasion.REMINDER, standing({"journal"}))
    assert not rules.is_due(Occasion.REMINDER, standing((), (TODAY,))), "a tick"
    assert not rules.is_due(Occasion.REMINDER, standing((), (), {TODAY})), "a pause, or an outage"


@pytest.mark.parametrize("active", range(5))
def test_three_active_days_make_a_week_full_for_who_has_chosen_so(active: int):
    """TODAY is a Sunday; the Sunday before belongs to another week."""
    days = standing((), (TODAY - 7 * DAY, *(TODAY - n * DAY for n in range(1, active + 1))))
    assert rules.is_due(Occasion.REMINDER, days, Rhythm.WEEKLY) is (active < 3)
    assert all(rules.is_due(Occasion.REMINDER, days, each) for each in (None, Rhythm.DAILY, Rhythm.THRICE))
    assert rules.is_due(Occasion.WEEK, days, Rhythm.WEEKLY)


def test_silence_is_counted_from_the_last_use_or_the_wish_whichever_is_later():
    long_ago, lately = NOW - SILENCE, NOW - SILENCE + timedelta(minutes=1)
    assert rules.is_silent(None, long_ago, NOW)
    assert rules.is_silent(long_ago, long_ago, NOW)
    assert not rules.is_silent(lately, long_ago, NOW)
    assert not rules.is_silent(long_ago, lately, NOW)


YESTERDAY, BEFORE = TODAY - DAY, TODAY - 2 * DAY


@pytest.mark.parametrize(
    ("streak", "words"),
    [
        (Streak(), "Your first entry is one small step away"),
        (Streak(0, 20, 0, TODAY - 9 * DAY), "begin again"),
        (Streak(1, 1, 0, YESTERDAY), "Day 2 is yours to take"),
        (Streak(6, 6, 0, YESTERDAY), "Your streak is 6 days: one entry today makes it 7."),
        (Streak(16, 16, 1, YESTERDAY), "a freeze stands in"),
        (Streak(6, 6, 0, BEFORE), "Your streak of 6 days is still there"),
        (Streak(1, 6, 0, BEFORE), "Your streak of 1 day is still there"),
    ],
)
def test_a_sentence_fits_how_a_member_stands(streak: Streak, words: str):
    assert words in rules.sentence(streak, TODAY)


BLAME = ("missed", "lose", "lost", "broke", "only", "still have not", "haven't", "failed", "should")


@given(st.integers(0, 400), st.integers(0, 2), st.none() | st.integers(0, 30))
def test_no_sentence_blames_anybody_or_is_long(length: int, freezes: int, ago: int | None):
    last = None if ago is None else TODAY - ago * DAY
    said = rules.sentence(Streak(length, length, freezes, last, (), None), TODAY)
    assert not any(word in said.lower() for word in BLAME)
    assert 0 < len(said) <= 120


@given(st.lists(st.text(max_size=2) | st.sampled_from("1234567"), max_size=9))
def test_weekdays_are_stored_in_their_order_once(chosen: list[str]):
    known = sorted({day for day in chosen if day in list("1234567")})
    if known:
        assert rules.checked_weekdays(chosen) == "".join(known)
    else:
        with pytest.raises(MemberMistake):
            rules.checked_weekdays(chosen)
