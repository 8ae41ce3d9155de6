"""The challenges as the rules see them: a catalogue in levels, and which part of it a page of the list shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from mastermind.game.paging import held, page_count, page_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHALLENGE_XP = 100
"""XP for one completed challenge, never multiplied (docs/rules/xp.md, What earns XP)."""

ON_A_PAGE = 8
"""Challenges on one page: 3 components each, of the 40 a message may have (docs/rules/challenges.md, Pages)."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One task. `level` counts from 1; `number` is its place in the level, from 1."""

    id: str
    text: str
    level: int
    number: int


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the catalogue (not of XP): a title, a sentence about it, and its tasks in order."""

    number: int
    title: str
    about: str
    challenges: tuple[Challenge, ...]


@dataclass(frozen=True, slots=True)
class Challenges:
    """The whole catalogue; `levels` are numbered from 1 without gaps."""

    levels: tuple[Level, ...]
    by_id: Mapping[str, Challenge]

    @property
    def count(self) -> int:
        return len(self.by_id)

    def count_of(self, challenge_ids: Iterable[str]) -> int:
        """How many of these the catalogue has; a community may bring another file, and its challenges are retired."""
        return sum(challenge_id in self.by_id for challenge_id in challenge_ids)

    def level(self, number: int) -> Level:
        """The level of that number; raises IndexError when there is none."""
        if not 1 <= number <= len(self.levels):
            raise IndexError(f"there is no level {number}")
        return self.levels[number - 1]


class AwardStatus(StrEnum):
    """An award is pending until it is due; one that was undone is cancelled before that, reversed after it."""

    PENDING = "pending"
    AWARDED = "awarded"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


class Undo(StrEnum):
    """What an undo did: nothing was awarded yet, a ledger row took the XP back, or there was nothing to undo."""

    CANCELLED = "cancelled"
    REVERSED = "reversed"
    GONE = "gone"


class Show(StrEnum):
    """Which challenges of a level are listed."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


class ChallengeState(StrEnum):
    """How a challenge stands with a member: not ticked, ticked with its XP on the way, or done with its XP."""

    OPEN = "open"
    TICKED = "ticked"
    DONE = "done"


_LISTED = {
    Show.OPEN: {ChallengeState.OPEN, ChallengeState.TICKED},
    Show.DONE: {ChallengeState.TICKED, ChallengeState.DONE},
}
"""A fresh tick stays among the open ones too: a list must not lose a line under the finger that ticked it."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A page of a level; both count from 1."""

    level: int
    page: int


@dataclass(frozen=True)
class Checklist:
    """The catalogue as one member sees it; `standings` holds the ticked and the done ones by challenge id."""

    catalogue: Challenges
    standings: Mapping[str, ChallengeState]

    @cached_property
    def _done(self) -> Mapping[int, int]:
        """How many are ticked or done, by level."""
        by_id = self.catalogue.by_id
        return Counter(by_id[each].level for each in self.standings if each in by_id)

    def standing(self, challenge: Challenge) -> ChallengeState:
        return self.standings.get(challenge.id, ChallengeState.OPEN)

    def done(self, level: Level) -> int:
        """How many of a level are ticked or done."""
        return self._done[level.number]

    def is_complete(self, level: Level) -> bool:
        return self.done(level) == len(level.challenges)

    @property
    def done_in_all(self) -> int:
        return sum(self._done.values())

    def listed(self, level: Level, show: Show) -> tuple[Challenge, ...]:
        """What `show` lets through of a level, in order."""
        if show is Show.ALL:
            return level.challenges
        return tuple(each for each in level.challenges if self.standing(each) in _LISTED[show])

    def pages(self, level: Level, show: Show) -> int:
        """How many pages the level takes; at least one, which may be empty."""
        return page_count(len(self.listed(level, show)), ON_A_PAGE)

    def held(self, place: Place, show: Show) -> Place:
        """The place itself when it exists, else the nearest: content may change, and a filtered level may shrink."""
        level = held(place.level, len(self.catalogue.levels))
        return Place(level, held(place.page, self.pages(self.catalogue.level(level), show)))

    def page(self, place: Place, show: Show) -> tuple[Challenge, ...]:
        """The challenges of a page, in order."""
        return tuple(page_of(self.listed(self.catalogue.level(place.level), show), place.page, ON_A_PAGE))

    def neighbours(self, place: Place, show: Show) -> tuple[Place | None, Place | None]:
        """The page before and the page after with something to show, across levels, of a place that exists."""
        number, page, levels = place.level, place.page, self.catalogue.levels
        earlier = (
            Place(it.number, self.pages(it, show)) for it in reversed(levels[: number - 1]) if self.listed(it, show)
        )
        later = (Place(it.number, 1) for it in levels[number:] if self.listed(it, show))
        before = Place(number, page - 1) if page > 1 else next(earlier, None)
        has_more = page < self.pages(self.catalogue.level(number), show)
        return before, Place(number, page + 1) if has_more else next(later, None)

    def current_level(self, show: Show) -> int:
        """Where the list opens: the first level that is not yet complete, the last one when all are.

        Of the done ones: the first level that has any.
        """
        levels = self.catalogue.levels
        if show is Show.DONE:
            return next((level.number for level in levels if self.done(level)), 1)
        return next((level.number for level in levels if not self.is_complete(level)), len(levels))
