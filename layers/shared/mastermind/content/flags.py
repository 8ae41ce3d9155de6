"""What is flagged for moderators among words that members write: categories with their words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mastermind.content import fields
from mastermind.domain import flags
from mastermind.domain.flags import PATTERNS, Rule

FILE = "flags.json"

MOST_RULES, MOST_WORDS = 12, 500
LONGEST_CATEGORY, LONGEST_TITLE, LONGEST_ADVICE, LONGEST_WORD = 20, 30, 160, 60


@cache
def load() -> tuple[Rule, ...]:
    """The rules that ship with the game; read once per process."""
    return read(Path(__file__).with_name(FILE).read_bytes())


def check(text: str) -> tuple[str, ...]:
    """The categories a member's words fall into by these rules; mostly none."""
    return flags.check(text, load())


def rule(category: str) -> Rule:
    """The rule of a category; an empty one for a category that the content no longer has."""
    return next((each for each in load() if each.category == category), Rule(category, category.replace("_", " "), ""))


def read_file(path: Path) -> tuple[Rule, ...]:
    """Read a community's own rules; raises ContentError as `read` does, and when there is no such file."""
    return read(fields.source(path), path.name)


def read(source: bytes, file: str = FILE) -> tuple[Rule, ...]:
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
    return rules


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
