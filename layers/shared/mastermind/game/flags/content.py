"""What is flagged for moderators among words that members write: categories with their words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mastermind.game import fields
from mastermind.game.flags.rules import PATTERNS, Rule, Rules

FILE = "flags.json"

MOST_RULES, MOST_WORDS = 12, 500
LONGEST_CATEGORY, LONGEST_TITLE, LONGEST_ADVICE, LONGEST_WORD = 20, 30, 160, 60


@cache
def load() -> Rules:
    """The rules that ship with the game; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def read_file(path: Path) -> Rules:
    """Read a community's own rules; raises ContentError as `read` does, and when there is no such file."""
    return read(fields.source(path), path.name)


def read(source: bytes, file: str = FILE) -> Rules:
    """Read rules from JSON: {"rules": [{"category", "title", "advice", "words": ["kill you", "suicid*", ...]}, ...]}.

    "contact", "link" and "shouting" are found by a pattern as well, and may do without words. A pattern whose category
    is left out is not looked for. Raises ContentError naming file, entry and field.
    """
    top = fields.read(source, file)
    top.only("rules")
    entries = top.entries("rules", "rule", most=MOST_RULES)
    rules = fields.each(entries, lambda entry, _: _rule(entry))
    for place, entry in enumerate(entries):
        if rules[place].category in {earlier.category for earlier in rules[:place]}:
            entry.refuse("category", "occurs twice")
    return Rules(rules)


def _rule(entry: fields.Entry) -> Rule:
    entry.only("category", "title", "advice", "words")
    category = entry.matching("category", "[a-z]+(_[a-z]+)*", most=LONGEST_CATEGORY, told="words like self_harm")
    return Rule(
        category=category,
        title=entry.text("title", most=LONGEST_TITLE),
        advice=entry.text("advice", most=LONGEST_ADVICE),
        words=_words(entry, least=0 if category in PATTERNS else 1),
    )


def _words(entry: fields.Entry, least: int) -> tuple[str, ...]:
    words = entry.texts("words", least=least, most=MOST_WORDS, longest=LONGEST_WORD)
    for word in words:
        if not any(sign.isalnum() for sign in word) or "*" in word[:-1]:
            entry.refuse("words", f"must be words, with a * at their end at most, has {word!r}")
    return words
