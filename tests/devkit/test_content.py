"""Content files are read strictly: the error names the file, the entry and the field that is wrong."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from devkit.content.files import (
    MOST_XP_A_DAY,
    OWN,
    ChallengesFile,
    CourseFile,
    FlagsFile,
    LevelsFile,
    QuestionsFile,
    StatsFile,
)
from devkit.content.reading import ContentError, parse, read
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.course import content as course
from mastermind.game.days import xp
from mastermind.game.flags import content as flags
from mastermind.game.weeks import content as questions

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.content.reading import ContentFile

type Path_ = tuple[str | int, ...]

LONG = "x" * 251


def shipped(kind: type[ContentFile]) -> Any:  # noqa: ANN401 (JSON that a test changes)
    return json.loads(kind.SHIPPED.read_bytes())


def problems(kind: type[ContentFile], document: object) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse(kind, json.dumps(document).encode(), "own.json")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("kind", "load"),
    [
        (ChallengesFile, challenges),
        (StatsFile, stats),
        (FlagsFile, flags),
        (CourseFile, course),
        (QuestionsFile, questions),
    ],
)
def test_what_ships_is_valid_and_loads_as_a_build_would_write_it(kind: type[ContentFile], load: Any):  # noqa: ANN401
    assert load.parse(read(kind, kind.SHIPPED).canonical()) == load.load()


def test_the_classes_that_ship_are_valid():
    assert read(LevelsFile, LevelsFile.SHIPPED).size == "classes: 11"


LEVEL, CHALLENGE = ("levels", 1), ("levels", 1, "challenges", 2)
CATEGORY, STAT = ("categories", 1), ("categories", 1, "stats", 2)
MODULE, LESSON = ("modules", 1), ("modules", 1, "lessons", 2)


@pytest.mark.parametrize(
    ("kind", "path", "value", "problem"),
    [
        (ChallengesFile, ("levels",), [], "the file: levels: must have 1 or more entries, has 0"),
        (ChallengesFile, ("levels",), "none", "the file: levels: must be a list"),
        (ChallengesFile, ("name",), "x", "the file: name: is unknown"),
        (ChallengesFile, LEVEL, "level", "level 2: must be an object"),
        (ChallengesFile, (*LEVEL, "level"), 3, "level 2: level: must be 2: chapters are numbered in order"),
        (ChallengesFile, (*LEVEL, "level"), True, "level 2: level: must be a whole number"),
        (ChallengesFile, (*LEVEL, "title"), "", "level 2: title: must have 1 to 60 bytes in UTF-8, has 0"),
        (ChallengesFile, (*LEVEL, "title"), "ü" * 31, "level 2: title: must have 1 to 60 bytes in UTF-8, has 62"),
        (ChallengesFile, (*LEVEL, "title"), "two\nlines", "level 2: title: must be one line, with single spaces"),
        (ChallengesFile, (*LEVEL, "about"), None, "level 2: about: must be a text"),
        (ChallengesFile, (*CHALLENGE, "text"), " Do it.", "must have no spaces around it"),
        (
            ChallengesFile,
            (*CHALLENGE, "text"),
            "\u202eDo it.",
            "must not have the character U+202E: it changes the direction",
        ),
        (ChallengesFile, (*CHALLENGE, "text"), "Do \x07 it.", "must not have the character U+0007: it is a control"),
        (ChallengesFile, (*CHALLENGE, "text"), "\u3164\u200b", "text: must show something"),
        (ChallengesFile, (*LEVEL, "title"), "\ufe0f", "level 2: title: must show something"),
        (ChallengesFile, (*CHALLENGE, "text"), "Do \ud83e it.", "U+D83E: it is half of an emoji or letter"),
        (ChallengesFile, (*CHALLENGE, "text"), LONG, "must have 1 to 250 bytes in UTF-8, has 251"),
        (ChallengesFile, (*CHALLENGE, "id"), "a:b", "must be lower-case words and digits joined by hyphens, is 'a:b'"),
        (ChallengesFile, (*CHALLENGE, "id"), "mirror-hellos", "is also that of level 1, challenge 1"),
        (ChallengesFile, (*CHALLENGE, "id"), "a" * 41, "must have 1 to 40 bytes in UTF-8, has 41"),
        (StatsFile, (*CATEGORY, "key"), "core_social", "category 2: key: is also that of category 1"),
        (StatsFile, (*CATEGORY, "title"), "core SOCIAL", "category 2: title: is also that of category 1"),
        (StatsFile, (*CATEGORY, "key"), "a" * 17, "category 2: key: must have 1 to 16 bytes in UTF-8, has 17"),
        (StatsFile, (*STAT, "key"), "9lives", "must be lower-case words joined by underscores, is '9lives'"),
        (StatsFile, (*STAT, "key"), "xp", "category 2, stat 3: key: is what another leaderboard is called"),
        (StatsFile, (*STAT, "key"), "tensey_exercise", "automatic stat 1: key: is also that of category 2, stat 3"),
        (StatsFile, (*STAT, "name"), "APPROACHES", "category 2, stat 3: name: is also that of category 1, stat 1"),
        (StatsFile, (*STAT, "xp"), 1.5, "category 2, stat 3: xp: must be a whole number"),
        (StatsFile, (*STAT, "xp"), 5_001, "category 2, stat 3: xp: must be at most 5000, is 5001"),
        (StatsFile, (*STAT, "mage"), -1, "category 2, stat 3: mage: must be at least 0, is -1"),
        (StatsFile, (*STAT, "once_a_day"), 1, "category 2, stat 3: once_a_day: must be true or false"),
        (StatsFile, (*STAT, "raid"), {"monk": 1}, "category 2, stat 3: raid: monk: is unknown"),
        (
            StatsFile,
            ("automatic", 0, "key"),
            "walks",
            "automatic stat 1: key: must be tensey_exercise: only challenges",
        ),
        (StatsFile, ("automatic", 0, "xp"), 50, "automatic stat 1: xp: must be 100: that is what a challenge pays"),
        (StatsFile, ("automatic", 0, "cap"), 5, "automatic stat 1: cap: is unknown"),
        (
            FlagsFile,
            ("rules", 1, "category"),
            "Threat!",
            "rule 2: category: must be words like self_harm, is 'Threat!'",
        ),
        (FlagsFile, ("rules", 1, "category"), "self_harm", "rule 2: category: is also that of rule 1"),
        (
            FlagsFile,
            ("rules", 0, "need"),
            False,
            'the file: rules: one must have "need": true, so that somebody in danger is answered',
        ),
        (FlagsFile, ("rules", 0, "unless"), [""], "rule 1, phrase 1: must have 1 to 60 bytes in UTF-8, has 0"),
        (FlagsFile, ("helplines",), [], "the file: helplines: must have 1 or more entries, has 0"),
        (FlagsFile, ("helplines", 0), {"name": "Talk"}, "helpline 1: must have a url or a number"),
        (
            FlagsFile,
            ("helplines", 0, "url"),
            "findahelpline.com",
            "helpline 1: url: must be a link like https://example.org, is 'findahelpline.com'",
        ),
        (FlagsFile, ("rules", 1, "words"), [], "rule 2: words: must have 1 or more entries, has 0"),
        (FlagsFile, ("rules", 1, "words"), ["x", "x"], "rule 2: words: must not have an entry twice"),
        (FlagsFile, ("rules", 1, "words"), ["Énd", "end\u200b"], "rule 2: words: must not have an entry twice"),
        (FlagsFile, ("rules", 1, "words"), ["x", 5], "rule 2, word 2: must be a text"),
        (FlagsFile, ("rules", 1, "words"), ["a*b"], "rule 2, word 1: must be words, with a * at the end at most"),
        (FlagsFile, ("rules", 1, "words"), ["..."], "rule 2, word 1: must be words, with a * at the end at most"),
        (CourseFile, (*MODULE, "id"), "getting-back-up", "module 6: id: is also that of module 2"),
        (CourseFile, (*MODULE, "level"), 51, "module 2: level: must be at most 50, is 51"),
        (CourseFile, (*LESSON, "id"), "mend-it", "module 6, lesson 2: id: is also that of module 2, lesson 3"),
        (CourseFile, (*LESSON, "minutes"), "ten", "module 2, lesson 3: minutes: must be a whole number"),
        (QuestionsFile, ("questions",), [], "the file: questions: must have 1 or more entries, has 0"),
        (QuestionsFile, ("questions",), ["Why?", "why?"], "the file: questions: must not have an entry twice"),
        (QuestionsFile, ("questions", 1), "a\nb", "question 2: must be one line, with single spaces between its words"),
        (LevelsFile, ("classes", 0, "first_level"), 2, "class 1: first_level: must be 1: every level needs a class"),
        (LevelsFile, ("classes", 1, "first_level"), 1, "class 2: first_level: must be above that of the class before"),
        (LevelsFile, ("classes", 1, "color"), "red", "class 2: color: must be a colour like #8D99AE, is 'red'"),
    ],
)
def test_a_mistake_names_file_entry_and_field(kind: type[ContentFile], path: Path_, value: object, problem: str):
    document = deepcopy(shipped(kind))
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    (line,) = problems(kind, document)
    assert line.startswith("own.json: ")
    assert problem in line


def test_the_fullest_day_fits_into_the_ledger_with_every_bonus():
    document = shipped(StatsFile)
    document["categories"][0]["stats"][0] |= {"xp": 5_000, "cap": 1_000}
    document["categories"][0]["stats"] = document["categories"][0]["stats"][:1]
    document["categories"] = document["categories"][:1]
    (line,) = problems(StatsFile, document)
    assert line == (
        "own.json: the file: categories: must be worth at most 200000 XP a day, at their caps they are 5000000"
    )
    assert MOST_XP_A_DAY * xp.MOST // 10_000 == 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "Say hello 🧑‍🚀 👨‍👩‍👧",
        "England 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "❤️ and 1️⃣",
        "\U0001fae9 of next year",
        "به کسی سلام می‌گویم",
        "किसी से क्‍या पूछो",
        "שלום \u200f5",
    ],
)
def test_emoji_and_scripts_with_joiners_are_sound(text: str):
    document = shipped(ChallengesFile)
    document["levels"][1]["title"] = document["levels"][1]["challenges"][2]["text"] = text
    parse(ChallengesFile, json.dumps(document).encode(), "own.json")


def test_a_file_in_another_encoding_is_named_so():
    with pytest.raises(ContentError, match=r"own\.json: the file: is not in UTF-8: .+ at byte 14"):
        parse(ChallengesFile, '{"levels": ["ü"]}'.encode("latin-1"), "own.json")


def test_a_field_that_is_left_out_is_named():
    document = shipped(StatsFile)
    del document["categories"][0]["stats"][0]["cap"]
    assert problems(StatsFile, document) == ["own.json: category 1, stat 1: cap: is missing"]


@pytest.mark.parametrize(
    ("link", "is_one"),
    [
        ("https://video.example.org:8443/watch?v=1&t=2#x", True),
        ("http://example.org/a", False),
        ("https://localhost", False),
        ("https://user:word@example.org/", False),
        ("https://example.org/a b", False),
        ("https://example.org/ü", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://example.org/" + "x" * 500, False),
    ],
)
def test_a_lesson_has_an_https_link(link: str, is_one: bool):
    document = shipped(CourseFile)
    document["modules"][0]["lessons"][2]["link"] = link
    if is_one:
        valid = parse(CourseFile, json.dumps(document).encode(), "own.json").canonical()
        assert course.parse(valid).lessons[2].link == link
    else:
        (line,) = problems(CourseFile, document)
        assert line.startswith("own.json: module 1, lesson 3: link: must ")


def test_every_mistake_is_reported_at_once():
    document = shipped(ChallengesFile)
    first, second = document["levels"][0], document["levels"][1]
    first["challenges"][0]["id"], first["challenges"][1]["text"] = "A", LONG
    second["level"], second["title"] = 3, " "
    second["challenges"][0]["id"] = first["challenges"][2]["id"]
    assert problems(ChallengesFile, document) == [
        "own.json: level 1, challenge 1: id: must be lower-case words and digits joined by hyphens, is 'A'",
        "own.json: level 1, challenge 2: text: must have 1 to 250 bytes in UTF-8, has 251",
        "own.json: level 2: title: must have no spaces around it",
        "own.json: level 2: level: must be 2: chapters are numbered in order",
        "own.json: level 2, challenge 1: id: is also that of level 1, challenge 3",
    ]


def test_a_key_that_occurs_twice_in_an_object_is_a_mistake():
    source = CourseFile.SHIPPED.read_bytes().replace(b'"title"', b'"title": "First", "title"', 1)
    with pytest.raises(ContentError, match=r"^own\.json: module 1: title: occurs twice in one object$"):
        parse(CourseFile, source, "own.json")


def test_what_is_left_out_is_nothing():
    walks = {"key": "walks", "name": "Walks", "xp": 10, "cap": 3, "raid": {"warrior": 0, "mage": 5}}
    document = shipped(StatsFile) | {"categories": [{"key": "outside", "title": "Outside", "stats": [walks]}]}
    (read_back,) = (
        stats.parse(parse(StatsFile, json.dumps(document).encode(), "own.json").canonical()).categories[0].stats
    )
    assert (read_back.warrior, read_back.mage, read_back.once_a_day, read_back.raid) == (0, 0, False, {"mage": 5})


def test_a_flag_that_a_pattern_finds_needs_no_words():
    document = shipped(FlagsFile)
    document["rules"] = [{"category": "link", "title": "Link", "advice": "Look.", "words": [], "need": True}]
    assert parse(FlagsFile, json.dumps(document).encode(), "own.json").size == "categories: 1, words: 0"


@pytest.mark.parametrize("source", [b"", b"{", b"\xef\xbb\xbf", b"[" * 100_000])
def test_what_is_not_json_is_refused_as_such(source: bytes):
    with pytest.raises(ContentError, match=r"^own\.json: the file: is not JSON: "):
        parse(ChallengesFile, source, "own.json")


@pytest.mark.parametrize("kind", [*OWN, LevelsFile])
@pytest.mark.parametrize("source", [b"[]", b"null"])
def test_a_file_is_an_object(kind: type[ContentFile], source: bytes):
    with pytest.raises(ContentError, match=r"^own\.json: the file: must be an object$"):
        parse(kind, source, "own.json")


def test_a_file_that_does_not_exist_is_reported(tmp_path: Path):
    with pytest.raises(ContentError, match=r"^own\.json: the file: .* cannot be read: No such file"):
        read(ChallengesFile, tmp_path / "own.json")
