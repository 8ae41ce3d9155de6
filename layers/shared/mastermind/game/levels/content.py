"""The classes of the XP levels that were built in: their titles and colours."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mastermind.game.levels.rules import LevelClass, class_of

FILE = Path(__file__).with_name("levels.json")


@cache
def load() -> tuple[LevelClass, ...]:
    """Lowest first."""
    classes = json.loads(FILE.read_bytes())["classes"]
    return tuple(LevelClass(it["first_level"], it["title"], int(it["color"].removeprefix("#"), 16)) for it in classes)


def of_level(level: int) -> LevelClass:
    """The class a level belongs to."""
    return class_of(level, load())
