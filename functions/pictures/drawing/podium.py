"""A board: the first three on a podium, the next seven below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing.canvas import MARGIN, SMALL, WIDTH, Canvas
from functions.pictures.drawing.colors import mixed, readable
from functions.pictures.drawing.parts import board_line, heading
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Place, Podium

MEDALS = ((0xFFD166, "🥇"), (0xCBD3DF, "🥈"), (0xE6A06C, "🥉"))
STANDS = ((WIDTH / 2, 156), (WIDTH / 2 - 280, 130), (WIDTH / 2 + 280, 112))
"""By place: the middle of the stand, and how tall it is."""

HALF = 126
"""Half of a stand's width."""

FLOOR, STEP = 414, 54


def draw(podium: Podium, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    rest = podium.places[3:10]
    height = FLOOR + 24 + len(rest) * STEP + (8 if rest else 0) if podium.places else 200
    canvas = Canvas(look, height, look.colors.gold, avatars)
    if podium.places:
        heading(canvas, podium.title, f"{words.plural(len(podium.places), 'place')}, by {podium.unit}")
    else:
        heading(canvas, podium.title, "Nobody is on this board yet")
        canvas.text(MARGIN, 156, "The first place is free.", color=canvas.tint)
    for number, place in enumerate(podium.places[:3]):
        _stand(canvas, number, place, podium.unit)
    for number, place in enumerate(rest):
        board_line(canvas, FLOOR + 20 + number * STEP, place, podium.unit, podium.places[0].count)
    return canvas


def _stand(canvas: Canvas, number: int, place: Place, unit: str) -> None:
    """A stand with its member; who has as much as the one before stands as such: the sign is that of the place."""
    (middle, tall), (color, _) = STANDS[number], MEDALS[number]
    medal = MEDALS[place.place - 1][1] if place.place <= 3 else ""
    top = FLOOR - tall
    canvas.rect(middle - HALF, top, 2 * HALF, tall, mixed(canvas.colors.raised, color, 0.16), radius=16)
    canvas.rect(middle - HALF + 16, top, 2 * HALF - 32, 5, readable(color, canvas.colors.ground, 3), radius=2)
    canvas.avatar(middle, top - 62, 46, place.person, color)
    canvas.text(middle + 38, top - 22, medal, size=36, anchor="middle")
    canvas.text(middle, top + 36, words.name(place.person), size=26, bold=True, anchor="middle", most=2 * HALF - 24)
    canvas.text(middle, top + 64, f"{place.count:,} {unit}", size=22, anchor="middle", most=2 * HALF - 24)
    level = f"level {place.level}"
    canvas.text(middle, top + 92, level, size=SMALL, color=canvas.colors.muted, anchor="middle")
