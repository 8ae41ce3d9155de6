"""Markdown with its paragraphs wrapped; headings, tables, comments and indented examples stay as they are."""

from __future__ import annotations

import re
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 100
_HELD = "\0"
"""Stands for a space inside of code, where no line may break."""

_KEPT = re.compile(r"$|#|\||<!--|    ")


def wrapped(lines: Iterable[str]) -> str:
    return "\n".join(_blocks(lines))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    for is_kept, grouped in groupby(lines, lambda line: _KEPT.match(line) is not None):
        block = list(grouped)
        yield from block if is_kept else _paragraph(" ".join(block))


def _paragraph(text: str) -> Iterator[str]:
    held = re.sub(r"`[^`]+`", lambda code: code[0].replace(" ", _HELD), text)
    for line in textwrap.wrap(held, WIDTH, break_long_words=False, break_on_hyphens=False):
        yield line.replace(_HELD, " ")
