"""Every message of the gallery is built and worded as docs/rules/messages.md asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gallery import craft
from tests.gallery.scenes import FILE

SCENES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", craft.RULES)
def test_every_message_has(rule: str):
    found = [
        f"{scene['name']}: {scene['state']}: {wrong}"
        for scene in SCENES
        if scene["kind"] == "message"
        for wrong in craft.RULES[rule](scene["data"])
    ]
    assert found == [], "docs/rules/messages.md says how a message reads"


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("a colour", {"type": 17, "components": []}),
        ("a colour", {"type": 17, "components": [], "accent_color": 0x123456}),
        ("a colour", {"type": 10, "content": "## A heading"}),
        ("a colour", {"type": 10, "content": "One. Two. Three. Four. Five."}),
        ("an emoji", {"type": 17, "components": [{"type": 10, "content": "## A heading"}]}),
        ("a next step", {"type": 10, "content": "That is all."}),
        ("a next step", {"type": 2, "label": "Next", "disabled": True}),
        ("plain words", {"type": 10, "content": "Streak: none"}),
        ("plain words", {"type": 10, "content": "7 of 303 (0 %)"}),
        ("short sentences", {"type": 10, "content": " ".join(["word"] * 26)}),
        ("short labels", {"type": 2, "label": "The next page"}),
        ("what loses something last", {"type": 1, "components": [{"style": 4, "label": "Delete"}, {"style": 2}]}),
        ("options with descriptions", {"type": 3, "options": [{"label": "Monday"}]}),
        ("words before bars", {"type": 10, "content": "▰▰▱▱ 2 of 4"}),
        ("words before bars", {"type": 10, "content": "XP 2 of 4 ▰▰▱▱\nChallenges 1 of 4 ▰▱▱▱"}),
    ],
)
def test_what_breaks_a_rule_is_found(rule: str, part: dict[str, Any]):
    assert list(craft.RULES[rule]({"components": [part]}))
