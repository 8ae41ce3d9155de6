"""The catalogue of challenges in chapters, and the part of it that a page of the list shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

from mastermind.game.paging import held, page_count, page_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHALLENGE_XP = 100
"""XP for one completed challenge, never multiplied (docs/rules/xp.md, What earns XP)."""

ON_A_PAGE = 5
"""Challenges on one page: what a phone shows at once (docs/rules/challenges.md, Pages)."""

ROOM = 440
"""Characters of so many challenges that a phone shows at once."""

UNDO_LAST = timedelta(minutes=10)
"""How long after a tick the list offers to undo it, wherever it stands."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One task. `chapter` counts from 1; `number` is its place in the chapter, from 1."""

    id: str
    text: str
    chapter: int
    number: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the catalogue: a title, a sentence about it, its tasks in order, and how many of them a page has."""

    number: int
    title: str
    about: str
    challenges: tuple[Challenge, ...]
    on_a_page: int = ON_A_PAGE


def on_a_page(texts: Iterable[str]) -> int:
    """How many of these tasks fit one page, whichever they are: fewer where a community's own are long."""
    longest = sorted(map(_wide, texts), reverse=True)
    return next((most for most in range(ON_A_PAGE, 1, -1) if sum(longest[:most]) <= ROOM), 1)


def _wide(text: str) -> int:
    """Characters, of which those with three bytes are mostly as wide as two letters."""
    return max(len(text), 2 * len(text.encode()) // 3)


@dataclass(frozen=True, slots=True)
class Challenges:
    """The whole catalogue; `chapters` are numbered from 1 without gaps."""

    chapters: tuple[Chapter, ...]
    by_id: Mapping[str, Challenge]

    @property
    def count(self) -> int:
        return len(self.by_id)

    def count_of(self, challenge_ids: Iterable[str]) -> int:
        """How many of these the catalogue has; a community may bring another file, and its challenges are retired."""
        return sum(challenge_id in self.by_id for challenge_id in challenge_ids)

    def chapter(self, number: int) -> Chapter:
        """The chapter of that number; raises IndexError when there is none."""
        if not 1 <= number <= len(self.chapters):
            raise IndexError(f"there is no chapter {number}")
        return self.chapters[number - 1]


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
    """Which challenges of a chapter are listed."""

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
    """A page of a chapter; both count from 1. Page 0 is the one on which the member goes on."""

    chapter: int
    page: int


def _shuffled(challenge_id: str) -> int:
    """A number that puts challenges in a shuffled order."""
    return crc32(challenge_id.encode())


@dataclass(frozen=True)
class Checklist:
    """The catalogue as one member sees it; `standings` holds the ticked and the done ones by challenge id."""

    catalogue: Challenges
    standings: Mapping[str, ChallengeState]

    @cached_property
    def _done(self) -> Mapping[int, int]:
        """How many are ticked or done, by chapter."""
        by_id = self.catalogue.by_id
        return Counter(by_id[each].chapter for each in self.standings if each in by_id)

    def standing(self, challenge: Challenge) -> ChallengeState:
        return self.standings.get(challenge.id, ChallengeState.OPEN)

    def done(self, chapter: Chapter) -> int:
        """How many of a chapter are ticked or done."""
        return self._done[chapter.number]

    def is_complete(self, chapter: Chapter) -> bool:
        return self.done(chapter) == len(chapter.challenges)

    @property
    def done_in_all(self) -> int:
        return sum(self._done.values())

    def listed(self, chapter: Chapter, show: Show) -> tuple[Challenge, ...]:
        """What `show` lets through of a chapter, in order."""
        if show is Show.ALL:
            return chapter.challenges
        return tuple(each for each in chapter.challenges if self.standing(each) in _LISTED[show])

    def pages(self, chapter: Chapter, show: Show) -> int:
        """How many pages the chapter takes; at least one, which may be empty."""
        return page_count(len(self.listed(chapter, show)), chapter.on_a_page)

    def held(self, place: Place, show: Show) -> Place:
        """The place itself when it exists, else the nearest: content may change, and a filtered chapter may shrink."""
        number = held(place.chapter, len(self.catalogue.chapters))
        chapter = self.catalogue.chapter(number)
        page = place.page or self._going_on(chapter, show)
        return Place(number, held(page, self.pages(chapter, show)))

    def _going_on(self, chapter: Chapter, show: Show) -> int:
        """The first page with a challenge that waits to be done; the first one without."""
        pages = range(1, self.pages(chapter, show) + 1)
        return next((page for page in pages if self._waits_on(Place(chapter.number, page), show)), 1)

    def _waits_on(self, place: Place, show: Show) -> bool:
        return any(self.standing(each) is ChallengeState.OPEN for each in self.page(place, show))

    def page(self, place: Place, show: Show) -> tuple[Challenge, ...]:
        """The challenges of a page, in order."""
        chapter = self.catalogue.chapter(place.chapter)
        return tuple(page_of(self.listed(chapter, show), place.page, chapter.on_a_page))

    def place_of(self, challenge: Challenge, show: Show) -> Place | None:
        """The page on which a challenge is listed, if it is."""
        pages = range(1, self.pages(self.catalogue.chapter(challenge.chapter), show) + 1)
        places = (Place(challenge.chapter, page) for page in pages)
        return next((place for place in places if challenge in self.page(place, show)), None)

    def surprise(self, chapter: int, chance: int, after: str = "") -> Challenge | None:
        """An open challenge up to that chapter, or any when these are done; None when all are.

        They stand in a shuffled row: the first is the one at `chance`, and `after` a challenge comes the next, so that
        each is met once.
        """
        every = [each for each in self.catalogue.by_id.values() if each.id not in self.standings]
        row = sorted([each for each in every if each.chapter <= chapter] or every, key=lambda it: _shuffled(it.id))
        if not row:
            return None
        if not after:
            return row[chance % len(row)]
        return next((each for each in row if _shuffled(each.id) > _shuffled(after)), row[0])

    def neighbours(self, place: Place, show: Show) -> tuple[Place | None, Place | None]:
        """The page before and the page after with something to show, across chapters, of a place that exists."""
        number, page, chapters = place.chapter, place.page, self.catalogue.chapters
        earlier = (
            Place(it.number, self.pages(it, show)) for it in reversed(chapters[: number - 1]) if self.listed(it, show)
        )
        later = (Place(it.number, 1) for it in chapters[number:] if self.listed(it, show))
        before = Place(number, page - 1) if page > 1 else next(earlier, None)
        has_more = page < self.pages(self.catalogue.chapter(number), show)
        return before, Place(number, page + 1) if has_more else next(later, None)

    def current_chapter(self, show: Show) -> int:
        """Where the list opens: the first chapter that is not yet complete, the last one when all are.

        Of the done ones: the first chapter that has any.
        """
        chapters = self.catalogue.chapters
        if show is Show.DONE:
            return next((chapter.number for chapter in chapters if self.done(chapter)), 1)
        return next((chapter.number for chapter in chapters if not self.is_complete(chapter)), len(chapters))
