"""How a newcomer goes through the first run, and which clock their language lets us guess (docs/rules/first-run.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mastermind.game.challenges.rules import Challenge, Challenges


class Step(IntEnum):
    """The steps in their order, with the numbers that the table first_runs has."""

    DEED = 1
    TODAY = 2
    RHYTHM = 3
    THROUGH = 4


STEPS = 3


@dataclass(frozen=True, slots=True)
class Deed:
    """Something small that can be done right now, and the stat that one of it is."""

    text: str
    stat: str


def turned(deeds: Sequence[object], place: int) -> int:
    """The place of a deed in the list, which begins again after the last."""
    return place % len(deeds)


def first_challenges(catalogue: Challenges, ids: Iterable[str]) -> Sequence[Challenge]:
    """Those of them that the list has; the first chapter of a list that has none."""
    return [catalogue.by_id[each] for each in ids if each in catalogue.by_id] or catalogue.chapter(1).challenges


@dataclass(frozen=True, slots=True)
class Language:
    """Where those who use a language of Discord's live: the likeliest zone ("" for none), and all that are offered."""

    likely: str
    zones: Sequence[str]


@dataclass(frozen=True, slots=True)
class Clocks:
    """The zones that are offered to somebody; `guess` is theirs as far as we can tell, None where we can't."""

    guess: str | None
    zones: Sequence[str]


def clocks(languages: Mapping[str, Language], locale: str, own: str) -> Clocks:
    """Which clocks to offer to somebody whose Discord speaks that language, when theirs is `own` now.

    What is theirs now is the deployment's until they have said otherwise: where it is among those of their language,
    nothing is likelier.
    """
    found = languages.get(locale)
    if found is None:
        return Clocks(None, (own,))
    guess = own if own in found.zones else found.likely or None
    return Clocks(guess, (*found.zones, *(() if own in found.zones else (own,))))


def next_step(step: int, *, has_begun: bool) -> Step:
    """Where somebody goes on: who has logged or ticked something by themselves has done their first deed."""
    return Step(max(step, Step.TODAY) if has_begun else step)
