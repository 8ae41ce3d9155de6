"""The course as the rules see it: modules of lessons, which of them a member may open, what a new file changes."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.typed import is_visible, visible_length

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MODULE_XP = 500
"""XP for a complete module, once and never multiplied (docs/rules/course.md, Completing a module)."""

SHORTEST_QUESTION, LONGEST_QUESTION, LONGEST_ANSWER = 10, 500, 1000
"""Characters of a question and of an admin's answer; the database enforces the limits too."""

MOST_OPEN_QUESTIONS = 3
"""Unanswered questions that one member may have, so that the admins can keep up."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: `about` is its text, and `link` is where it is watched; either may be "".

    One with neither is not there for members yet.
    """

    id: str
    title: str
    about: str
    minutes: int
    link: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """Lessons in order; the module opens at the XP level `level`, once the module before it is complete."""

    id: str
    title: str
    about: str
    level: int
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The whole course, in order."""

    modules: tuple[Module, ...] = ()

    @property
    def ready(self) -> Course:
        """What members see of it: the lessons with something to take in, and the modules with such lessons."""
        return Course(tuple(module for module in map(_ready, self.modules) if module.lessons))

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    def number(self, module: Module) -> int:
        """The place of one of its modules, from 1."""
        return self.modules.index(module) + 1

    def module_of(self, lesson_id: str) -> Module | None:
        """The module that has the lesson; None if there is none."""
        return next((module for module in self.modules if any(it.id == lesson_id for it in module.lessons)), None)

    def lesson(self, lesson_id: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)


def _ready(module: Module) -> Module:
    return replace(module, lessons=tuple(it for it in module.lessons if it.about or it.link))


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a module closed: the module before it that is not complete, a level that is not reached, or both."""

    before: Module | None
    level: int | None


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """The course as one member sees it; `level` is their XP level.

    `watched` are the ids of the lessons they have watched, `paid` those of the modules whose XP is booked; both may
    contain ids that the course no longer has.
    """

    course: Course
    watched: Collection[str]
    paid: Collection[str]
    level: int

    def watched_of(self, module: Module) -> int:
        """How many of its lessons are watched."""
        return sum(lesson.id in self.watched for lesson in module.lessons)

    def is_complete(self, module: Module) -> bool:
        """Every lesson is watched, or the module was paid: lessons added later do not make it incomplete."""
        return module.id in self.paid or self.watched_of(module) == len(module.lessons)

    def missing(self, module: Module) -> Missing | None:
        """What keeps it closed; None when open. A module once begun stays open if a level falls or a course grows."""
        if module.id in self.paid or self.watched_of(module):
            return None
        place = self.course.modules.index(module)
        before = self.course.modules[place - 1] if place else None
        if before and self.is_complete(before):
            before = None
        level = module.level if self.level < module.level else None
        return Missing(before, level) if before or level else None

    def is_open(self, module: Module) -> bool:
        return self.missing(module) is None

    @property
    def due(self) -> tuple[Module, ...]:
        """The complete modules whose XP is not booked yet."""
        return tuple(it for it in self.course.modules if it.id not in self.paid and self.is_complete(it))

    @property
    def next_lesson(self) -> Lesson | None:
        """The first unwatched lesson of an open module; None if there is none at the moment."""
        return next(
            (
                lesson
                for module in self.course.modules
                if self.is_open(module)
                for lesson in module.lessons
                if lesson.id not in self.watched
            ),
            None,
        )

    @property
    def current(self) -> Module | None:
        """The module to continue with: that of the next lesson, else the first that is not complete, else the last."""
        modules = self.course.modules
        if self.next_lesson:
            return self.course.module_of(self.next_lesson.id)
        return next((module for module in modules if not self.is_complete(module)), modules[-1] if modules else None)


def check_question(written: str) -> str:
    """A question as it is kept; raises MemberMistake when it is too short or too long."""
    question = written.strip()
    size = len(question) if len(question) > LONGEST_QUESTION else visible_length(question)
    if not SHORTEST_QUESTION <= size <= LONGEST_QUESTION:
        raise MemberMistake(
            f"Nothing was asked: a question has {SHORTEST_QUESTION} to {LONGEST_QUESTION} characters, "
            f"and this one has {size:,}."
        )
    return question


def check_answer(written: str) -> str:
    """An answer as it is kept; raises MemberMistake when it is empty or too long."""
    answer = written.strip()
    size = len(answer) if is_visible(answer) else 0
    if not 1 <= size <= LONGEST_ANSWER:
        raise MemberMistake(
            f"Nothing was answered: an answer has 1 to {LONGEST_ANSWER:,} characters, and this one has {size:,}."
        )
    return answer


# --- what seeding changes ---


@dataclass(frozen=True, slots=True)
class Stored:
    """The course as the database has it, with the ids of what was retired."""

    course: Course = field(default_factory=Course)
    retired_modules: Collection[str] = ()
    retired_lessons: Collection[str] = ()


def changes(stored: Stored, wanted: Course) -> tuple[str, ...]:
    """What seeding `wanted` changes, a line for each module and lesson; empty when nothing changes."""
    return tuple(_changes(stored, wanted))


def _changes(stored: Stored, wanted: Course) -> Iterator[str]:
    retired = {"module": stored.retired_modules, "lesson": stored.retired_lessons}
    old, new = _parts(stored.course), _parts(wanted)
    for (kind, id_), fields in new.items():
        before = old.get((kind, id_))
        if before is None:
            yield f"+ {kind} {id_} {'comes back' if id_ in retired[kind] else 'is new'}: {fields['title']}"
        elif moved := [name for name, value in fields.items() if before[name] != value]:
            yield f"~ {kind} {id_}: {', '.join(moved)}"
    for (kind, id_), fields in old.items():
        if (kind, id_) not in new:
            yield f"- {kind} {id_} is retired: {fields['title']}"


def _parts(course: Course) -> dict[tuple[str, str], dict[str, object]]:
    """Every module and lesson by its kind and id, with what can change of it."""
    parts: dict[tuple[str, str], dict[str, object]] = {}
    for number, module in enumerate(course.modules, 1):
        own: dict[str, object] = {"place": number, "title": module.title, "about": module.about, "level": module.level}
        parts["module", module.id] = own
        for place, lesson in enumerate(module.lessons, 1):
            own = {"module": module.id, "place": place, "title": lesson.title, "about": lesson.about}
            parts["lesson", lesson.id] = {**own, "minutes": lesson.minutes, "link": lesson.link}
    return parts
