"""Milestones are few, rise, and end with the last challenge there is."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.announcements.rules import MILESTONES, following
from mastermind.game.challenges import content as challenges


def test_the_milestones_are_those_of_the_game():
    assert MILESTONES == (10, 50, 100, 200, 303)


def test_the_last_milestone_is_the_last_challenge():
    assert MILESTONES[-1] == challenges.load().count


def test_from_each_milestone_the_next_one_follows():
    assert [following(before) for before in (0, *MILESTONES)] == [*MILESTONES, None]
    assert all(following(before) == after for before, after in pairwise(MILESTONES))


@given(st.integers(0, 400))
def test_what_follows_lies_ahead_and_nothing_lies_between(done: int):
    ahead = [milestone for milestone in MILESTONES if milestone > done]
    assert following(done) == (min(ahead) if ahead else None)
