"""A conversion is said from ten tries on, where something came of them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.catalogue import content as stats
from mastermind.game.standings.rules import PAIRS, TRIED, conversions

STATS = sorted({stat for pair in PAIRS for stat in (pair.gained, pair.tried)})


@pytest.mark.parametrize(
    ("gained", "tried", "words"),
    [
        (2, 12, "1 number in 6 approaches"),
        (1, 10, "1 number in 10 approaches"),
        (4, 10, "1 number in 3 approaches"),  # 2.5
        (7, 10, "7 numbers from 10 approaches"),
        (12, 10, "12 numbers from 10 approaches"),
        (1, 12_345, "1 number in 12,345 approaches"),
    ],
)
def test_it_is_said_in_how_many_tries_one_came(gained: int, tried: int, words: str):
    assert conversions({"numbers": gained, "approaches": tried})[0] == words


@pytest.mark.parametrize(("gained", "tried"), [(0, 100), (5, 9), (5, 0)])
def test_few_tries_and_tries_without_success_are_not_counted_up_to_anybody(gained: int, tried: int):
    assert conversions({"numbers": gained, "approaches": tried}) == ()


@given(st.dictionaries(st.sampled_from(STATS), st.integers(0, 10_000)), st.sets(st.sampled_from(STATS)))
def test_each_figure_is_one_of_enough_tries_of_what_is_not_kept(counts: dict[str, int], kept: set[str]):
    said = [
        pair
        for pair in PAIRS
        if counts.get(pair.tried, 0) >= TRIED and counts.get(pair.gained) and not {pair.tried, pair.gained} & kept
    ]
    assert len(conversions(counts, kept)) == len(said)


def test_the_catalogue_that_ships_has_every_stat_of_a_conversion():
    assert set(STATS) <= set(stats.load().by_key)
