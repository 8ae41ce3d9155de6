"""What the first week explains, and when."""

from __future__ import annotations

import pytest

from mastermind.game.catalogue.archetypes import Archetype
from mastermind.game.first_week.rules import Matter, explained_now

INITIATE, WARRIOR, MAGE, TEMPLAR = Archetype.INITIATE, Archetype.WARRIOR, Archetype.MAGE, Archetype.TEMPLAR


@pytest.mark.parametrize(
    ("length", "before", "after", "expected"),
    [
        (1, WARRIOR, MAGE, None),
        (2, INITIATE, WARRIOR, None),
        (2, WARRIOR, WARRIOR, None),
        (2, WARRIOR, MAGE, Matter.ARCHETYPE),
        (5, WARRIOR, MAGE, Matter.BOARD),
        (6, INITIATE, MAGE, Matter.SIX),
        (7, INITIATE, MAGE, Matter.SEVEN),
        (4, WARRIOR, MAGE, Matter.ARCHETYPE),
        (8, WARRIOR, MAGE, None),
        (1, INITIATE, TEMPLAR, Matter.ARCHETYPE),
        (1, MAGE, TEMPLAR, Matter.ARCHETYPE),
        (40, WARRIOR, TEMPLAR, Matter.ARCHETYPE),
        (40, TEMPLAR, TEMPLAR, None),
        (5, WARRIOR, TEMPLAR, Matter.BOARD),
    ],
)
def test_each_day_explains_at_most_one_matter(
    length: int, before: Archetype, after: Archetype, expected: Matter | None
):
    assert explained_now(length, before, after, set(), has_gift=False) is expected
    assert explained_now(length, before, after, set(Matter), has_gift=False) is None


def test_the_day_of_the_gift_explains_nothing_else():
    assert explained_now(3, WARRIOR, MAGE, set(), has_gift=True) is Matter.GIFT
    assert explained_now(3, WARRIOR, MAGE, {Matter.GIFT}, has_gift=True) is None
    assert explained_now(3, WARRIOR, MAGE, set(), has_gift=False) is Matter.ARCHETYPE
