"""Words of members inside our messages: escaped so that they stay plain, and cut so that they fit."""

from __future__ import annotations

import re

LONGEST_NAME = 32
"""Characters of a display name; Discord's own limit, which a name from elsewhere might not keep."""

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of what follows, which would be our words, too."""

_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""Signs that show nothing by themselves; names are made of them alone to stand nowhere in a list."""

_MARKDOWN = re.compile(r"([\\*_~`|<>@#\[\]()\-:])")


def one_line(words: str) -> str:
    """Words on one line, in the direction in which they are written."""
    return " ".join(_TURNING.sub("", words).split())


def escape(words: str) -> str:
    """Words that Discord shows as they are: no formatting, no links, no mentions, on one line."""
    return _MARKDOWN.sub(r"\\\1", one_line(words))


def cut(words: str, limit: int) -> str:
    """Words of at most `limit` characters; an ellipsis stands for what was left out."""
    return words if len(words) <= limit else _ended(words[: limit - 1])


def fit(words: str, most: int) -> str:
    """Words of at most `most` bytes in UTF-8 (at least 3), cut like `cut`; a message counts bytes, too."""
    written = words.encode()
    return words if len(written) <= most else _ended(written[: most - 3].decode(errors="ignore"))


def _ended(words: str) -> str:
    """The beginning of words, with an ellipsis; a sign of formatting that was cut off leaves no half of its escape."""
    kept = words.rstrip()
    halves = len(kept) - len(kept.rstrip("\\"))
    return kept[: len(kept) - halves % 2] + "…"


def name(display_name: str) -> str:
    """A member's name as plain words, and never nothing."""
    shown = cut(display_name, LONGEST_NAME)
    return escape(shown) if is_visible(shown) else "A member"


def is_visible(words: str) -> bool:
    """Whether there is anything to be seen of them."""
    return _INVISIBLE.sub("", words) not in {"", "…"}


def byte_size(words: str) -> int:
    """How many bytes words take in UTF-8, which is what Discord's undocumented limit counts."""
    return len(words.encode())
