"""Two members side by side, with bars that grow from the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing.canvas import MARGIN, SMALL, WIDTH, Canvas
from functions.pictures.drawing.colors import mixed, readable
from functions.pictures.drawing.parts import RIGHT
from mastermind.game.factions import emblems
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.canvas import Anchor
    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Card, Compare
    from mastermind.pictures.words import Pair

MIDDLE = WIDTH / 2
TOP, STEP = 196, 58
HALF = 140
"""Half of the room that labels have in the middle."""


def draw(both: Compare, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    pairs = list(words.compared(both))
    canvas = Canvas(look, TOP + STEP * len(pairs) + 24, both.left.color, avatars)
    colors = [readable(mixed(card.color, 0xFFFFFF, 0.15), look.colors.raised) for card in (both.left, both.right)]
    _head(canvas, both.left, MARGIN + 60, "start", colors[0])
    _head(canvas, both.right, RIGHT - 60, "end", colors[1])
    canvas.text(MIDDLE, 112, "VS", size=26, bold=True, color=canvas.colors.muted, anchor="middle")
    for place, pair in enumerate(pairs):
        _pair(canvas, TOP + place * STEP, pair, colors)
    return canvas


def _head(canvas: Canvas, card: Card, x: float, anchor: Anchor, color: int) -> None:
    canvas.avatar(x, 98, 60, card.person, color)
    beside = x + 80 if anchor == "start" else x - 80
    most = MIDDLE - 40 - MARGIN - 140
    canvas.text(beside, 90, words.name(card.person), size=32, bold=True, anchor=anchor, most=most, least=24)
    canvas.text(beside, 122, card.title, size=SMALL, color=color, anchor=anchor, most=most)
    canvas.text(
        beside, 150, emblems.shown(card.faction), size=SMALL, color=canvas.colors.muted, anchor=anchor, most=most
    )


def _pair(canvas: Canvas, y: float, pair: Pair, colors: list[int]) -> None:
    canvas.panel(MARGIN, y, RIGHT - MARGIN, STEP - 8)
    middle = y + (STEP - 8) / 2 + 8
    canvas.text(MIDDLE, middle, pair.label, size=22, color=canvas.colors.muted, anchor="middle", most=2 * HALF - 12)
    left, right = pair.sizes
    most = max(left, right)
    room = MIDDLE - HALF - MARGIN - 20
    sides: list[tuple[str, int, float, Anchor]] = [
        (pair.left, left, MARGIN + 20, "start"),
        (pair.right, right, RIGHT - 20, "end"),
    ]
    for (said, size, x, anchor), color in zip(sides, colors, strict=True):
        is_more = size == most > min(left, right)
        words_wide = canvas.text(x, middle, said, size=24, bold=is_more, anchor=anchor, most=room)
        bar_room = room - max(words_wide, 84) - 14
        long = bar_room * size / most if most else 0
        if long:
            start = MIDDLE - HALF - long if anchor == "start" else MIDDLE + HALF
            canvas.rect(start, y + 17, max(long, 6), 16, color, radius=5)
