"""The course: modules of lessons, each with an id that never changes; seeding brings them into the database."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mastermind.game import fields
from mastermind.game.course.rules import Course, Lesson, Module
from mastermind.game.levels.rules import LEVELS

FILE = "course.json"

MOST_MODULES = 10
"""Modules with a button each, on one message of at most 40 components."""

MOST_LESSONS = 5
"""Lessons of a module with their links in one row of buttons."""

LONGEST_ID = 40
"""An id travels in a custom_id of at most 100 characters, beside owner and action."""

LONGEST_TITLE = 60
LONGEST_TEXT = 250
"""In bytes: a module with all of its lessons stays below the 4 000 characters of a message."""

MOST_MINUTES = 600

LONGEST_LINK = 512
"""Of a button that opens it (docs/rules/discord.md, Limits)."""

LINK = r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?([/?#][!-~]*)?"


@cache
def load() -> Course:
    """The course that ships with the game; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def read_file(path: Path) -> Course:
    """Read a community's own course; raises ContentError as `read` does, and when there is no such file."""
    return read(fields.source(path), path.name)


def read(source: bytes, file: str = FILE) -> Course:
    """Read a course from JSON.

    {"modules": [{"id", "title", "about", "level", "lessons": [{"id", "title", "about", "minutes", "link"}]}]}; a link
    may be left out. Raises ContentError naming file, entry and field: one of each lesson, one of each module whose
    lessons are sound, then every id that two share.
    """
    top = fields.read(source, file)
    top.only("modules")
    entries = top.entries("modules", "module", most=MOST_MODULES)
    course = Course(fields.each(entries, lambda entry, _: _module(entry)))
    _refuse_twins(course, file)
    return course


def _module(entry: fields.Entry) -> Module:
    lessons = entry.entries("lessons", "lesson", most=MOST_LESSONS)
    read_lessons = fields.each(lessons, lambda lesson, _: _lesson(lesson))
    entry.only("id", "title", "about", "level", "lessons")
    return Module(
        _id(entry),
        entry.text("title", most=LONGEST_TITLE),
        entry.text("about", most=LONGEST_TEXT),
        entry.whole("level", least=1, most=LEVELS),
        read_lessons,
    )


def _lesson(entry: fields.Entry) -> Lesson:
    entry.only("id", "title", "about", "minutes", "link")
    return Lesson(
        _id(entry),
        entry.text("title", most=LONGEST_TITLE),
        entry.text("about", most=LONGEST_TEXT),
        entry.whole("minutes", least=1, most=MOST_MINUTES),
        _link(entry),
    )


def _id(entry: fields.Entry) -> str:
    return entry.matching(
        "id", "[a-z0-9]+(-[a-z0-9]+)*", most=LONGEST_ID, told="lower-case words and digits joined by hyphens"
    )


def _link(entry: fields.Entry) -> str:
    if "link" not in entry.fields:
        return ""
    return entry.matching("link", LINK, most=LONGEST_LINK, told="a link like https://example.org/lesson")


def _refuse_twins(course: Course, file: str) -> None:
    """An id is its module's or its lesson's own, through the whole course."""
    entries: list[tuple[str, str, str]] = []
    for number, module in enumerate(course.modules, 1):
        entries.append(("module", module.id, f"module {number}"))
        entries += (
            ("lesson", lesson.id, f"module {number}, lesson {place}") for place, lesson in enumerate(module.lessons, 1)
        )
    seen: dict[tuple[str, str], str] = {}

    def index(entry: tuple[str, str, str], _place: int) -> None:
        kind, id_, name = entry
        if twin := seen.get((kind, id_)):
            fields.Entry(file, name, {}).refuse("id", f"is also that of {twin}")
        seen[kind, id_] = name

    fields.each(entries, index)
