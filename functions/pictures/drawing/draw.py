"""Figures to PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import resvg_py

from functions.pictures.drawing import card, compare, fonts, look, podium, progress, raid, report, week, year
from mastermind.pictures.figures import Card, Compare, Podium, Progress, RaidState, Report, ServerWeek, Week, Year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.canvas import Canvas
    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Figures


def draw(figures: Figures, avatars: Mapping[int, bytes]) -> bytes:
    """The picture as PNG; `avatars` are PNG by user."""
    return png(canvas(figures, avatars, look.load()))


def canvas(figures: Figures, avatars: Mapping[int, bytes], shown: Look) -> Canvas:  # noqa: PLR0911 # a line for each
    """The picture before it is PNG."""
    match figures:
        case Card():
            return card.draw(figures, shown, avatars)
        case Compare():
            return compare.draw(figures, shown, avatars)
        case Progress():
            return progress.draw(figures, shown, avatars)
        case Year():
            return year.draw(figures, shown, avatars)
        case Podium():
            return podium.draw(figures, shown, avatars)
        case Week():
            return week.draw(figures, shown, avatars)
        case ServerWeek():
            return week.draw_server(figures, shown, avatars)
        case RaidState():
            return raid.draw(figures, shown, avatars)
        case Report():
            return report.draw(figures, shown)


def png(drawn: Canvas, *, words: bool = True) -> bytes:
    return rendered(drawn.svg(words=words), drawn.faces)


def rendered(svg: str, faces: set[str], *, is_told: bool = False) -> bytes:
    """SVG as PNG with these font files; nothing of this machine's fonts or files is read.

    With `is_told` resvg writes what it lacks to the standard error.
    """
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=[str(fonts.FOLDER / file) for file in sorted(faces)],
        skip_system_fonts=True,
        log_information=is_told,
    )
