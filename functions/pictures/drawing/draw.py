"""Figures to PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import resvg_py

from functions.pictures.drawing import card, fonts, look
from mastermind.pictures.figures import Card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.canvas import Canvas
    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Figures


def draw(figures: Figures, avatars: Mapping[int, bytes]) -> bytes:
    """The picture as PNG; `avatars` are PNG by user."""
    return png(canvas(figures, avatars))


def canvas(figures: Figures, avatars: Mapping[int, bytes], wanted: Look | None = None) -> Canvas:
    """The picture before it is PNG."""
    shown = wanted or look.load()
    match figures:
        case Card():
            return card.draw(figures, shown, avatars)
        case _:
            raise NotImplementedError


def png(drawn: Canvas, *, words: bool = True) -> bytes:
    return rendered(drawn.svg(words=words), drawn.faces)


def rendered(svg: str, faces: set[str]) -> bytes:
    """SVG as PNG with these font files; nothing of this machine's fonts or files is read."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=[str(fonts.FOLDER / file) for file in sorted(faces)],
        skip_system_fonts=True,
    )
