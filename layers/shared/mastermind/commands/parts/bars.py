"""Progress as text: a bar never stands without its words (docs/rules/messages.md, Bars)."""

from __future__ import annotations

WIDTH = 10
"""Blocks of a bar: one line on a narrow phone, words included."""

FILLED, EMPTY = "▰", "▱"


def told(part: int, whole: int, unit: str = "") -> str:
    """A bar with its figures in words, as in "▰▰▰▱▱▱▱▱▱▱ 4 of 13 done (30 %)".

    `part` is held within 0..`whole`, `unit` follows the figures. There is no way to have the bar alone: it must never
    be the only carrier of a fact.
    """
    part = min(max(part, 0), whole)
    figures = f"{part:,} of {whole:,}" + (f" {unit}" if unit else "")
    return f"{_blocks(part, whole)} {figures} ({percent(part, whole)} %)"


def percent(part: int, whole: int) -> int:
    """The share in whole percent, rounded down: 100 is said only of what is complete. Of nothing all is done."""
    return 100 * part // whole if whole > 0 else 100


def _blocks(part: int, whole: int) -> str:
    """A bar of ten blocks: empty only at nothing, full only at everything."""
    filled = WIDTH * part // whole if whole > 0 else WIDTH
    if part > 0:
        filled = max(filled, 1)
    return FILLED * filled + EMPTY * (WIDTH - filled)
