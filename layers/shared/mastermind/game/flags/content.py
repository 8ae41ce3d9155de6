"""The rules of flags that were built in: words that moderators should look at by category, and helplines."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from mastermind.game.flags.rules import Helpline, Rule, Rules

FILE = Path(__file__).with_name("flags.json")


@cache
def load() -> Rules:
    return parse(FILE.read_bytes())


def parse(source: bytes) -> Rules:
    """The rules in valid JSON: {"rules": [rule, ...], "helplines": [...]}, with the fields of `Rule` and `Helpline`."""
    document = json.loads(source)
    helplines = tuple(Helpline(**each) for each in document["helplines"])
    return Rules(tuple(map(_rule, document["rules"])), helplines)


def _rule(entry: dict[str, Any]) -> Rule:
    lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in ("words", "unless")}
    return Rule(**entry | lists)
