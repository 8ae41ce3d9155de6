"""Colours: which contrast is readable, by WCAG 2.2 (success criterion 1.4.3, relative luminance as defined there)."""

from __future__ import annotations

READABLE = 4.5
"""The least contrast of text on its ground; ratios go from 1 to 21."""

SEEN = 3.0
"""The least contrast of large text, and of a shape that says something (1.4.11)."""

WHITE, BLACK = 0xFFFFFF, 0x000000


def hex_of(color: int) -> str:
    return f"#{color:06x}"


def number_of(color: str) -> int:
    """The colour written as #rrggbb."""
    return int(color.removeprefix("#"), 16)


def contrast(one: int, other: int) -> float:
    """The contrast ratio of two colours."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(color: int, other: int, share: float) -> int:
    """The colour with `share` (0 to 1) of the other in it."""
    return sum(round(a + (b - a) * share) << shift for shift, a, b in _channels(color, other))


def readable(color: int, ground: int, least: float = READABLE) -> int:
    """The colour, made lighter or darker until it is readable on that background."""
    towards = WHITE if contrast(WHITE, ground) >= contrast(BLACK, ground) else BLACK
    return next(
        each for step in range(21) if contrast(each := mixed(color, towards, step / 20), ground) >= least or step == 20
    )


def contrasting(ground: int, light: int = WHITE, dark: int = 0x14161B) -> int:
    """The more readable of two colours on that background."""
    return max((light, dark), key=lambda color: contrast(color, ground))


def _channels(color: int, other: int) -> list[tuple[int, int, int]]:
    return [(shift, color >> shift & 255, other >> shift & 255) for shift in (16, 8, 0)]


def _luminance(color: int) -> float:
    red, green, blue = (_linear((color >> shift & 255) / 255) for shift in (16, 8, 0))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
