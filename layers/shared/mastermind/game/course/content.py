"""The course that was built in: modules of lessons, each with an id that never changes; a deploy seeds it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from mastermind.game.course.rules import Course, Lesson, Module

FILE = Path(__file__).with_name("course.json")


@cache
def load() -> Course:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Course:
    """The course in valid JSON: {"modules": [module]}, with the fields of `Module` and `Lesson`."""
    modules = json.loads(source)["modules"]
    return Course(tuple(Module(**it | {"lessons": _lessons(it["lessons"])}) for it in modules))


def _lessons(lessons: list[dict[str, Any]]) -> tuple[Lesson, ...]:
    without_text: dict[str, Any] = {"about": ""}
    return tuple(Lesson(**without_text | lesson) for lesson in lessons)
