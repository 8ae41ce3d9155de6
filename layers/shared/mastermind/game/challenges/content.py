"""The challenges that were built in: chapters of short tasks, each with an id that never changes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mastermind.game.challenges.rules import Challenge, Challenges, Chapter, on_a_page

FILE = Path(__file__).with_name("challenges.json")


@cache
def load() -> Challenges:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Challenges:
    """The catalogue in valid JSON: {"levels": [{"title", "about", "challenges": [{"id", "text"}, ...]}, ...]}."""
    chapters = tuple(
        Chapter(
            number,
            chapter["title"],
            chapter["about"],
            tuple(Challenge(it["id"], it["text"], number, place) for place, it in enumerate(chapter["challenges"], 1)),
            on_a_page(it["text"] for it in chapter["challenges"]),
        )
        for number, chapter in enumerate(json.loads(source)["levels"], 1)
    )
    return Challenges(chapters, {it.id: it for chapter in chapters for it in chapter.challenges})
