"""The price of a day, with its parts (docs/rules/xp.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.catalogue.archetypes import Archetype, archetype

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.game.catalogue.rules import Catalogue

STREAK_STEP, STREAK_DAYS, STREAK_MOST = 5, 7, 25
"""Percent points for each so many full days of a streak, and at most."""

TEMPLAR_SHARE = 30
"""Percent points on a day whose warrior and mage points are in balance."""

NO_EVENT = 100
"""The percent by which everything is multiplied unless an event runs."""

MOST = 50_000
"""All multipliers together, in hundredths of a percent: never more than 5.0."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a stat of a day was worth when it was logged: XP before bonuses, archetype points."""

    xp: int = 0
    warrior: int = 0
    mage: int = 0


def worth(catalogue: Catalogue, key: str, count: int, *, before: int = 0, kept: Worth | None = None) -> Worth:
    """What `count` units of a stat are worth, `before` of which were logged earlier and are worth what is `kept`.

    Further units count as the catalogue has them now. Units that are taken back take their part of what is kept along.
    """
    kept = kept or Worth()
    count, before = catalogue.units(key, count), catalogue.units(key, before)
    if count <= before:
        return Worth(*(each * count // before for each in (kept.xp, kept.warrior, kept.mage))) if before else Worth()
    stat = catalogue.by_key.get(key)
    if stat is None or stat in catalogue.automatic:
        return kept
    added = count - before
    return Worth(kept.xp + added * stat.xp, kept.warrior + added * stat.warrior, kept.mage + added * stat.mage)


@dataclass(frozen=True, slots=True)
class Price:
    """The XP of a day: its base, the bonuses in percent points, the event in percent."""

    base: int
    streak: int = 0
    templar: int = 0
    event: int = NO_EVENT

    @property
    def bonus(self) -> int:
        """All bonuses together, in percent points."""
        return self.streak + self.templar

    @property
    def multiplier(self) -> int:
        """Everything the base is multiplied by, in hundredths of a percent."""
        return min((100 + self.bonus) * self.event, MOST)

    @property
    def xp(self) -> int:
        """Whole XP, half up."""
        return (self.base * self.multiplier + 5_000) // 10_000


def price(worths: Collection[Worth], streak_share: int, event: int = NO_EVENT) -> Price:
    """The price of a day with stats of these worths; its own share of the streak is in percent points."""
    base = sum(each.xp for each in worths)
    balance = archetype(sum(each.warrior for each in worths), sum(each.mage for each in worths))
    is_templar = balance is Archetype.TEMPLAR
    return Price(base, streak_share, TEMPLAR_SHARE if is_templar else 0, event)


def streak_share(length: int) -> int:
    """The percent points that a streak of so many days is worth."""
    return min(max(length, 0) // STREAK_DAYS * STREAK_STEP, STREAK_MOST)
