"""How much XP makes which level, and which class a level belongs to (docs/rules/levels.md)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = 50
"""The highest level."""


def xp_needed(level: int) -> int:
    """The XP at which a level begins; raises ValueError outside 1..50.

    docs/rules/levels.md, XP for each level: level 1 = 0, level 2 = 500, level n = 100 x n x (n + 1) from 3 on.
    """
    if not 1 <= level <= LEVELS:
        raise ValueError(f"there is no level {level}")
    if level <= 2:
        return (0, 500)[level - 1]
    return 100 * level * (level + 1)


THRESHOLDS = tuple(xp_needed(level) for level in range(1, LEVELS + 1))
"""The XP at which each level begins, level 1 first; `users.level` is generated from the same 50 figures."""


def level_of(xp: int) -> int:
    """The level that this much XP makes; XP below 0 counts as 0 (docs/rules/xp.md, Below zero)."""
    return bisect_right(THRESHOLDS, max(xp, 0))


@dataclass(frozen=True, slots=True)
class LevelProgress:
    """Where a member stands between two levels, in XP.

    `gained` of `span` lie behind since the level began, `missing` ahead. At the highest level `span` and `missing`
    are 0 and there is no next one.
    """

    level: int
    gained: int
    span: int
    missing: int

    @property
    def next_level(self) -> int | None:
        return self.level + 1 if self.level < LEVELS else None


def progress(xp: int) -> LevelProgress:
    """How far this much XP is on its way to the next level; XP below 0 counts as 0."""
    xp = max(xp, 0)
    level = level_of(xp)
    gained = xp - xp_needed(level)
    if level == LEVELS:
        return LevelProgress(level, gained, 0, 0)
    span = xp_needed(level + 1) - xp_needed(level)
    return LevelProgress(level, gained, span, span - gained)


@dataclass(frozen=True, slots=True)
class LevelClass:
    """A run of levels under one title, from `first_level` up to the next class; `color` is 0xRRGGBB."""

    first_level: int
    title: str
    color: int


def class_of(level: int, classes: Sequence[LevelClass]) -> LevelClass:
    """The class of a level; `classes` are in rising order and begin at level 1. Raises ValueError below level 1."""
    reached = [each for each in classes if each.first_level <= level]
    if not reached:
        raise ValueError(f"no class holds level {level}")
    return reached[-1]
