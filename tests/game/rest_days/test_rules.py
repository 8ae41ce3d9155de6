"""When one may rest is what somebody with a calendar on the wall would say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.days.rules import Day
from mastermind.game.days.streaks import Pause
from mastermind.game.rest_days import rules
from mastermind.game.rest_days.rules import Obstacle

if TYPE_CHECKING:
    from collections.abc import Collection

WEDNESDAY = date(2028, 3, 1)  # after a leap day


def at(number: int) -> date:
    return WEDNESDAY + timedelta(days=number)


def standing(
    counted: Collection[int] = (), *, covered: Collection[int] = (), rested: Collection[int] = (), today: int = 0
) -> Day:
    """A member's day on which nothing is logged but what counts; days are numbered from Wednesday on."""
    days, free = tuple(map(at, counted)), frozenset(map(at, covered))
    rests = frozenset(map(at, rested))
    return Day(at(today), at(today), 0, 0, None, {}, {}, frozenset(), days, free, rest_days=rests)


def test_who_has_a_streak_may_rest_once_a_week():
    assert rules.obstacle(standing([-1]), ()) is None
    assert rules.obstacle(standing([-1], rested=[0]), ()) is Obstacle.RESTING
    assert rules.obstacle(standing([-2, 0], rested=[-1], today=1), ()) is Obstacle.USED
    assert rules.obstacle(standing([-4, -2, -1], rested=[-3]), ()) is None, "that was on the Sunday before"
    assert rules.obstacle(standing([4], rested=[-1], today=5), ()) is None, "Monday begins another week"


def test_a_day_that_counts_needs_no_rest_and_no_streak_has_nothing_to_hold():
    assert rules.obstacle(standing([0]), ()) is Obstacle.COUNTED
    assert rules.obstacle(standing(), ()) is Obstacle.NOTHING
    assert rules.obstacle(standing([-9]), ()) is Obstacle.NOTHING


def test_a_rest_day_that_counts_after_all_or_that_an_outage_covers_is_not_used_up():
    assert rules.obstacle(standing([-2, -1], rested=[-1]), ()) is None
    assert rules.obstacle(standing([-2], covered=[-1], rested=[-1]), ()) is None


@pytest.mark.parametrize(
    ("first", "last", "in_the_way"),
    [(-9, -3, False), (-9, -2, True), (-1, 1, True), (4, 6, True), (5, 7, False)],
)
def test_a_week_with_a_pause_has_no_rest_day(first: int, last: int, in_the_way: bool):
    found = rules.obstacle(standing([-1]), [Pause(at(first), at(last))])
    assert (found is Obstacle.PAUSED) is in_the_way


few = st.sets(st.integers(-12, 0), max_size=8)


@given(few, few, few, st.tuples(st.integers(-14, 12), st.integers(0, 9)))
def test_resting_follows_the_calendar(counted: set[int], covered: set[int], rested: set[int], pause: tuple[int, int]):
    day = standing(counted, covered=covered, rested=rested)
    week = set(range(-2, 5))  # Monday to Sunday
    paused = set(range(pause[0], pause[0] + pause[1] + 1))
    found = rules.obstacle(day, [Pause(at(pause[0]), at(pause[0] + pause[1]))])
    needed = rested - counted - covered
    if found is None:
        assert not week & (needed | paused)
        assert 0 not in counted
    assert (found is Obstacle.RESTING) == (0 in needed)
    assert (found is Obstacle.COUNTED) == (0 in counted)
