"""A conversion is shown wherever something was tried, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.catalogue import content as stats
from mastermind.game.standings.rules import PAIRS, Conversion, conversions

STATS = sorted({stat for _, *pair in PAIRS for stat in pair})


@pytest.mark.parametrize(
    ("gained", "tried", "words"),
    [
        (3, 12, "0.25 (3 from 12)"),
        (0, 7, "0.00 (0 from 7)"),
        (1, 3, "0.33 (1 from 3)"),
        (2, 3, "0.67 (2 from 3)"),
        (1, 8, "0.13 (1 from 8)"),
        (5, 4, "1.25 (5 from 4)"),
        (12_345, 1, "12,345.00 (12,345 from 1)"),
    ],
)
def test_a_ratio_is_shown_in_hundredths_with_its_figures(gained: int, tried: int, words: str):
    assert str(Conversion("Numbers per approach", gained, tried)) == words


@given(st.dictionaries(st.sampled_from(STATS), st.integers(0, 10_000)))
def test_nothing_is_divided_by_nothing(counts: dict[str, int]):
    shown = conversions(counts)
    assert all(conversion.tried > 0 and str(conversion) for conversion in shown)
    assert {conversion.title for conversion in shown} == {title for title, _, tried in PAIRS if counts.get(tried)}


def test_the_catalogue_that_ships_has_every_stat_of_a_conversion():
    assert set(STATS) <= set(stats.load().by_key)
