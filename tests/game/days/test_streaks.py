"""A streak is what somebody with a calendar and a pencil would count."""

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.days.streaks import Streak, replay

START = date(2028, 1, 20)  # a leap year: the runs of these tests go over the 29th of February


def day(number: int) -> date:
    return START + timedelta(days=number)


def days(*numbers: int) -> set[date]:
    return {day(number) for number in numbers}


def run(length: int, first: int = 0) -> set[date]:
    return days(*range(first, first + length))


def naive(counted: Collection[date], covered: Collection[date], today: date) -> Streak:
    """Every day of the calendar by itself, in the words of the rules."""
    length = longest = freezes = 0
    frozen: list[date] = []
    last: date | None = None
    here = min(counted, default=today)
    while here <= max([today, *counted]):
        if here in counted:
            length += 1
            longest = max(longest, length)
            last = here
            if length % 14 == 0:
                freezes = min(2, freezes + 1)
        elif here not in covered and here <= today - timedelta(days=2):
            if freezes and length:
                freezes -= 1
                frozen.append(here)
            else:
                length, frozen = 0, []
        here += timedelta(days=1)
    return Streak(length, longest, freezes, last, tuple(frozen))


numbers = st.sets(st.integers(0, 60)).map(lambda chosen: days(*chosen))
nearly_all = st.sets(st.integers(0, 90), max_size=8).map(lambda missed: run(91) - days(*missed))


@given(numbers | nearly_all, st.sets(st.integers(-3, 95), max_size=12).map(lambda d: days(*d)), st.integers(0, 95))
def test_a_streak_is_what_a_naive_recount_says(counted: set[date], covered: set[date], today: int):
    assert replay(counted, covered, day(today)) == naive(counted, covered, day(today))


@pytest.mark.parametrize("end", [date.min, date.max])
def test_the_ends_of_the_calendar_can_be_asked_about(end: date):
    assert replay([], [], end) == Streak()
    assert replay([end], [], end) == Streak(1, 1, 0, end)


@given(nearly_all, st.integers(60, 95), st.integers(0, 95))
def test_covering_a_day_never_harms(counted: set[date], today: int, covered: int):
    before, after = replay(counted, (), day(today)), replay(counted, days(covered), day(today))
    assert after.length >= before.length
    assert after.longest >= before.longest


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
    assert replay(counted, (), day(7)).length == 0
    assert replay(counted, (), day(7)).longest == 5
    assert replay(counted | days(5), (), day(7)).length == 6


def test_fourteen_days_earn_a_freeze_that_stands_for_a_missed_one():
    assert replay(run(13), (), day(12)).freezes == 0
    assert replay(run(14), (), day(13)).freezes == 1
    frozen = replay(run(14), (), day(16))
    assert frozen == Streak(length=14, longest=14, freezes=0, last=day(13), frozen=(day(14),))
    assert replay(run(14), (), day(17)).length == 0


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
    counted = run(3) | run(2, first=5)
    assert replay(counted, (), day(6)).length == 2
    assert replay(counted, days(3, 4), day(6)).length == 5
    assert replay(run(3), days(3, 4, 5), day(7)).length == 3


def test_an_outage_costs_no_freeze():
    assert replay(run(14), days(14, 15), day(17)).freezes == 1


def test_a_day_after_today_counts_when_somebody_travelled_west():
    assert replay(run(5), (), day(3)).length == 5
    assert replay(run(5), (), day(3)).last == day(4)


def test_a_day_ahead_does_not_judge_a_day_that_is_still_in_its_grace():
    counted = run(3) | days(5)
    assert replay(counted, (), day(4)).length == 4  # the fourth day is yesterday
    assert replay(counted, (), day(5)).length == 1


@pytest.mark.parametrize("missed", [date(2028, 2, 29), date(2028, 3, 1), date(2027, 12, 31)])
def test_leap_days_and_the_ends_of_years_are_days_like_all_others(missed: date):
    around = [missed - timedelta(days=1), missed + timedelta(days=1)]
    today = missed + timedelta(days=3)
    assert replay(around, (), missed + timedelta(days=2)).length == 1
    assert replay([*around, missed], (), today).length == 3
    assert replay(around, [missed], today).length == 2


def test_a_very_long_silence_is_told_at_once():
    assert replay([date(1, 1, 1)], (), date(9999, 12, 31)) == Streak(longest=1, last=date(1, 1, 1))
