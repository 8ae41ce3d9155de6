"""What a day is worth, and why (docs/rules/xp.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.catalogue.archetypes import Archetype, archetype, points
from mastermind.game.catalogue.rules import STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.catalogue.rules import Catalogue

STREAK_STEP, STREAK_DAYS, STREAK_MOST = 5, 7, 25
"""Percent points for each so many full days of a streak, and at most."""

STATE_SHARE, STATE_FROM = 5, 8
"""Percent points on a day whose overall state is that or more."""

TEMPLAR_SHARE = 30
"""Percent points on a day whose warrior and mage points are in balance."""

NO_EVENT = 100
"""The percent by which everything is multiplied unless an event runs."""

MOST = 50_000
"""All multipliers together, in hundredths of a percent: never more than 5.0."""


@dataclass(frozen=True, slots=True)
class Price:
    """The XP of a day: its base, the bonuses in percent points, the event in percent."""

    base: int
    streak: int = 0
    state: int = 0
    templar: int = 0
    event: int = NO_EVENT

    @property
    def bonus(self) -> int:
        """All bonuses together, in percent points."""
        return self.streak + self.state + self.templar

    @property
    def multiplier(self) -> int:
        """Everything the base is multiplied by, in hundredths of a percent."""
        return min((100 + self.bonus) * self.event, MOST)

    @property
    def xp(self) -> int:
        """Whole XP, half up."""
        return (self.base * self.multiplier + 5_000) // 10_000


def price(catalogue: Catalogue, counts: Mapping[str, int], streak_share: int, event: int = NO_EVENT) -> Price:
    """The price of a day with these counts. `streak_share` is the day's own, in percent points, fixed once booked."""
    submitted = {key: count for key, count in counts.items() if key not in _automatic(catalogue)}
    base = sum(count * stat.xp for stat, count in catalogue.known(submitted))
    state = STATE_SHARE if submitted.get(STATE, 0) >= STATE_FROM else 0
    balance = points(catalogue, submitted)
    is_templar = archetype(balance.warrior, balance.mage) is Archetype.TEMPLAR
    return Price(base, streak_share, state, TEMPLAR_SHARE if is_templar else 0, event)


def streak_share(length: int) -> int:
    """The percent points that a streak of so many days is worth."""
    return min(max(length, 0) // STREAK_DAYS * STREAK_STEP, STREAK_MOST)


def _automatic(catalogue: Catalogue) -> frozenset[str]:
    """Challenges pay their own XP, which nothing multiplies."""
    return frozenset(stat.key for stat in catalogue.automatic)
