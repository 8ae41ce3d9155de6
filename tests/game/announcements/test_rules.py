"""Milestones are few, rise, and end with the last challenge there is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.announcements.queued import Announcement, Queued, postable
from mastermind.game.announcements.rules import (
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
    following,
    milestones,
)
from mastermind.game.challenges import content as challenges
from mastermind.game.weeks.rules import ServerWeek

LISTED = st.integers(1, 1000)
NOW = 1_800_000_000


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


@pytest.mark.parametrize(
    "announcement",
    [
        Milestone(1, "Ann", 10, 303),
        LevelUp(1, "Ann", 5),
        RaidCompleted(7, "mage", 100, 105, 2, "Ann"),
        ServerWeek("2026-11-23", 1, (), None, ("Ann",), 0, (), (), 0, "Why?"),
    ],
)
def test_a_member_is_named_for_two_hours(announcement: Announcement):
    queued = Queued(announcement, NOW)
    assert postable(queued, NOW + 7_200) == announcement
    left = postable(queued, NOW + 7_201)
    assert left is None or left == RaidCompleted(7, "mage", 100, 105, 2, "")


def test_the_start_of_a_raid_is_posted_while_it_runs():
    queued = Queued(RaidStarted(7, "warrior", 1000, NOW + 3600), NOW)
    assert postable(queued, NOW + 3599) == queued.announcement
    assert postable(queued, NOW + 3600) is None


def test_the_end_of_a_raid_stays_true():
    failed = RaidFailed(7, "mage", 1000, 30, 1)
    assert postable(Queued(failed, NOW), NOW + 86_400) == failed
