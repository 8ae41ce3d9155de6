"""Which texts of a member a moderator should read: rules of thumb, never a judgement.

A flag hides nothing and blocks nothing; it asks a person to read. So a rule may find too much now and then, and says in
its advice what to look for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LONGEST_EXCERPT = 1000
"""Characters of the words that are kept with a flag."""

MANY_LETTERS, MOSTLY = 16, 0.8
"""A text of so many letters or more shouts when this share of those that have a capital form are capitals."""


class FlagStatus(StrEnum):
    """Nobody has decided on a flag yet, or a moderator acted on it, or saw no need to."""

    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Rule:
    """A category of what is flagged, by its words; `title` and `advice` are for the moderators.

    A word ending in * stands for every word that begins so. Categories named as a key of PATTERNS are found by that
    pattern, too.
    """

    category: str
    title: str
    advice: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a community, in the order in which moderators see them."""

    each: tuple[Rule, ...]

    def rule(self, category: str) -> Rule:
        """The rule of a category; for a category that no longer exists, one with only a title."""
        return next((rule for rule in self.each if rule.category == category), Rule(category, _title(category), ""))

    def check(self, text: str) -> tuple[str, ...]:
        """The categories that the text falls into; mostly none."""
        return check(text, self.each)


def _title(category: str) -> str:
    return category.replace("_", " ").capitalize()


def check(text: str, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The categories that the text falls into, in the order of the rules; mostly none."""
    forms = (_plain(text), _plain(_unmasked(text)))
    return tuple(rule.category for rule in rules if _has_pattern(rule, text) or _has_words(rule, forms))


def _has_pattern(rule: Rule, text: str) -> bool:
    pattern = PATTERNS.get(rule.category)
    return pattern is not None and pattern(text)


def _has_words(rule: Rule, forms: Sequence[str]) -> bool:
    return bool(rule.words) and any(_pattern(rule.words).search(form) for form in forms)


# --- words ---

_MASKS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1+")


def _unmasked(text: str) -> str:
    """Letters instead of the signs that stand in for them."""
    return text.translate(_MASKS)


def _plain(text: str) -> str:
    """The text as words are compared, and no letter twice in a row."""
    return _REPEATED_LETTER.sub(r"\1", fold(text))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_written, words))})(?!\w)")


def _written(word: str) -> str:
    """A word or phrase, whatever stands between its parts; a * is the rest of a word."""
    parts = _plain(word).replace("'", " ").split()
    return r"\W{1,3}".join(re.escape(part.removesuffix("*")) + (r"\w*" if part.endswith("*") else "") for part in parts)


# --- patterns ---

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}")
_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")
_PHONE = re.compile(r"(?<![\w+])\+?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?!\w)")
_ID = re.compile(r"<[@#&!]{1,2}\d+>|<a?:\w+:\d+>|<t:\d+(?::\w)?>")
_LINK = re.compile(r"\bhttps?://|\bwww\.|\b[\w-]{2,63}\.(?:[a-z]{2,10})/\w")


def _is_contact(text: str) -> bool:
    """An e-mail address, or nine to fifteen digits of which none are a date or Discord's own ids."""
    folded = fold(text)
    return bool(_MAIL.search(folded) or _PHONE.search(_DATE.sub(" and ", _ID.sub(" and ", folded))))


def _is_link(text: str) -> bool:
    return bool(_LINK.search(fold(text)))


def _is_shouting(text: str) -> bool:
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    return len(cased) >= MANY_LETTERS and sum(map(str.isupper, cased)) >= MOSTLY * len(cased)


PATTERNS: Mapping[str, Callable[[str], bool]] = {"contact": _is_contact, "link": _is_link, "shouting": _is_shouting}
"""What words alone cannot find."""
