"""The course that ships keeps the rules of the game, and a community's own is read strictly."""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from mastermind.errors import ContentError
from mastermind.game.course import content as course

if TYPE_CHECKING:
    from collections.abc import Callable

COURSE = course.load()
NOTHING: list[object] = []
SHIPPED = cast("dict[str, Any]", json.loads(Path(course.__file__).with_name(course.FILE).read_bytes()))
MANY = [{"id": f"a{n}", "title": "A", "about": "A.", "minutes": 1} for n in range(6)]
KNOWN = """
steady-ground: nerves-are-energy small-and-often your-own-yes-and-no
warm-first-words: read-the-moment plain-hello leave-it-lighter
listening-that-lands: follow-the-spark give-a-little-back silence-is-allowed
play-and-presence: playful-not-pushy room-for-your-voice here-with-both-feet
honest-interest: say-it-simply consent-is-a-conversation a-no-is-a-gift
getting-back-up: after-the-awkward-minute mend-it rest-counts
people-around-you: from-hello-to-friend open-the-circle pass-it-on
"""
"""The ids that members' progress hangs on: they never change, whatever happens to the words."""


def test_seven_modules_of_three_lessons_ship():
    assert [len(module.lessons) for module in COURSE.modules] == [3] * 7


def test_ids_never_change():
    lines = (f"{it.id}: {' '.join(lesson.id for lesson in it.lessons)}" for it in COURSE.modules)
    assert "\n".join(lines) == KNOWN.strip()


def test_the_first_module_is_open_to_everybody_and_levels_rise():
    levels = [module.level for module in COURSE.modules]
    assert levels[0] == 1
    assert all(lower < higher for lower, higher in pairwise(levels))


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.id)
def test_a_lesson_is_told_in_two_sentences_and_its_link_is_the_operators_to_give(lesson: course.Lesson):
    assert len([part for part in lesson.about.replace("?", ".").split(". ") if part]) == 2
    assert lesson.about.endswith(".")
    assert 5 <= lesson.minutes <= 20
    assert lesson.link == ""


def test_no_two_lessons_share_a_title_or_words():
    assert len({lesson.title for lesson in COURSE.lessons}) == len({it.about for it in COURSE.lessons}) == 21


def test_a_link_is_read():
    own = deepcopy(SHIPPED)
    own["modules"][0]["lessons"][0]["link"] = "https://video.example.org:8443/watch?v=1&t=2#x"
    read = course.read(json.dumps(own).encode())
    assert read.lessons[0].link == "https://video.example.org:8443/watch?v=1&t=2#x"
    assert read.told == "modules: 7, lessons: 21"


def where(change: Callable[[list[dict[str, Any]]], object]) -> str:
    """What is said of the shipped course after a change, up to the problem itself."""
    own = deepcopy(SHIPPED)
    change(own["modules"])
    with pytest.raises(ContentError) as caught:
        course.read(json.dumps(own).encode(), "own.json")
    return "\n".join(line.rpartition(": ")[0] for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("path", "field", "value", "place"),
    [
        ((0,), "level", 0, "module 1: level"),
        ((0,), "level", 51, "module 1: level"),
        ((1,), "title", "", "module 2: title"),
        ((1,), "about", "x" * 251, "module 2: about"),
        ((1,), "id", "Not This", "module 2: id"),
        ((4,), "id", "steady-ground", "module 5: id"),
        ((1,), "lessons", NOTHING, "module 2: lessons"),
        ((1,), "lessons", MANY, "module 2: lessons"),
        ((1,), "lesson", 1, "module 2: lesson"),
        ((2, 1), "minutes", 0, "module 3, lesson 2: minutes"),
        ((2, 1), "minutes", 601, "module 3, lesson 2: minutes"),
        ((2, 1), "minutes", "ten", "module 3, lesson 2: minutes"),
        ((2, 1), "about", None, "module 3, lesson 2: about"),
        ((2, 1), "url", "x", "module 3, lesson 2: url"),
        ((2, 1), "id", "mend-it", "module 6, lesson 2: id"),
    ],
)
def test_a_mistake_names_file_entry_and_field(path: tuple[int, ...], field: str, value: object, place: str):
    assert where(lambda modules: entry(modules, *path).update({field: value})) == f"own.json: {place}"


def test_more_than_ten_modules_are_refused():
    assert where(lambda modules: modules.extend(modules[:4])) == "own.json: the file: modules"


def entry(modules: list[dict[str, Any]], module: int, lesson: int | None = None) -> dict[str, Any]:
    """A module, or one of its lessons, by their places from 0."""
    return modules[module] if lesson is None else modules[module]["lessons"][lesson]


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/a",
        "https://localhost",
        "https://user:word@example.org/",
        "https://example.org/a b",
        "https://example.org/ü",
        "javascript:alert(1)",
        "https://",
        "https://example.org/" + "x" * 500,
        "",
        None,
    ],
)
def test_a_link_that_is_none_is_refused(link: object):
    def change(modules: list[dict[str, Any]]) -> None:
        modules[0]["lessons"][2]["link"] = link

    assert "own.json: module 1, lesson 3: link" in where(change)


def test_mistakes_are_told_together():
    def change(modules: list[dict[str, Any]]) -> None:
        modules[0]["lessons"][0].update(minutes=0)
        modules[3].update(level="x")

    assert where(change).splitlines() == ["own.json: module 1, lesson 1: minutes", "own.json: module 4: level"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(ContentError, match="cannot be read"):
        course.read_file(tmp_path / "none.json")
