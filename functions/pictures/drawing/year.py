"""A year as a calendar of days, in two halves, so that a day is seen on a phone: more is larger and stronger."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from functions.pictures.drawing import fonts, marks
from functions.pictures.drawing.canvas import MARGIN, SMALL, Canvas
from functions.pictures.drawing.colors import mixed
from functions.pictures.drawing.parts import RIGHT, heading_of
from mastermind.game.days.calendar import MONTHS, WEEKDAYS
from mastermind.pictures import words
from mastermind.pictures.figures import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Year

LEFT, TOP = 82, 176
CELL, STEP = 25, 30
ROW = 36

WEEKS = 27
"""Weeks of a half."""

HALF = 7 * STEP + 46
"""How tall a half is, with its months."""


def draw(year: Year, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    first = words.day(year.first)
    monday = first - timedelta(first.weekday())
    halves = -(-((first - monday).days + len(year.xp)) // (7 * WEEKS)) or 1
    canvas = Canvas(look, TOP + halves * HALF + 30 + ROW * len(_rows(year)), year.color, avatars)
    heading_of(canvas, year.person, words.year_title(year), words.xp_and_days(year.xp, first))
    for half in range(halves):
        _frame(canvas, monday + timedelta(7 * WEEKS * half), TOP + half * HALF)
    strong = _strongest(year)
    for day, xp, mark in _days(year):
        week, weekday = divmod((day - monday).days, 7)
        half, column = divmod(week, WEEKS)
        _day(canvas, LEFT + column * STEP, TOP + half * HALF + weekday * STEP, mark, xp / strong)
    _legend(canvas, year, TOP + halves * HALF - 14)
    return canvas


def _days(year: Year) -> Iterator[tuple[date, int, Mark]]:
    for place, (xp, mark) in enumerate(zip(year.xp, year.marks, strict=True)):
        yield words.day(year.first, place), xp, mark


def _strongest(year: Year) -> float:
    """The XP of a day that is drawn as strongly as can be: one day in ten has more."""
    logged = sorted(xp for xp in year.xp if xp > 0)
    return logged[len(logged) * 9 // 10] if logged else 1


def _frame(canvas: Canvas, monday: date, y: float) -> None:
    """The names of weekdays and months around a half."""
    for weekday in (0, 2, 4, 6):
        name = WEEKDAYS[weekday][:2]
        canvas.text(LEFT - 14, y + weekday * STEP + 20, name, size=SMALL, color=canvas.colors.muted, anchor="end")
    free = 0.0
    for week in range(WEEKS):
        days = [monday + timedelta(7 * week + weekday) for weekday in range(7)]
        begun = next((day for day in days if day.day == 1), None)
        x = LEFT + week * STEP
        if begun and x >= free and week < WEEKS - 1:
            free = x + 12 + canvas.text(x, y - 12, MONTHS[begun.month - 1][:3], size=SMALL, color=canvas.colors.muted)


def _day(canvas: Canvas, x: float, y: float, mark: Mark, strength: float) -> None:
    if mark == Mark.LOGGED:
        _logged(canvas, x, y, min(1.0, strength))
    elif mark == Mark.MISSED:
        canvas.rect(x, y, CELL, CELL, mixed(canvas.colors.raised, canvas.colors.line, 0.5), radius=7)
    elif mark != Mark.AHEAD:
        marks.draw(canvas, x, y, CELL, mark)


def _logged(canvas: Canvas, x: float, y: float, strength: float) -> None:
    """A day that was logged, in one of four sizes."""
    step = max(1, min(4, -(-int(strength * 100) // 25)))
    size = (11, 16, 20.5, CELL)[step - 1]
    canvas.rect(x, y, CELL, CELL, canvas.colors.raised, radius=7)
    color = mixed(canvas.colors.ground, canvas.accent, (0.7, 0.8, 0.9, 1.0)[step - 1])
    canvas.rect(x + (CELL - size) / 2, y + (CELL - size) / 2, size, size, color, radius=size * 0.28)


def _legend(canvas: Canvas, year: Year, y: float) -> None:
    """What the signs mean, of those that there are; and the longest streak."""
    x = float(MARGIN)
    x += canvas.text(x, y + 20, "less", size=SMALL, color=canvas.colors.muted) + 10
    for strength in (0.2, 0.4, 0.7, 1.0):
        _logged(canvas, x, y, strength)
        x += STEP
    canvas.text(x + 4, y + 20, "more XP", size=SMALL, color=canvas.colors.muted)
    if longest := words.longest_of(year):
        canvas.text(RIGHT, y + 20, f"🔥 {longest}", size=SMALL, anchor="end")
    _signs(canvas, _rows(year), y + ROW)


def _signs(canvas: Canvas, rows: list[list[tuple[Mark, str]]], y: float) -> None:
    """The signs of days, with how many there are of each."""
    for number, row in enumerate(rows):
        x, top = float(MARGIN), y + number * ROW
        for mark, counted in row:
            marks.draw(canvas, x, top, CELL, mark)
            canvas.text(x + 34, top + 20, counted, size=SMALL, color=canvas.colors.muted)
            x += _width(counted)


def _width(counted: str) -> float:
    """The room of a sign with its words."""
    return 34 + fonts.width(counted, SMALL) + 22


def _rows(year: Year) -> list[list[tuple[Mark, str]]]:
    """The signs that need to be explained, in rows that fit."""
    rows: list[list[tuple[Mark, str]]] = []
    left = 0.0
    for mark, said in _shown(year):
        counted = f"{year.marks.count(mark)} {said}"
        if left < _width(counted):
            rows.append([])
            left = RIGHT - MARGIN + 22
        rows[-1].append((mark, counted))
        left -= _width(counted)
    return rows


def _shown(year: Year) -> list[tuple[Mark, str]]:
    """The marks that need to be explained, of those that there are."""
    plain = {Mark.LOGGED, Mark.MISSED}
    return [(mark, said) for mark, said in words.MARKS.items() if mark in year.marks and mark not in plain]
