"""The challenge of the day: which ones a day chooses from, in which order (docs/rules/today.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mastermind.game.challenges.rules import Challenges, Level

DAY_XP = 50
"""XP for the challenge of the day, never multiplied (docs/rules/xp.md, What earns XP)."""

EASY_LEVELS = 2
"""The first levels: anybody can do what is in them, so what comes instead of the challenge of the day is from there."""


class Did(StrEnum):
    """What *Did it* led to: its XP, or nothing because this date has brought it before or the day is over."""

    AWARDED = "awarded"
    HAD = "had"
    OTHER_DAY = "other_day"


@dataclass(frozen=True, slots=True)
class Pools:
    """The ids of the challenges of a day, and of those that come instead: each list is gone through day by day."""

    day: tuple[str, ...]
    other: tuple[str, ...]


def pools(catalogue: Challenges) -> Pools:
    """A day's challenge is from the first half of the levels, after the easy ones; of a short list from all of it."""
    easy = catalogue.levels[:EASY_LEVELS]
    after = catalogue.levels[EASY_LEVELS : (len(catalogue.levels) + 1) // 2]
    return Pools(_shuffled(after or catalogue.levels), _shuffled(easy))


def _shuffled(levels: Iterable[Level]) -> tuple[str, ...]:
    """Their challenges in an order that is the same on every machine, so that neighbours are not alike."""
    ids = (challenge.id for level in levels for challenge in level.challenges)
    return tuple(sorted(ids, key=lambda each: (crc32(each.encode()), each)))
