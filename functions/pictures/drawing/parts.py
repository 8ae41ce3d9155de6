"""Parts that several pictures share: a heading, tiles, lines of a board, axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing import fonts
from functions.pictures.drawing.canvas import MARGIN, SMALL, TITLE, WIDTH
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.pictures.drawing.canvas import Canvas
    from mastermind.pictures.figures import Person, Place, Tile

RIGHT = WIDTH - MARGIN
GAP = 16


def heading(canvas: Canvas, title: str, line: str) -> None:
    """A title with a line below it, and the community's own title at the right."""
    most = RIGHT - MARGIN
    if canvas.look.title:
        most -= canvas.text(RIGHT, 56, canvas.look.title, size=SMALL, color=canvas.tint, anchor="end", most=260) + 24
    canvas.text(MARGIN, 62, title, size=TITLE, bold=True, most=most)
    canvas.text(MARGIN, 100, line, size=22, color=canvas.colors.muted, most=RIGHT - MARGIN)


def heading_of(canvas: Canvas, person: Person, title: str, line: str) -> None:
    """Somebody's name and picture, with a text below."""
    canvas.avatar(RIGHT - 40, 72, 40, person, canvas.accent)
    most = RIGHT - MARGIN - 100
    canvas.text(MARGIN, 56, words.name(person), size=TITLE, bold=True, most=most)
    canvas.text(MARGIN, 89, title, size=22, color=canvas.tint, most=most)
    canvas.text(MARGIN, 119, line, size=22, color=canvas.colors.muted, most=most)


def tiles(canvas: Canvas, shown: Sequence[Tile], y: float, height: float = 96) -> None:
    """Figures in a row, each with what changed."""
    wide = (RIGHT - MARGIN - GAP * (len(shown) - 1)) / max(len(shown), 1)
    for place, tile in enumerate(shown):
        x = MARGIN + place * (wide + GAP)
        canvas.panel(x, y, wide, height)
        canvas.text(x + 18, y + 46, f"{tile.sign} {tile.count:,}".strip(), size=36, bold=True, most=wide - 36)
        change = words.change(tile)
        room = wide - 36 - (fonts.width(change, SMALL) + 12 if change else 0)
        canvas.text(x + 18, y + 78, tile.name, size=SMALL, color=canvas.colors.muted, most=room)
        if change.startswith("▲"):
            grown(canvas, x + wide - 18, y + 78, change.removeprefix("▲ "))
        elif change:
            canvas.text(x + wide - 18, y + 78, change, size=SMALL, color=canvas.colors.muted, anchor="end")


def grown(canvas: Canvas, x: float, y: float, said: str) -> float:
    """What grew, with an arrow before it; `x` is where it ends. Returns how wide both are."""
    wide = canvas.text(x, y, said, size=SMALL, color=canvas.colors.good, anchor="end")
    left = x - wide - 22
    canvas.shape([(left, y - 1), (left + 8, y - 15), (left + 16, y - 1)], canvas.colors.good)
    return wide + 22


def board_line(canvas: Canvas, y: float, place: Place, unit: str, most: int) -> None:
    """A line of a board with a bar behind it; `most` is the largest count."""
    wide = RIGHT - MARGIN
    canvas.rect(MARGIN, y, wide, 46, canvas.colors.raised, radius=12)
    if most > 0 and place.count > 0:
        canvas.rect(MARGIN, y + 42, max(12, wide * min(1.0, place.count / most)), 4, canvas.tint, radius=2)
    canvas.text(MARGIN + 44, y + 31, f"{place.place:,}", bold=True, anchor="end", size=22, color=canvas.colors.muted)
    canvas.avatar(MARGIN + 80, y + 22, 17, place.person, place.color)
    counted = canvas.text(RIGHT - 18, y + 31, f"{place.count:,} {unit}", size=22, anchor="end", most=260)
    level = canvas.text(
        RIGHT - 36 - counted, y + 31, f"level {place.level}", size=SMALL, color=canvas.colors.muted, anchor="end"
    )
    name = words.name(place.person)
    canvas.text(MARGIN + 112, y + 31, name, bold=True, size=22, most=wide - 160 - counted - level)


def steps(most: float) -> tuple[int, int]:
    """A round step for the lines of a chart, and how many of them go a little beyond `most`."""
    most = max(most * 1.08, 100)
    rough = most / 4
    size = 10 ** (len(str(int(rough))) - 1)
    step = next(size * each for each in (1, 2, 5, 10) if size * each >= rough)
    return step, -(-int(most) // step)


def short(number: int) -> str:
    """A number for an axis: in thousands from ten thousand, in millions from a million."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:g} M"
    return f"{number / 1_000:g} k" if number >= 10_000 else f"{number:,}"
