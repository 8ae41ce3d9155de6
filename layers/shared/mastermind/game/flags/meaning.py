"""Whether words are somebody's own and meant: what they quote and what they deny is neither.

Rules of thumb for English. When in doubt the words count: a kind answer too many harms nobody. The patterns are
compiled when they are first needed, which is hardly ever: a member waits.
"""

from __future__ import annotations

import re

LONGEST_LEAD = 80
"""Characters in front of a quotation that say whose words it has."""

_QUOTATION = r'["“„«»]([^"“”„«»]{1,1000})["”“«»]'
_SENTENCE_END = r"[.!?\n]"

_SOMEBODY_ELSE = (
    r"(?i)\b(?:he|she|they|who|somebody|someone|people|friend|brother|sister|mother|father|mom|dad|boy|girl|man|woman|"
    r"character|singer|actor|book|novel|story|film|movie|episode|show|game|song|track|album|lyrics?|line|poem|quote|"
    r"post|sign|called|titled|named)\b"
)
_ONESELF = r"(?i)\bi\b(?!['’]?\w*\W+(?:\w+\W+)?(?:heard|hear|read|saw|see|watch\w*|listen\w*|love|know|met)\b)"  # noqa: RUF001

_DENIED = (
    r"(?P<before>(?:\w+\W+){0,4})"
    r"(?:\bnever|\bnot|\bno longer|\b(?:do|does|did|would|wil|wo|is|was|ai|am)n'?t|"  # codespell:ignore wil
    r"\b(?:have|has|had)n'?t)\W+"
    r"(?:(?:want(?:s|ed)?|wan+a|to|going|gon+a|plan+ing|thin?k(?:ing)?|thought|of|about|ever|even|"
    r"realy|actualy|try|trying|be|been|feel|feeling)\W+){0,5}$"  # codespell:ignore realy,actualy
)
_DOUBTED = r"\b(?:why|reasons?|can|can't|cant|could|couldn't|how)\W+(?:\w+\W+){0,3}$"  # codespell:ignore cant
"""What turns a denial into its opposite: "why not ...", "no reason not to ..."."""


def own_words(text: str) -> str:
    """The text without what it quotes of somebody else, or of a film, a book, a song."""
    return re.sub(_QUOTATION, lambda quoted: " " if _is_of_others(text, quoted.start()) else quoted[0], text)


def is_denied(before: str) -> bool:
    """Whether the words in front of others, in plain form, deny them: "I would never ..."."""
    denied = re.search(_DENIED, before)
    return denied is not None and not re.search(_DOUBTED, denied["before"])


def _is_of_others(text: str, start: int) -> bool:
    lead = re.split(_SENTENCE_END, text[max(0, start - LONGEST_LEAD) : start])[-1]
    return bool(re.search(_SOMEBODY_ELSE, lead)) and not re.search(_ONESELF, lead)
