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

from mastermind.game.flags import meaning
from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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

    A word ending in * stands for every word that begins so; inside the phrases of `unless` words mean nothing.
    Categories named as a key of PATTERNS are found by that pattern, too. Words of a category with `need` say that
    their author may be in danger (docs/rules/need.md).
    """

    category: str
    title: str
    advice: str
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    need: bool = False


@dataclass(frozen=True, slots=True)
class Helpline:
    """Where somebody in need finds people to talk to: a page, or a number with its hours, or both."""

    name: str
    url: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a community, in the order in which moderators see them."""

    each: tuple[Rule, ...]
    helplines: tuple[Helpline, ...] = ()

    def rule(self, category: str) -> Rule:
        """The rule of a category; for a category that no longer exists, one with only a title."""
        return next((rule for rule in self.each if rule.category == category), Rule(category, _title(category), ""))

    def check(self, text: str) -> tuple[str, ...]:
        """The categories that the text falls into; mostly none."""
        return check(text, self.each)

    def needs(self, text: str) -> tuple[str, ...]:
        """The categories by which the author of the text may be in need; mostly none."""
        return needs(text, self.each)


def _title(category: str) -> str:
    return category.replace("_", " ").capitalize()


def check(text: str, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The categories that the text falls into, in the order of the rules; mostly none."""
    forms = _forms(text)
    return tuple(rule.category for rule in rules if _has_pattern(rule, text) or _has_words(rule, forms))


def _has_pattern(rule: Rule, text: str) -> bool:
    pattern = PATTERNS.get(rule.category)
    return pattern is not None and pattern(text)


def _has_words(rule: Rule, forms: Sequence[str]) -> bool:
    return any(_found(rule, form) for form in forms)


def needs(text: str, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The categories with `need` whose words the author of the text means, as their own."""
    if not any(map(str.isalpha, text)):
        return ()
    said = _forms(text)
    found = [rule for rule in rules if rule.need and _has_words(rule, said)]
    own = _forms(meaning.own_words(text)) if found else ()
    return tuple(rule.category for rule in found if any(_is_meant(rule, form) for form in own))


def _is_meant(rule: Rule, form: str) -> bool:
    return any(not meaning.is_denied(form[: found.start()]) for found in _found(rule, form))


# --- words ---

_MASKS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_REPEATED_LETTER = r"([^\W\d_])\1+"


def _forms(text: str) -> tuple[str, str]:
    """The text as words are compared, as it stands and with letters for the signs that stand in for them."""
    return _plain(text), _plain(_unmasked(text))


def _unmasked(text: str) -> str:
    """Letters instead of the signs that stand in for them."""
    return text.translate(_MASKS)


def _plain(text: str) -> str:
    """The text as words are compared, and no letter twice in a row."""
    return re.sub(_REPEATED_LETTER, r"\1", fold(text))


def _found(rule: Rule, form: str) -> list[re.Match[str]]:
    """Where the rule's words stand in a text in its plain form, phrases of `unless` left out."""
    found = [match for word in rule.words for match in _places(word, form)]
    apart = [match.span() for phrase in rule.unless for match in _places(phrase, form)] if found else []
    return [each for each in found if not any(begin < each.end() and each.start() < end for begin, end in apart)]


def _places(word: str, form: str) -> Iterator[re.Match[str]]:
    """Most texts hold most words nowhere; so nothing is compiled before all parts of a word are there."""
    if all(part.removesuffix("*") in form for part in _parts(word)):
        yield from _pattern(word).finditer(form)


@cache
def _parts(word: str) -> tuple[str, ...]:
    return tuple(_plain(word).replace("'", " ").split())


@cache
def _pattern(word: str) -> re.Pattern[str]:
    """A word or phrase, whatever stands between its parts; a * is the rest of a word."""
    parts = (re.escape(part.removesuffix("*")) + (r"\w*" if part.endswith("*") else "") for part in _parts(word))
    return re.compile(rf"(?<!\w){r'\W{1,3}'.join(parts)}(?!\w)")


# --- patterns ---

_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,}"
_DATE = r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
_PHONE = r"(?<![\w+])\+?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?!\w)"
_ID = r"<[@#&!]{1,2}\d+>|<a?:\w+:\d+>|<t:\d+(?::\w)?>"
_LINK = r"\bhttps?://|\bwww\.|\b[\w-]{2,63}\.(?:[a-z]{2,10})/\w"


def _is_contact(text: str) -> bool:
    """An e-mail address, or nine to fifteen digits of which none are a date or Discord's own ids."""
    folded = fold(text)
    return bool(re.search(_MAIL, folded) or re.search(_PHONE, re.sub(_DATE, " and ", re.sub(_ID, " and ", folded))))


def _is_link(text: str) -> bool:
    return bool(re.search(_LINK, fold(text)))


def _is_shouting(text: str) -> bool:
    cased = [letter for letter in text if letter.isupper() or letter.islower()]
    return len(cased) >= MANY_LETTERS and sum(map(str.isupper, cased)) >= MOSTLY * len(cased)


PATTERNS: Mapping[str, Callable[[str], bool]] = {"contact": _is_contact, "link": _is_link, "shouting": _is_shouting}
"""What words alone cannot find."""
