"""A streak is what somebody with a calendar and a pencil would count."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.days.streaks import Streak, frozen, replay

START = date(2028, 1, 20)  # a leap year: the runs of these tests go over the 29th of February


def day(number: int) -> date:
    return START + timedelta(days=number)


def days(*numbers: int) -> set[date]:
    return {day(number) for number in numbers}


def run(length: int, first: int = 0) -> set[date]:
    return days(*range(first, first + length))


def naive(counted: Collection[date], covered: Collection[date], today: date, rested: Collection[date] = ()) -> Streak:
    """Every day of the calendar by itself, in the words of the rules."""
    length = longest = freezes = 0
    given = False
    frozen: list[date] = []
    rests: list[date] = []
    last: date | None = None
    here = min(counted, default=today)
    while here <= max([today, *counted]):
        if here in counted:
            length += 1
            longest = max(longest, length)
            last = here
            if length == 3 and not given:
                freezes, given = freezes + 1, True
            if length % 14 == 0:
                freezes = min(2, freezes + 1)
        elif here in covered:
            pass
        elif here in rested:
            rests += [here] if length and (here <= today or here < max(counted)) else []
        elif here <= today - timedelta(days=2):
            if freezes and length:
                freezes -= 1
                frozen.append(here)
            else:
                length, frozen, rests = 0, [], []
        here += timedelta(days=1)
    return Streak(length, longest, freezes, last, tuple(frozen), None, tuple(rests), today in rests)


numbers = st.sets(st.integers(0, 60)).map(lambda chosen: days(*chosen))
nearly_all = st.sets(st.integers(0, 90), max_size=8).map(lambda missed: run(91) - days(*missed))


few = st.sets(st.integers(-3, 95), max_size=12).map(lambda chosen: days(*chosen))


@given(numbers | nearly_all, few, few, st.integers(0, 95))
def test_a_streak_is_what_a_naive_recount_says(counted: set[date], covered: set[date], rested: set[date], today: int):
    assert replay(counted, covered, day(today), rested) == naive(counted, covered, day(today), rested)


@given(numbers | nearly_all, few, few, st.integers(0, 95))
def test_what_bridges_first_is_used_and_nothing_else(
    counted: set[date], covered: set[date], rested: set[date], today: int
):
    """An outage, travel or a pause before a rest day, and a rest day before a freeze."""
    streak = replay(counted, covered, day(today), rested)
    assert not {*streak.rested, *streak.frozen} & (counted | covered)
    assert set(streak.rested) <= rested
    assert not set(streak.frozen) & rested
    assert frozen(counted, covered, day(today), rested) >= set(streak.frozen)


@pytest.mark.parametrize("end", [date.min, date.max])
def test_the_ends_of_the_calendar_can_be_asked_about(end: date):
    assert replay([], [], end) == Streak()
    assert replay([end], [], end) == Streak(1, 1, 0, end)


@given(nearly_all, st.integers(60, 95), st.integers(0, 95))
def test_covering_a_day_or_resting_on_it_never_harms(counted: set[date], today: int, chosen: int):
    before = replay(counted, (), day(today))
    for after in (replay(counted, days(chosen), day(today)), replay(counted, (), day(today), days(chosen))):
        assert after.length >= before.length
        assert after.longest >= before.longest


def test_a_rest_day_holds_a_streak_adds_nothing_and_costs_no_freeze():
    counted = run(5) | run(2, first=6)
    rested = replay(counted, (), day(7), days(5))
    assert (rested.length, rested.freezes, rested.rested, rested.frozen) == (7, 1, (day(5),), ())
    assert replay(run(5), (), day(5), days(5)).rests
    assert replay(run(5), days(5), day(5), days(5)).rested == (), "an outage stands before it"
    assert replay(run(6), (), day(5), days(5)).rested == (), "it counts after all"


def test_the_third_day_brings_a_first_freeze_once():
    assert replay(run(2), (), day(1)).freezes == 0
    third = replay(run(3), (), day(2))
    assert (third.freezes, third.has_gift) == (1, True)
    assert not replay(run(4), (), day(3)).has_gift
    used = run(3) | run(2, first=4)
    assert (replay(used, (), day(5)).length, replay(used, (), day(5)).freezes) == (5, 0)
    later = run(3) | run(3, first=10)
    assert (replay(later, (), day(12)).freezes, replay(later, (), day(12)).has_gift) == (0, False)


@given(numbers, numbers, st.integers(0, 62))
def test_the_order_in_which_days_come_does_not_matter(counted: set[date], covered: set[date], today: int):
    backwards = sorted(counted, reverse=True) * 2
    assert replay(backwards, sorted(covered), day(today)) == replay(counted, covered, day(today))


def test_a_member_who_has_done_nothing_has_no_streak():
    assert replay((), (), START) == Streak()


def test_yesterday_can_be_logged_until_the_end_of_today():
    counted = run(5)
    assert replay(counted, (), day(4)).length == 5
    assert replay(counted, (), day(5)).length == 5  # today is not over
    assert replay(counted, (), day(6)).length == 5  # yesterday is missing, and can still be logged
    assert replay(counted, (), day(7)).length == 5  # the freeze of the third day
    assert replay(counted, (), day(8)).length == 0
    assert replay(counted, (), day(8)).longest == 5
    assert replay(counted | days(5), (), day(7)).length == 6


def test_fourteen_days_earn_a_freeze_that_stands_for_a_missed_one():
    assert replay(run(13), (), day(12)).freezes == 1  # of the third day
    assert replay(run(14), (), day(13)).freezes == 2
    held = replay(run(14), (), day(16))
    assert held == Streak(length=14, longest=14, freezes=1, last=day(13), frozen=(day(14),))
    assert replay(run(14), (), day(17)).length == 14
    assert replay(run(14), (), day(18)).length == 0


def test_no_more_than_two_freezes_are_held():
    assert replay(run(42), (), day(41)).freezes == 2
    counted = run(42) | run(3, first=44)
    kept = replay(counted, (), day(46))
    assert (kept.length, kept.freezes, kept.frozen) == (45, 0, (day(42), day(43)))
    assert replay(run(42) | run(3, first=45), (), day(47)).length == 3


def test_a_new_streak_earns_its_own_freezes():
    counted = run(10) | run(13, first=20)
    assert replay(counted, (), day(32)).freezes == 0
    assert replay(counted | days(33), (), day(33)).freezes == 1


def test_an_outage_of_ours_bridges_and_adds_nothing():
    counted = run(2) | run(2, first=4)
    assert replay(counted, (), day(5)).length == 2
    assert replay(counted, days(2, 3), day(5)).length == 4
    assert replay(run(2), days(2, 3, 4), day(6)).length == 2


def test_an_outage_costs_no_freeze():
    assert replay(run(14), days(14, 15), day(17)).freezes == 2


def test_a_day_after_today_counts_when_somebody_travelled_west():
    assert replay(run(5), (), day(3)).length == 5
    assert replay(run(5), (), day(3)).last == day(4)


def test_a_day_ahead_does_not_judge_a_day_that_is_still_in_its_grace():
    counted = run(2) | days(4)
    assert replay(counted, (), day(3)).length == 3  # the third day is yesterday
    assert replay(counted, (), day(4)).length == 1


@pytest.mark.parametrize("missed", [date(2028, 2, 29), date(2028, 3, 1), date(2027, 12, 31)])
def test_leap_days_and_the_ends_of_years_are_days_like_all_others(missed: date):
    around = [missed - timedelta(days=1), missed + timedelta(days=1)]
    today = missed + timedelta(days=3)
    assert replay(around, (), missed + timedelta(days=2)).length == 1
    assert replay([*around, missed], (), today).length == 3
    assert replay(around, [missed], today).length == 2


def test_a_very_long_silence_is_told_at_once():
    assert replay([date(1, 1, 1)], (), date(9999, 12, 31)) == Streak(longest=1, last=date(1, 1, 1))
