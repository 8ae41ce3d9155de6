"""The challenges that were built in: levels of short tasks, each with an id that never changes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mastermind.game.challenges.rules import Challenge, Challenges, Level

FILE = Path(__file__).with_name("challenges.json")


@cache
def load() -> Challenges:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Challenges:
    """The catalogue in valid JSON: {"levels": [{"title", "about", "challenges": [{"id", "text"}, ...]}, ...]}."""
    levels = tuple(
        Level(
            number,
            level["title"],
            level["about"],
            tuple(Challenge(it["id"], it["text"], number, place) for place, it in enumerate(level["challenges"], 1)),
        )
        for number, level in enumerate(json.loads(source)["levels"], 1)
    )
    return Challenges(levels, {it.id: it for level in levels for it in level.challenges})
