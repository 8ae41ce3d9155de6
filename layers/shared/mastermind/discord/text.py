"""Words of members inside our messages: escaped so that they stay plain, and cut so that they fit."""

from __future__ import annotations

import re

LONGEST_NAME = 32
"""Characters of a display name; Discord's own limit, which a name from elsewhere might not keep."""

_MARKDOWN = re.compile(r"([\\*_~`|<>@#\[\]()\-:])")


def escape(words: str) -> str:
    """Words that Discord shows as they are: no formatting, no links, no mentions, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(words.split()))


def cut(words: str, limit: int) -> str:
    """Words of at most `limit` characters; an ellipsis stands for what was left out."""
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def fit(words: str, most: int) -> str:
    """Words of at most `most` bytes in UTF-8 (at least 3), cut like `cut`; a message counts bytes, too."""
    written = words.encode()
    return words if len(written) <= most else written[: most - 3].decode(errors="ignore").rstrip() + "…"


def name(display_name: str) -> str:
    """A member's name as plain words, and never nothing."""
    return escape(cut(display_name, LONGEST_NAME)) or "A member"


def byte_size(words: str) -> int:
    """How many bytes words take in UTF-8, which is what Discord's undocumented limit counts."""
    return len(words.encode())
