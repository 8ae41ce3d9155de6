"""The marks of days: each has a shape of its own, so that colour is never the only difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing.colors import contrasting
from mastermind.pictures.figures import Mark

if TYPE_CHECKING:
    from functions.pictures.drawing.canvas import Canvas

ROUND = 0.26
"""The radius of a corner, as a share of the square."""


def draw(canvas: Canvas, x: float, y: float, size: float, mark: Mark, fill: int | None = None) -> None:
    """A day as a square of that size; `fill` is the colour of one that was logged."""
    match mark:
        case Mark.LOGGED:
            _logged(canvas, x, y, size, fill)
        case Mark.FREEZE:
            _freeze(canvas, x, y, size)
        case Mark.PAUSE | Mark.REST | Mark.OUTAGE | Mark.TRAVEL:
            _hollow(canvas, x, y, size, canvas.colors.muted)
            _bridged(canvas, x, y, size, mark)
        case Mark.GRACE:
            canvas.rect(x, y, size, size, canvas.colors.quiet, radius=size * ROUND)
            _hollow(canvas, x, y, size, canvas.colors.text, thick=max(2.0, size / 10))
        case Mark.MISSED:
            canvas.rect(x, y, size, size, canvas.colors.line, radius=size * ROUND)
            canvas.circle(x + size / 2, y + size / 2, max(1.5, size / 10), canvas.colors.muted)
        case Mark.AHEAD:
            _hollow(canvas, x, y, size, canvas.colors.quiet, thick=max(1.0, size / 18))


def _logged(canvas: Canvas, x: float, y: float, size: float, fill: int | None) -> None:
    gold = canvas.colors.gold
    canvas.rect(x, y, size, size, gold if fill is None else fill, radius=size * ROUND)
    if fill is None:
        tick = _within(x, y, size, (0.28, 0.54), (0.44, 0.69), (0.73, 0.34))
        canvas.line(tick, contrasting(gold), thick=max(2.0, size / 10))


def _freeze(canvas: Canvas, x: float, y: float, size: float) -> None:
    frost = canvas.colors.frost
    canvas.rect(x, y, size, size, frost, radius=size * ROUND)
    _flake(canvas, x + size / 2, y + size / 2, size * 0.3, contrasting(frost))


def _bridged(canvas: Canvas, x: float, y: float, size: float, mark: Mark) -> None:
    """What is in the square of a day that nothing was asked of: two bars, one that lies, a cross, an arrow."""
    color, thick = canvas.colors.muted, max(1.5, size / 12)
    if mark == Mark.PAUSE:
        for left in (0.34, 0.56):
            canvas.rect(x + size * left, y + size * 0.3, size * 0.12, size * 0.4, color)
    elif mark == Mark.REST:
        canvas.rect(x + size * 0.3, y + size * 0.44, size * 0.4, size * 0.12, color)
    elif mark == Mark.OUTAGE:
        canvas.line(_within(x, y, size, (0.32, 0.32), (0.68, 0.68)), color, thick=thick)
        canvas.line(_within(x, y, size, (0.68, 0.32), (0.32, 0.68)), color, thick=thick)
    else:
        canvas.shape(_within(x, y, size, (0.36, 0.28), (0.72, 0.5), (0.36, 0.72)), color)


def _within(x: float, y: float, size: float, *shares: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x + size * across, y + size * down) for across, down in shares]


def _hollow(canvas: Canvas, x: float, y: float, size: float, color: int, *, thick: float = 0) -> None:
    thick = thick or max(1.5, size / 14)
    canvas.rect(
        x + thick / 2, y + thick / 2, size - thick, size - thick, None, radius=size * 0.22, stroke=color, thick=thick
    )


def _flake(canvas: Canvas, x: float, y: float, radius: float, color: int) -> None:
    for across, down in ((0.0, 1.0), (0.87, 0.5), (0.87, -0.5)):
        ends = [(x - radius * across, y - radius * down), (x + radius * across, y + radius * down)]
        canvas.line(ends, color, thick=max(1.5, radius / 3.2))
