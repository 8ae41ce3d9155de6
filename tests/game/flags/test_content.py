"""The rules of what is flagged are a community's own; whoever edits them learns what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mastermind.errors import ContentError
from mastermind.game.flags import content as flags
from mastermind.game.flags.rules import Rule, Rules

if TYPE_CHECKING:
    from pathlib import Path

NO_WORDS: list[str] = []


def rule(**changed: object) -> dict[str, object]:
    return {"category": "threat", "title": "Threat", "advice": "Ask.", "words": ["kill you"], **changed}


def read(*rules: object) -> Rules:
    return flags.read(json.dumps({"rules": rules}).encode(), "own.json")


def test_rules_are_read_in_order():
    assert read(rule(), rule(category="link", words=NO_WORDS)).each == (
        Rule("threat", "Threat", "Ask.", ("kill you",)),
        Rule("link", "Threat", "Ask.", ()),
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"category": "Threat!"}, "category"),
        ({"title": ""}, "title"),
        ({"advice": "a" * 161}, "advice"),
        ({"words": "kill you"}, "words"),
        ({"words": NO_WORDS}, "words"),
        ({"words": ["x", "x"]}, "words"),
        ({"words": [""]}, "words"),
        ({"words": [5]}, "words"),
        ({"words": ["..."]}, "words"),
        ({"words": ["a*b"]}, "words"),
        ({"word": ["a"]}, "word"),
    ],
)
def test_a_mistake_is_named_by_file_entry_and_field(changed: dict[str, object], field: str):
    with pytest.raises(ContentError) as caught:
        read(rule(category="link"), rule(**changed))
    assert (caught.value.file, caught.value.entry, caught.value.field) == ("own.json", "rule 2", field)


def test_a_category_stands_once():
    with pytest.raises(ContentError, match="category: occurs twice"):
        read(rule(), rule())


def test_a_community_reads_its_own_file(tmp_path: Path):
    file = tmp_path / "own.json"
    file.write_text(json.dumps({"rules": [rule()]}))
    assert flags.read_file(file).each[0].category == "threat"
    with pytest.raises(ContentError, match="cannot be read"):
        flags.read_file(tmp_path / "none.json")


def test_a_category_that_the_content_no_longer_has_still_has_a_name():
    assert flags.load().rule("self_harm").advice
    assert flags.load().rule("old_kind") == Rule("old_kind", "Old kind", "")


def test_whoever_builds_with_them_is_told_how_much_they_hold():
    assert read(rule(), rule(category="link", words=["a", "b"])).told == "categories: 2, words: 3"
