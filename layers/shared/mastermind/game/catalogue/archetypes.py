"""Warrior, Templar or Mage: what the balance of a member's stats makes of them (docs/rules/archetypes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.catalogue.rules import Catalogue


class Archetype(StrEnum):
    """What a balance is called."""

    INITIATE = "New Initiate"
    WARRIOR = "Warrior"
    TEMPLAR = "Templar"
    MAGE = "Mage"


@dataclass(frozen=True, slots=True)
class Points:
    """Archetype points; `mage_share` is in whole percent, rounded down, and 0 without points."""

    warrior: int = 0
    mage: int = 0

    @property
    def mage_share(self) -> int:
        both = self.warrior + self.mage
        return 100 * self.mage // both if both else 0


BALANCED = 40
"""The least share of either, in percent, that makes a Templar."""


def missing(points: Points) -> int:
    """How many more points of the weaker side make a Templar; 0 for somebody who already is one."""
    fewer, more = sorted((points.warrior, points.mage))
    return max(0, -(-(BALANCED * more - (100 - BALANCED) * fewer) // (100 - BALANCED)))


def archetype(warrior: int, mage: int) -> Archetype:
    """What so many points make.

    docs/rules/archetypes.md, Balance: a mage share under 40 % is a Warrior, 40 to 60 % a Templar, over 60 % a Mage.
    """
    both = warrior + mage
    if not both:
        return Archetype.INITIATE
    if 100 * mage < BALANCED * both:
        return Archetype.WARRIOR
    return Archetype.MAGE if 100 * warrior < BALANCED * both else Archetype.TEMPLAR


def points(catalogue: Catalogue, counts: Mapping[str, int]) -> Points:
    """The points of these counts, whether of a day or of all time; of a stat that is a value: on how many days."""
    known = catalogue.known(counts)
    return Points(sum(n * stat.warrior for stat, n in known), sum(n * stat.mage for stat, n in known))
