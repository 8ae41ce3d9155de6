"""The catalogue of stats that was built in: what members log, in categories of one form each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mastermind.game.catalogue.rules import Catalogue, Category, Stat

FILE = Path(__file__).with_name("stats.json")


@cache
def load() -> Catalogue:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Catalogue:
    """The catalogue in valid JSON: {"categories": [{"key", "title", "stats": [stat, ...]}, ...], "automatic": [stat]}.

    A stat has the fields of `Stat`, except its category. A category may be `"private": true`.
    """
    fields = json.loads(source)
    categories = tuple(
        Category(
            each["key"],
            each["title"],
            tuple(Stat(category=each["key"], **stat) for stat in each["stats"]),
            each.get("private", False),
        )
        for each in fields["categories"]
    )
    return Catalogue(categories, tuple(Stat(category="", **stat) for stat in fields["automatic"]))
