"""What became of a week: the figures, from which the words and the pictures are made (docs/rules/weeks.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

DAY, WEEK = timedelta(days=1), timedelta(days=7)

NAMED = 3
"""Members who are named as those who climbed most."""

MOST_NEWCOMERS = 5
"""Newcomers who are named; of the others it is said that they are there."""

MOST_RAIDS = 3

FEW = 5
"""A number of members that is smaller is "a few": who is in so small a number could be found out."""


@dataclass(frozen=True, slots=True)
class Climber:
    """A member who gathered so much XP in the week, and so much in the one before."""

    display_name: str
    xp: int
    before: int


@dataclass(frozen=True, slots=True)
class FactionWeek:
    """What a faction gathered in the week."""

    name: str
    xp: int


@dataclass(frozen=True, slots=True)
class RaidResult:
    """A raid that ended in the week, as everybody may see it."""

    type: str
    is_won: bool
    target: int
    total: int
    contributors: int


@dataclass(frozen=True, slots=True)
class ServerWeek:
    """The week of the server that began on `first_day`, a date in ISO's form.

    Whoever hides is in no figure, and whoever is not announced in no name. `active` is how many gathered XP;
    `climbers` are those who gathered most, the most first, `improved` is who gathered most more than the week before.
    `newcomers` are the first of those who met the game in that week and did something, `more_newcomers` counts the
    others. `raids` are the last that ended, `more_raids` counts the others. `question` is that for the new week.
    """

    first_day: str
    active: int
    climbers: tuple[Climber, ...]
    improved: Climber | None
    newcomers: tuple[str, ...]
    more_newcomers: int
    factions: tuple[FactionWeek, ...]
    raids: tuple[RaidResult, ...]
    more_raids: int
    question: str
    kind: Literal["week"] = "week"

    @property
    def monday(self) -> date:
        return date.fromisoformat(self.first_day)

    @property
    def is_quiet(self) -> bool:
        """Whether there is little to tell: then nobody is counted or compared."""
        return self.active < NAMED


def improved(climbers: tuple[Climber, ...]) -> Climber | None:
    """Who gathered most more than the week before, of those who gathered anything then; None if nobody did."""
    gained = [each for each in climbers if 0 < each.before < each.xp]
    return max(gained, key=lambda each: each.xp - each.before, default=None)
