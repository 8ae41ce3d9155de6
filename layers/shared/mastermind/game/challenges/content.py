"""The catalogue of challenges: levels of short tasks, each with an id that never changes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mastermind.game import fields
from mastermind.game.challenges.rules import Challenge, Challenges, Level

FILE = "challenges.json"

MOST_LEVELS = 25
"""A select offers at most 25 options (docs/rules/discord.md, Limits), and one select jumps to any level."""

MOST_IN_A_LEVEL = 100
LONGEST_ID = 40
"""An id travels in a custom_id of at most 100 characters, beside owner, award and place."""

LONGEST_TITLE = 60
LONGEST_TEXT = 250
"""In bytes: a page of eight tasks, or the titles of all levels, stay far below the 9 000 bytes and the 4 000 characters
of a message (docs/rules/discord.md, Limits)."""


@cache
def load() -> Challenges:
    """The catalogue that ships with the game; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def read_file(path: Path) -> Challenges:
    """Read a community's own catalogue; raises ContentError as `read` does, and when there is no such file."""
    return read(fields.source(path), path.name)


def read(source: bytes, file: str = FILE) -> Challenges:
    """Read a catalogue from JSON: {"levels": [{"level", "title", "about", "challenges": [{"id", "text"}, ...]}, ...]}.

    Raises ContentError naming file, entry and field of every mistake: one of each challenge, one of each level whose
    challenges are sound, and, when there are no such, every id or text that two challenges share.
    """
    top = fields.read(source, file)
    top.only("levels")
    levels = fields.each(top.entries("levels", "level", most=MOST_LEVELS), _level)
    return Challenges(levels, _by_id(levels, file))


def _level(entry: fields.Entry, number: int) -> Level:
    tasks = entry.entries("challenges", "challenge", most=MOST_IN_A_LEVEL)
    challenges = fields.each(tasks, lambda task, place: _challenge(task, number, place))
    entry.only("level", "title", "about", "challenges")
    if entry.whole("level", least=1, most=MOST_LEVELS) != number:
        entry.refuse("level", f"must be {number}: levels are numbered in order")
    return Level(number, entry.text("title", most=LONGEST_TITLE), entry.text("about", most=LONGEST_TEXT), challenges)


def _challenge(entry: fields.Entry, level: int, number: int) -> Challenge:
    entry.only("id", "text")
    id_ = entry.matching(
        "id", "[a-z0-9]+(-[a-z0-9]+)*", most=LONGEST_ID, told="lower-case words and digits joined by hyphens"
    )
    return Challenge(id_, entry.text("text", most=LONGEST_TEXT), level, number)


def _by_id(levels: tuple[Level, ...], file: str) -> dict[str, Challenge]:
    """Index the challenges, and refuse an id or a text that two of them share."""
    by_id: dict[str, Challenge] = {}
    by_text: dict[str, Challenge] = {}

    def index(challenge: Challenge, _place: int) -> None:
        for field, key, seen in (("id", challenge.id, by_id), ("text", challenge.text.casefold(), by_text)):
            if twin := seen.get(key):
                here = fields.Entry(file, f"level {challenge.level}, challenge {challenge.number}", {})
                here.refuse(field, f"is also that of level {twin.level}, challenge {twin.number}")
            seen[key] = challenge

    fields.each((each for level in levels for each in level.challenges), index)
    return by_id
