"""The class a level belongs to (docs/rules/levels.md, Classes); titles and colours are content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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
