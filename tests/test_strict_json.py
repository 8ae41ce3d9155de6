"""JSON of ours is read strictly, wherever it comes from."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from mastermind import strict_json
from mastermind.errors import BadMessage
from mastermind.parsing import parse

TWICE = '{"id": 1, "more": [{"a": 1, "b": 2, "a": 3}]}'


def test_what_is_sound_is_read():
    assert strict_json.loads('{"a": [1, "\\ud83e\\udd8a"]}') == {"a": [1, "🦊"]}
    assert strict_json.loads("ü".join('""').encode()) == "ü"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (TWICE, "the key 'a' stands twice in one object"),
        ('{"a": NaN}', "NaN is no number"),
        ("[" * 100_000, "nested too deeply"),
        (b'"\xff"', "invalid start byte"),
        ("", "Expecting value"),
    ],
)
def test_anything_else_is_a_value_error(source: str | bytes, problem: str):
    with pytest.raises(ValueError, match=problem):
        strict_json.loads(source)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (TWICE, "^it is not JSON: the key 'a' stands twice"),
        (b'"\xff"', "^it is no text in UTF-8$"),
        ('{"id": "x"}', "^id: "),
    ],
)
def test_a_message_says_why_it_is_refused(source: str | bytes, problem: str):
    with pytest.raises(BadMessage, match=problem):
        parse(TypeAdapter(dict[str, int]), source)
