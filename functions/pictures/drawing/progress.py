"""XP a day in stacked bars with its average, and what moves over time below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from functions.pictures.drawing import fonts
from functions.pictures.drawing.canvas import MARGIN, SMALL, Canvas
from functions.pictures.drawing.colors import readable
from functions.pictures.drawing.parts import GAP, RIGHT, heading_of, short, steps
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Progress, Trend

LEFT, FLOOR = 112, 420
"""Where the bars begin, and the line on which they stand."""

BELOW_LEGEND = 48
"""From the names of the categories to the top of the bars."""

WEEKLY = 120
"""From so many days on, a bar is a week."""

AVERAGED = 7
"""Days of the average; bars that are weeks have none."""

TREND = 150
"""How tall the panel of a trend is."""


@dataclass(frozen=True, slots=True)
class Bars:
    """What the bars show: for each the day it begins, and the XP of each category; `top` is where they may end."""

    firsts: Sequence[date]
    parts: Sequence[Sequence[int]]
    are_weeks: bool
    top: float

    @property
    def scale(self) -> float:
        """Pixels for an XP."""
        step, count = steps(max(self.sums, default=0))
        return (FLOOR - self.top) / (step * count)

    @property
    def sums(self) -> list[int]:
        return [sum(part) for part in self.parts]


def draw(progress: Progress, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    canvas = Canvas(
        look,
        FLOOR + 56 + _rows(len(progress.trends)) * (TREND + GAP) + (GAP if progress.trends else 0),
        progress.color,
        avatars,
    )
    first = words.first_of(progress)
    line = words.xp_and_days(words.in_all(progress), first)
    heading_of(canvas, progress.person, words.progress_title(progress), line)
    bars = _bars(progress, _legend(canvas, progress) + BELOW_LEGEND)
    _grid(canvas, bars)
    _stacks(canvas, bars)
    if not bars.are_weeks and any(bars.sums):
        _average(canvas, bars)
    _dates(canvas, bars)
    for place, trend in enumerate(progress.trends):
        _trend(canvas, place, trend, len(progress.trends))
    return canvas


def _bars(progress: Progress, top: float) -> Bars:
    first, stacks = words.first_of(progress), [stack.xp for stack in progress.stacks]
    are_weeks = progress.days >= WEEKLY
    size = 7 if are_weeks else 1
    starts = range(progress.days % size, progress.days, size) if are_weeks else range(progress.days)
    parts = [[sum(xp[start : start + size]) for xp in stacks] for start in starts]
    return Bars([first + timedelta(start) for start in starts], parts, are_weeks, top)


def _color(canvas: Canvas, place: int) -> int:
    stack = canvas.look.stack
    return readable(stack[place % len(stack)], canvas.colors.ground, 3.0)


def _legend(canvas: Canvas, progress: Progress) -> float:
    """The categories in the order of the stack, the lowest first, in one or two rows; returns where they end."""
    shown = [(place, stack) for place, stack in enumerate(progress.stacks) if any(stack.xp)]
    said = [f"{stack.name} {sum(stack.xp):,}" for _, stack in shown]
    is_long = sum(fonts.width(one, SMALL) + 42 for one in said) > RIGHT - MARGIN
    columns = -(-len(said) // 2) if is_long else max(len(said), 1)
    room = (RIGHT - MARGIN) / columns
    x, y = float(MARGIN), 162.0
    for number, ((place, _), one) in enumerate(zip(shown, said, strict=True)):
        if number == columns:
            x, y = float(MARGIN), y + 30
        canvas.rect(x, y - 16, 16, 16, _color(canvas, place), radius=4)
        wide = canvas.text(x + 24, y, one, size=SMALL, most=room - 40)
        x += room if is_long else wide + 42
    return y


def _grid(canvas: Canvas, bars: Bars) -> None:
    step, count = steps(max(bars.sums, default=0))
    for number in range(count + 1):
        y = FLOOR - (FLOOR - bars.top) * number / count
        canvas.line([(LEFT, y), (RIGHT, y)], canvas.colors.line, thick=1.5)
        canvas.text(
            LEFT - 12, y + 7, short(step * number), size=SMALL, color=canvas.colors.muted, anchor="end", most=72
        )
    unit = "XP a week" if bars.are_weeks else "XP a day"
    canvas.text(RIGHT, bars.top - 10, unit, size=SMALL, color=canvas.colors.muted, anchor="end")


def _stacks(canvas: Canvas, bars: Bars) -> None:
    step, scale = (RIGHT - LEFT) / len(bars.parts), bars.scale
    wide = step * 0.72
    best = max(range(len(bars.parts)), key=bars.sums.__getitem__)
    for place, parts in enumerate(bars.parts):
        x, y = LEFT + place * step + (step - wide) / 2, float(FLOOR)
        for number, xp in enumerate(parts):
            tall = xp * scale
            if tall:
                y -= tall
                gap = min(1.5, tall / 3)
                canvas.rect(x, y, wide, tall - gap, _color(canvas, number), radius=min(3, wide / 4))
        if not any(parts):
            canvas.circle(x + wide / 2, FLOOR - 4, min(2.5, wide / 2), canvas.colors.quiet)
        elif place == best and not bars.are_weeks:
            canvas.shape(
                [(x + wide / 2 - 7, y - 14), (x + wide / 2 + 7, y - 14), (x + wide / 2, y - 4)], canvas.colors.gold
            )


def _average(canvas: Canvas, bars: Bars) -> None:
    """The average of seven days, from the day on that has so many before it."""
    sums, step, scale = bars.sums, (RIGHT - LEFT) / len(bars.parts), bars.scale
    means = [sum(sums[end - AVERAGED : end]) / AVERAGED for end in range(AVERAGED, len(sums) + 1)]
    points = [(LEFT + (place + AVERAGED - 0.5) * step, FLOOR - mean * scale) for place, mean in enumerate(means)]
    if len(points) > 1:
        canvas.line(points, canvas.colors.ground, thick=6)
        canvas.line(points, canvas.colors.text, thick=3)
        said = canvas.text(LEFT + 36, bars.top - 10, "average of 7 days", size=SMALL, color=canvas.colors.muted)
        canvas.line([(LEFT, bars.top - 17), (LEFT + 26, bars.top - 17)], canvas.colors.text, thick=3)
        canvas.shape(
            [(LEFT + said + 58, bars.top - 22), (LEFT + said + 72, bars.top - 22), (LEFT + said + 65, bars.top - 12)],
            canvas.colors.gold,
        )
        canvas.text(LEFT + said + 80, bars.top - 10, "best day", size=SMALL, color=canvas.colors.muted)


def _dates(canvas: Canvas, bars: Bars) -> None:
    """Five dates below the bars, the first and the last among them."""
    step, last = (RIGHT - LEFT) / len(bars.firsts), len(bars.firsts) - 1
    for number in range(5):
        place = round(last * number / 4)
        anchor = "start" if number == 0 else "end" if number == 4 else "middle"
        x = LEFT + (place + {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]) * step
        canvas.text(
            x, FLOOR + 32, words.short(bars.firsts[place]), size=SMALL, color=canvas.colors.muted, anchor=anchor
        )


def _rows(trends: int) -> int:
    """Rows of trends: beside more than two others a name has no room."""
    return -(-trends // 3)


def _trend(canvas: Canvas, place: int, trend: Trend, among: int) -> None:
    """A figure over time: its last value in words, and a line through what is known."""
    row, column = divmod(place, columns := -(-among // _rows(among)))
    wide = (RIGHT - MARGIN - GAP * (columns - 1)) / columns
    x, y = MARGIN + column * (wide + GAP), FLOOR + 56 + row * (TREND + GAP)
    canvas.panel(x, y, wide, TREND)
    canvas.text(x + 18, y + 34, trend.name, size=SMALL, color=canvas.colors.muted, most=wide - 36)
    canvas.text(x + 18, y + 66, words.latest(trend), bold=True, most=wide - 36)
    top, floor, inner = y + 80, y + TREND - 18, wide - 36
    canvas.line([(x + 18, floor), (x + 18 + inner, floor)], canvas.colors.line, thick=1.5)
    span, last = max(trend.high - trend.low, 1), max(len(_smooth(trend.values)) - 1, 1)
    points = [
        (x + 18 + inner * number / last, floor - (floor - top) * min(1.0, max(0.0, (value - trend.low) / span)))
        for number, value in enumerate(_smooth(trend.values))
        if value is not None
    ]
    if len(points) > 1:
        canvas.line(points, canvas.tint, thick=3)
    for end in points[-1:]:
        canvas.circle(*end, 6, canvas.tint)


def _smooth(values: Sequence[float | None]) -> list[float | None]:
    """The values as a line of at most 60 points, each the mean of the days around it."""
    size = -(-len(values) // 60) or 1
    parts = (
        [value for value in values[start : start + size] if value is not None] for start in range(0, len(values), size)
    )
    return [sum(part) / len(part) if part else None for part in parts]
