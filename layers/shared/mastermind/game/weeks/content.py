"""The questions for the week that were built in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

FILE = Path(__file__).with_name("questions.json")


@cache
def load() -> tuple[str, ...]:
    """In the order in which they are asked, a week each, again and again."""
    return parse(FILE.read_bytes())


def parse(source: bytes) -> tuple[str, ...]:
    """The questions in valid JSON: {"questions": [text, ...]}."""
    return tuple(json.loads(source)["questions"])


def of_week(monday: date) -> str:
    """The question for the week that begins on that Monday: the same for everybody, and the next one a week later."""
    questions = load()
    return questions[monday.toordinal() // 7 % len(questions)]
