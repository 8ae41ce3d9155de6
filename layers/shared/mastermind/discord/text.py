"""Members' words inside our messages: escaped so that they stay plain, and cut so that they fit."""

from __future__ import annotations

import re
import unicodedata

from mastermind.patterns import late
from mastermind.typed import UNWANTED, is_visible

LONGEST_NAME = 32
"""Characters of a display name: Discord's own limit, which a name from elsewhere may exceed."""

MOST_MARKS = 3
"""Marks on one letter: no language that people chat in has more, and a pile of them covers the lines around it."""

_MARKS = {"Mn", "Me"}

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
"""Unicode's classes of letters, marks and digits that are written from right to left, or among such letters."""

_MARKDOWN = late(r"([\\*_~`|<>@#\[\]()\-:])")

_CHOSEN = late(r"(<(?:@[!&]?|#)\d{15,20}>|<a?:\w{2,32}:\d{15,20}>|<t:\d{1,12}(?::[tTdDfFR])?>)", flags=re.ASCII)
"""What Discord puts into a text when somebody chooses a person, a role, a channel, an emoji or a time."""


def one_line(words: str) -> str:
    """The words on one line, without controls, changes of the direction of writing, and piles of marks."""
    return " ".join(_unpiled(UNWANTED.sub("", words)).split())


def _unpiled(words: str) -> str:
    """The words without marks beyond `MOST_MARKS` on a letter, and without those that stand on none."""
    if words.isascii():
        return words
    kept: list[str] = []
    marks = MOST_MARKS
    for sign in words:
        marks = marks + 1 if _is_mark(sign) else MOST_MARKS * sign.isspace()
        if marks <= MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _is_mark(sign: str) -> bool:
    """Whether it is drawn over or under the sign before it."""
    return unicodedata.category(sign) in _MARKS


def escape(words: str) -> str:
    """The words so that Discord shows them as they are: no formatting, no links, no mentions, on one line."""
    return _MARKDOWN.sub(r"\\\1", one_line(words))


def isolated(words: str) -> str:
    """The words so that letters written from right to left leave what stands beside them in its place.

    Without Unicode's isolates, a figure after a Hebrew name is drawn before it.
    """
    return f"\u2068{words}\u2069" if any(map(_is_right_to_left, words)) else words


def _is_right_to_left(sign: str) -> bool:
    return unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT


def inline(words: str) -> str:
    """The words escaped, for a line that holds more than them."""
    return isolated(escape(words))


def prose(words: str) -> str:
    """Like `escape`, except that people, channels, emoji and times are shown as their author chose them.

    Nobody is notified by it: no message of ours allows that.
    """
    parts = enumerate(_CHOSEN.split(one_line(words)))
    return "".join(part if place % 2 else _MARKDOWN.sub(r"\\\1", part) for place, part in parts)


def cut(words: str, limit: int) -> str:
    """At most `limit` characters of the words; an ellipsis replaces the rest."""
    return words if len(words) <= limit else _ended(words[: limit - 1])


def fit(words: str, most: int) -> str:
    """At most `most` bytes of the words in UTF-8 (3 or more), cut like `cut`; messages have a limit in bytes too."""
    written = words.encode()
    return words if len(written) <= most else _ended(written[: most - 3].decode(errors="ignore"))


def _ended(words: str) -> str:
    """The words with an ellipsis; an escape whose character was cut off goes too."""
    kept = words.rstrip()
    halves = len(kept) - len(kept.rstrip("\\"))
    return kept[: len(kept) - halves % 2] + "…"


def name(display_name: str) -> str:
    """A member's name as plain words for any line, never empty."""
    shown = cut(one_line(display_name), LONGEST_NAME)
    return inline(shown) if is_visible(shown.removesuffix("…")) else "A member"


def columns(words: str) -> int:
    """The columns of the words in a font whose Latin letters are all equally wide."""
    return sum(map(_columns_of, words))


def _columns_of(sign: str) -> int:
    """Two for an East Asian letter or an emoji, none for a mark or a joiner."""
    if _is_mark(sign) or unicodedata.category(sign) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def narrow(words: str, most: int) -> str:
    """At most `most` columns of the words, cut like `cut`."""
    if columns(words) <= most:
        return words
    kept = words
    while columns(kept) >= most:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def byte_size(words: str) -> int:
    """The bytes of the words in UTF-8, which Discord's undocumented limit counts."""
    return len(words.encode())
