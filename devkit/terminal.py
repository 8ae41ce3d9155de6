"""Text from others on a terminal."""

from __future__ import annotations

import re

_CONTROL_CHARACTERS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(words: str) -> str:
    """The words with control characters and direction marks escaped as in JSON.

    A terminal obeys them: it would hide lines, change its title or write to the clipboard.
    """
    return _CONTROL_CHARACTERS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", words)
