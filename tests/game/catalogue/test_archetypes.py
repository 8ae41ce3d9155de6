"""The balance of warrior and mage points has a name, and no gaps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.archetypes import Archetype, Points, archetype, missing, points

SIZES = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("warrior", "mage", "named"),
    [
        (0, 0, Archetype.INITIATE),
        (1, 0, Archetype.WARRIOR),
        (61, 39, Archetype.WARRIOR),
        (60, 40, Archetype.TEMPLAR),
        (50, 50, Archetype.TEMPLAR),
        (40, 60, Archetype.TEMPLAR),
        (39, 61, Archetype.MAGE),
        (0, 1, Archetype.MAGE),
        (600_001, 399_999, Archetype.WARRIOR),
        (399_999, 600_001, Archetype.MAGE),
    ],
)
def test_a_balance_has_its_name(warrior: int, mage: int, named: Archetype):
    assert archetype(warrior, mage) is named


@given(SIZES, SIZES)
def test_the_name_follows_from_the_exact_share(warrior: int, mage: int):
    named = archetype(warrior, mage)
    if not warrior + mage:
        assert named is Archetype.INITIATE
        return
    share = Fraction(mage, warrior + mage)
    templar = Fraction(2, 5) <= share <= Fraction(3, 5)
    assert (named is Archetype.TEMPLAR) == templar
    assert (named is Archetype.WARRIOR) == (share < Fraction(2, 5))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_is_missing_to_a_templar_makes_one_and_nothing_less_does(warrior: int, mage: int):
    more = missing(Points(warrior, mage))

    def named(added: int) -> Archetype:
        return archetype(warrior + added, mage) if warrior < mage else archetype(warrior, mage + added)

    if warrior + mage:
        assert named(more) is Archetype.TEMPLAR
        assert more == 0 or named(more - 1) is not Archetype.TEMPLAR


def test_points_are_the_weighted_sum_of_counts():
    counts = {"approaches": 4, "overall_state": 2, "tensey_exercise": 2, "dancing": 7}
    assert points(stats.load(), counts) == Points(warrior=18, mage=22)
    assert points(stats.load(), counts).mage_share == 55
    assert points(stats.load(), {}) == Points()
    assert Points().mage_share == 0
