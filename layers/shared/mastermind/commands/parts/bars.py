"""Progress bars as text: a bar always comes with its figures (docs/rules/messages.md, Bars)."""

from __future__ import annotations

WIDTH = 10
"""Blocks of a bar: with its words it fits one line on a narrow phone."""

FILLED, EMPTY = "▰", "▱"


def with_figures(part: int, whole: int, unit: str = "", *, more: str = "") -> str:
    """Figures in words and their bar, as in "4 of 13 done (30 %) ▰▰▰▱▱▱▱▱▱▱".

    `part` is clamped to 0..`whole`, `unit` follows the figures, `more` the percentage. Some screen readers read a bar
    block by block, so it stands behind its words. A share below 1 % has no percentage. There is no function for the bar
    alone: it must never be the only source of a fact.
    """
    part = min(max(part, 0), whole)
    share = percent(part, whole)
    figures = f"{part:,} of {whole:,}" + (f" {unit}" if unit else "") + (f" ({share} %)" if share else "")
    return behind(f"{figures}{more}", part, whole)


def behind(words: str, part: int, whole: int) -> str:
    """A bar behind words that say what it shows."""
    return f"{words} {_blocks(min(max(part, 0), whole), whole)}"


def balance(signs: tuple[str, str], left: int, right: int, blocks: tuple[str, str] = (FILLED, EMPTY)) -> str:
    """How two amounts, not both 0, share a whole: "⚔️ 58 : 42 🔮 ▰▰▰▰▰▱▱▱▱▱". The right share is rounded down."""
    share = percent(right, left + right)
    return f"{signs[0]} {100 - share} : {share} {signs[1]} {_blocks(left, left + right, blocks)}"


def percent(part: int, whole: int) -> int:
    """The share in whole percent, rounded down: 100 only when complete. 0 of 0 is complete."""
    return 100 * part // whole if whole > 0 else 100


def _blocks(part: int, whole: int, blocks: tuple[str, str] = (FILLED, EMPTY)) -> str:
    """A bar of ten blocks: empty only at 0, full only when complete."""
    filled = WIDTH * part // whole if whole > 0 else WIDTH
    if part > 0:
        filled = max(filled, 1)
    return blocks[0] * filled + blocks[1] * (WIDTH - filled)
