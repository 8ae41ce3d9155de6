"""The classes of the XP levels: their titles and colours."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

from mastermind.game import fields
from mastermind.game.levels.classes import LevelClass, class_of
from mastermind.game.levels.rules import LEVELS

FILE = "levels.json"


@cache
def load() -> tuple[LevelClass, ...]:
    """The classes that ship with the game, lowest first; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def of_level(level: int) -> LevelClass:
    """The class a level belongs to."""
    return class_of(level, load())


def read(source: bytes, file: str = FILE) -> tuple[LevelClass, ...]:
    """Read classes from JSON: {"classes": [{"first_level", "title", "color": "#RRGGBB"}, ...]}, lowest first.

    Raises ContentError naming file, entry and field.
    """
    top = fields.read(source, file)
    top.only("classes")
    entries = top.entries("classes", "class", most=LEVELS)
    classes = fields.each(entries, _class)
    if classes[0].first_level != 1:
        entries[0].refuse("first_level", "must be 1: every level needs a class")
    for entry, (lower, higher) in zip(entries[1:], pairwise(classes), strict=True):
        if higher.first_level <= lower.first_level:
            entry.refuse("first_level", "must be above that of the class before")
    return classes


def _class(entry: fields.Entry, _place: int) -> LevelClass:
    entry.only("first_level", "title", "color")
    color = entry.matching("color", "#[0-9A-Fa-f]{6}", most=7, told="a colour like #8D99AE")
    return LevelClass(
        first_level=entry.whole("first_level", least=1, most=LEVELS),
        title=entry.text("title", most=60),
        color=int(color[1:], 16),
    )
