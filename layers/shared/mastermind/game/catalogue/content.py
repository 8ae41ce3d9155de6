"""The catalogue of stats: what members log, in categories of one form each, and what a unit of it is worth."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mastermind.game import fields
from mastermind.game.catalogue.rules import MOST_CATEGORIES, MOST_STATS, TENSEY, Catalogue, Category, Stat
from mastermind.game.challenges.rules import CHALLENGE_XP
from mastermind.game.standings.rules import TENSEY as TENSEY_BOARD
from mastermind.game.standings.rules import XP

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "stats.json"

LONGEST_KEY = 30
LONGEST_CATEGORY_KEY = 16
"""A category's key travels in a custom_id of at most 100 characters, beside command, owner, day and nonce."""

LONGEST_NAME = 34
"""A field's label and a line of the card on a narrow phone."""

LONGEST_TITLE = 20
"""A button's label, and the title of a form beside its day."""

MOST_XP, MOST_WEIGHT, MOST_A_DAY = 5_000, 100, 1_000
"""Per unit, per unit, and units per day: even the fullest day stays a number that every figure can hold."""

RAIDS = ("warrior", "mage")


@cache
def load() -> Catalogue:
    """The catalogue that ships with the game; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def read_file(path: Path) -> Catalogue:
    """Read a community's own catalogue; raises ContentError as `read` does, and when there is no such file."""
    return read(fields.source(path), path.name)


def read(source: bytes, file: str = FILE) -> Catalogue:
    """Read a catalogue from JSON.

    {"categories": [{"key", "title", "stats": [{"key", "name", "xp", "cap", ...}, ...]}, ...], "automatic": [stat]}.
    A stat may have "warrior", "mage" (0 when left out), "once_a_day" (false) and "raid": {"warrior": points, ...}.
    Raises ContentError naming file, entry and field: one of each stat, then of each category, then what two share.
    """
    top = fields.read(source, file)
    top.only("categories", "automatic")
    entries = top.entries("categories", "category", most=MOST_CATEGORIES)
    categories = fields.each(entries, lambda entry, _: _category(entry))
    automatic = fields.each(top.entries("automatic", "automatic stat", most=1), lambda entry, _: _automatic(entry))
    _refuse_twins(top, entries)
    return Catalogue(categories, automatic)


def _category(entry: fields.Entry) -> Category:
    entry.only("key", "title", "stats")
    key = _key(entry, LONGEST_CATEGORY_KEY)
    stats = fields.each(entry.entries("stats", "stat", most=MOST_STATS), lambda stat, _: _stat(stat, key))
    return Category(key, entry.text("title", most=LONGEST_TITLE), stats)


def _stat(entry: fields.Entry, category: str) -> Stat:
    entry.only("key", "name", "xp", "warrior", "mage", "cap", "once_a_day", "raid")
    if entry.fields.get("key") in {XP, TENSEY_BOARD}:
        entry.refuse("key", "is what another leaderboard is called")
    cap = entry.whole("cap", least=1, most=MOST_A_DAY)
    return _weighed(entry, category, cap, once_a_day=entry.flag("once_a_day"))


def _automatic(entry: fields.Entry) -> Stat:
    entry.only("key", "name", "xp", "warrior", "mage", "raid")
    stat = _weighed(entry, "", None)
    if stat.key != TENSEY:
        entry.refuse("key", f"must be {TENSEY}: only challenges are counted by themselves")
    if stat.xp != CHALLENGE_XP:
        entry.refuse("xp", f"must be {CHALLENGE_XP}: that is what a challenge pays")
    return stat


def _weighed(entry: fields.Entry, category: str, cap: int | None, *, once_a_day: bool = False) -> Stat:
    return Stat(
        key=_key(entry, LONGEST_KEY),
        name=entry.text("name", most=LONGEST_NAME),
        category=category,
        xp=entry.whole("xp", least=0, most=MOST_XP),
        warrior=entry.whole("warrior", least=0, most=MOST_WEIGHT, default=0),
        mage=entry.whole("mage", least=0, most=MOST_WEIGHT, default=0),
        cap=cap,
        once_a_day=once_a_day,
        raid=_raid(entry),
    )


def _raid(entry: fields.Entry) -> Mapping[str, int]:
    """The points per unit in each type of raid that the stat counts in."""
    raid = entry.part("raid")
    raid.only(*RAIDS)
    points = {kind: raid.whole(kind, least=0, most=MOST_XP, default=0) for kind in RAIDS}
    return {kind: count for kind, count in points.items() if count}


def _key(entry: fields.Entry, most: int) -> str:
    told = "lower-case words joined by underscores"
    return entry.matching("key", "[a-z][a-z0-9]*(_[a-z0-9]+)*", most=most, told=told)


def _refuse_twins(top: fields.Entry, categories: tuple[fields.Entry, ...]) -> None:
    """Refuse a key, a name or a title that stands twice."""
    stats = [stat for each in categories for stat in each.entries("stats", "stat", most=MOST_STATS)]
    stats += top.entries("automatic", "automatic stat", most=1)
    for field, entries in (("key", categories), ("title", categories), ("key", stats), ("name", stats)):
        _refuse_twin(field, entries)


def _refuse_twin(field: str, entries: list[fields.Entry] | tuple[fields.Entry, ...]) -> None:
    seen: dict[str, str] = {}

    def look(entry: fields.Entry, _place: int) -> None:
        key = entry.text(field, most=LONGEST_NAME).casefold()
        if key in seen:
            entry.refuse(field, f"is also that of {seen[key]}")
        seen[key] = entry.name

    fields.each(entries, look)
