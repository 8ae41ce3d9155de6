"""Content files are read strictly: whoever edits one learns which file, entry and field is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mastermind.errors import ContentError
from mastermind.game.challenges import content as challenges
from mastermind.game.levels import content as levels
from mastermind.game.levels.classes import LevelClass
from mastermind.game.levels.rules import LEVELS

type Json = dict[str, object]

NOTHING: list[object] = []


def challenge(id_: str = "wave", text: str = "Wave at a friend.") -> Json:
    return {"id": id_, "text": text}


def level(number: int = 1, title: str = "Warm-Up", *entries: Json) -> Json:
    return {"level": number, "title": title, "about": "Easy ones.", "challenges": list(entries or (challenge(),))}


def read_challenges(*entries: object) -> challenges.Challenges:
    return challenges.read(json.dumps({"levels": entries}).encode(), "own.json")


def read_classes(*entries: object) -> tuple[LevelClass, ...]:
    return levels.read(json.dumps({"classes": entries}).encode(), "own.json")


def a_class(first_level: object = 1, title: object = "Beginner", color: object = "#8D99AE") -> Json:
    return {"first_level": first_level, "title": title, "color": color}


def where(work: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(ContentError) as caught:
        work()
    assert str(caught.value).startswith("own.json: ")
    return caught.value.file, caught.value.entry, caught.value.field


def test_a_catalogue_is_read_in_order():
    read = read_challenges(level(1, "Warm-Up", challenge("a", "Do a."), challenge("b", "Do b.")), level(2, "More"))
    assert [(each.id, each.level, each.number) for each in read.by_id.values()] == [
        ("a", 1, 1),
        ("b", 1, 2),
        ("wave", 2, 1),
    ]
    assert read.level(2).title == "More"
    assert read.count == 3


@pytest.mark.parametrize(
    ("entries", "entry", "field"),
    [
        ([level(2)], "level 1", "level"),
        ([level(1), level(3)], "level 2", "level"),
        ([level(1) | {"level": True}], "level 1", "level"),
        ([level(1) | {"level": "1"}], "level 1", "level"),
        ([level(1, "")], "level 1", "title"),
        ([level(1, "x" * 61)], "level 1", "title"),
        ([level(1, "ü" * 31)], "level 1", "title"),
        ([level(1, "two\nlines")], "level 1", "title"),
        ([level(1) | {"challenges": NOTHING}], "level 1", "challenges"),
        ([level(1) | {"challenges": "none"}], "level 1", "challenges"),
        ([level(1) | {"about": None}], "level 1", "about"),
        ([level(1) | {"name": "x"}], "level 1", "name"),
        (["level"], "level 1", "JSON"),
        ([level(1, "x", {"id": "a"})], "level 1, challenge 1", "text"),
        ([level(1, "x", challenge("Not-Lower"))], "level 1, challenge 1", "id"),
        ([level(1, "x", challenge("a:b"))], "level 1, challenge 1", "id"),
        ([level(1, "x", challenge("a" * 41))], "level 1, challenge 1", "id"),
        ([level(1, "x", challenge("a", " Do it."))], "level 1, challenge 1", "text"),
        ([level(1, "x", challenge("a", "x" * 251))], "level 1, challenge 1", "text"),
        ([level(1, "x", challenge("a", "\u202eDo it."))], "level 1, challenge 1", "text"),
        ([level(1, "x", challenge("a", "\ud800"))], "level 1, challenge 1", "text"),
        ([level(1, "x", challenge("a"), challenge("a", "Do."))], "level 1, challenge 2", "id"),
        ([level(1), level(2, "x", challenge("b", "wave at a FRIEND."))], "level 2, challenge 1", "text"),
        ([level(number) for number in range(1, 27)], "the file", "levels"),
    ],
)
def test_a_mistake_in_the_challenges_names_file_entry_and_field(entries: list[object], entry: str, field: str):
    assert where(lambda: read_challenges(*entries)) == ("own.json", entry, field)


def test_every_mistake_is_told_at_once():
    with pytest.raises(ContentError) as caught:
        read_challenges(
            level(1, "Warm-Up", challenge("A"), challenge("b", "x" * 251), challenge("c")), level(3), level(3, " ")
        )
    assert str(caught.value).splitlines() == [
        "own.json: level 1, challenge 1: id: must be lower-case words and digits joined by hyphens, is 'A'",
        "own.json: level 1, challenge 2: text: must have 1 to 250 bytes in UTF-8, has 251",
        "own.json: level 2: level: must be 2: levels are numbered in order",
        "own.json: level 3: title: must be one line without blanks around it",
    ]


def test_every_repetition_is_told_at_once():
    again = challenge("again", "Do it.")
    with pytest.raises(ContentError) as caught:
        read_challenges(level(1, "Warm-Up", again, again, challenge("new", "DO it.")))
    assert str(caught.value).splitlines() == [
        "own.json: level 1, challenge 2: id: is also that of level 1, challenge 1",
        "own.json: level 1, challenge 3: text: is also that of level 1, challenge 1",
    ]


def test_a_file_of_ones_own_is_read(tmp_path: Path):
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"levels": [level()]}))
    assert list(challenges.read_file(own).by_id) == ["wave"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    assert where(lambda: challenges.read_file(tmp_path / "own.json")) == ("own.json", "the file", "path")


@pytest.mark.parametrize("source", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_as_such(source: bytes):
    assert where(lambda: challenges.read(source, "own.json")) == ("own.json", "the file", "JSON")


@pytest.mark.parametrize(
    ("entries", "entry", "field"),
    [
        ([a_class(2)], "class 1", "first_level"),
        ([a_class(1), a_class(1)], "class 2", "first_level"),
        ([a_class(1), a_class(51)], "class 2", "first_level"),
        ([a_class(1, "")], "class 1", "title"),
        ([a_class(1, 5)], "class 1", "title"),
        ([a_class(1, "x", "red")], "class 1", "color"),
        ([a_class(1, "x", 255)], "class 1", "color"),
        ([a_class() | {"colour": "#000000"}], "class 1", "colour"),
        (NOTHING, "the file", "classes"),
    ],
)
def test_a_mistake_in_the_classes_names_file_entry_and_field(entries: list[object], entry: str, field: str):
    assert where(lambda: read_classes(*entries)) == ("own.json", entry, field)


def test_the_classes_that_ship_are_those_of_the_rules():
    starts = {each.first_level: each.title for each in levels.load()}
    assert starts == {
        1: "Awkward Initiate",
        5: "Social Squire",
        10: "Bold Explorer",
        15: "Magnetic Challenger",
        20: "Audacious Knight",
        25: "Charisma Vanguard",
        30: "Connection Sage",
        35: "Embodiment Warlord",
        40: "Presence Overlord",
        45: "Reality Architect",
        50: "Galactic Mastermind",
    }


def test_every_level_has_a_class_and_no_two_classes_share_a_color():
    assert all(levels.of_level(number).title for number in range(1, LEVELS + 1))
    assert len({each.color for each in levels.load()}) == len(levels.load())


def test_a_file_is_read_once():
    assert levels.load() is levels.load()


def test_a_color_is_read_as_a_number():
    (only,) = read_classes(a_class(color="#0102fF"))
    assert only.color == 0x0102FF
