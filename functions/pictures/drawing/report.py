"""The leaders' report of a week: figures, and a bar for each of the most logged stats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing import fonts
from functions.pictures.drawing.canvas import BODY, MARGIN, SMALL, Canvas
from functions.pictures.drawing.parts import RIGHT, heading, tiles
from mastermind.pictures import words

if TYPE_CHECKING:
    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Report

TOP, STEP, LABELS = 244, 48, 300
"""Where the bars begin, how far they are apart, and how wide their names may be."""


def draw(report: Report, look: Look) -> Canvas:
    canvas = Canvas(look, TOP + STEP * len(report.logged) + (24 if report.logged else 0), look.colors.frost, {})
    line = words.REPORT_BARS if report.logged else "Figures without a name"
    heading(canvas, words.report_title(report), line)
    tiles(canvas, report.tiles, 124)
    most = max((each.count for each in report.logged), default=1)
    left, room = MARGIN + LABELS + 16, fonts.width(f"{most:,}", BODY) + 24
    for place, each in enumerate(report.logged):
        y = TOP + STEP * place
        canvas.text(MARGIN + LABELS, y + 26, each.name, size=SMALL, anchor="end", most=LABELS)
        canvas.bar(left, y + 6, RIGHT - left - room, 26, each.count / most, canvas.accent)
        canvas.text(RIGHT, y + 27, f"{each.count:,}", anchor="end", size=BODY)
    return canvas
