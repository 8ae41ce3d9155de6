"""The rules of flags that were built in: words that moderators should look at, by category."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mastermind.game.flags.rules import Rule, Rules

FILE = Path(__file__).with_name("flags.json")


@cache
def load() -> Rules:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Rules:
    """The rules in valid JSON: {"rules": [rule, ...]}, with the fields of `Rule`."""
    return Rules(tuple(Rule(**rule | {"words": tuple(rule["words"])}) for rule in json.loads(source)["rules"]))
