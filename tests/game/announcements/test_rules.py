"""Milestones are few, rise, and end with the last challenge there is."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.announcements.rules import Milestone, RaidStarted, following, is_over, milestones
from mastermind.game.challenges import content as challenges

LISTED = st.integers(1, 1000)


def test_the_milestones_of_the_list_that_ships():
    assert milestones(challenges.load().count) == (10, 50, 100, 200, 303)


def test_a_short_list_has_fewer_milestones():
    assert milestones(7) == (7,)
    assert milestones(10) == (10,)
    assert milestones(120) == (10, 50, 100, 120)


@given(LISTED)
def test_milestones_rise_and_end_with_the_whole_list(listed: int):
    every = milestones(listed)
    assert every[-1] == listed
    assert all(before < after for before, after in pairwise(every))


@given(st.integers(0, 1100), LISTED)
def test_what_follows_lies_ahead_and_nothing_lies_between(done: int, listed: int):
    ahead = [milestone for milestone in milestones(listed) if milestone > done]
    assert following(done, listed) == (min(ahead) if ahead else None)


def test_only_the_start_of_a_raid_grows_old():
    start = RaidStarted(7, "warrior", 1000, 1_800_000_000)
    assert not is_over(start, 1_799_999_999)
    assert is_over(start, 1_800_000_000)
    assert not is_over(Milestone(1, "Ann", 10, 303), 1_900_000_000)
