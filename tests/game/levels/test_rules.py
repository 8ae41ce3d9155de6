"""Levels rise with XP exactly as the rules say."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.levels.rules import LEVELS, THRESHOLDS, level_of, progress, xp_needed

if TYPE_CHECKING:
    from tests.conftest import Connection

any_xp = st.integers(-1_000, 400_000)


@pytest.mark.parametrize(("level", "xp"), [(1, 0), (2, 500), (3, 1_200), (4, 2_000), (10, 11_000), (50, 255_000)])
def test_a_level_begins_at_the_xp_of_the_rules(level: int, xp: int):
    assert xp_needed(level) == xp


@pytest.mark.parametrize("level", [-1, 0, 51])
def test_there_are_fifty_levels_and_no_other(level: int):
    with pytest.raises(ValueError, match=f"no level {level}"):
        xp_needed(level)


def test_each_level_takes_more_xp_than_the_one_before():
    assert len(THRESHOLDS) == LEVELS
    assert all(lower < higher for lower, higher in pairwise(THRESHOLDS))


@pytest.mark.parametrize("level", range(1, LEVELS + 1))
def test_a_level_is_reached_at_its_very_xp_and_not_one_before(level: int):
    assert level_of(xp_needed(level)) == level
    assert level_of(xp_needed(level) - 1) == max(level - 1, 1)


@given(any_xp)
def test_a_level_is_the_highest_whose_xp_is_there(xp: int):
    reached = [level for level in range(1, LEVELS + 1) if xp_needed(level) <= max(xp, 0)]
    assert level_of(xp) == reached[-1]


@given(any_xp, st.integers(0, 50_000))
def test_more_xp_never_lowers_the_level(xp: int, more: int):
    assert level_of(xp + more) >= level_of(xp)


@given(any_xp)
def test_the_missing_xp_leads_to_the_next_level_and_one_less_does_not(xp: int):
    now = progress(xp)
    if now.next_level is None:
        assert (now.level, now.span, now.missing) == (LEVELS, 0, 0)
    else:
        assert now.gained + now.missing == now.span
        assert level_of(max(xp, 0) + now.missing) == now.next_level
        assert level_of(max(xp, 0) + now.missing - 1) == now.level


@given(any_xp)
def test_what_was_gained_counts_from_where_the_level_began(xp: int):
    now = progress(xp)
    assert xp_needed(now.level) + now.gained == max(xp, 0)


def test_xp_below_zero_counts_as_none():
    assert progress(-300) == progress(0)


def test_the_database_derives_the_same_levels_at_every_boundary(owner: Connection):
    boundaries = sorted({-500, 0, 999_999_999, *(xp + step for xp in THRESHOLDS for step in (-1, 0, 1))})
    owner.execute_many(
        "INSERT INTO users (user_id, display_name, time_zone, xp) VALUES (%s, 'Alex', 'UTC', %s)",
        list(enumerate(boundaries, 1)),
    )
    derived = owner.execute("SELECT xp, level FROM users ORDER BY xp").fetchall()
    assert derived == [(xp, level_of(xp)) for xp in boundaries]
