"""The week of a member, and of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing.canvas import BODY, MARGIN, SMALL, Canvas
from functions.pictures.drawing.colors import mixed
from functions.pictures.drawing.parts import GAP, RIGHT, heading, heading_of, tiles
from mastermind.game.days.calendar import WEEKDAYS
from mastermind.game.factions import emblems
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Honour, Note, ServerWeek, Week

FLOOR, TALL = 418, 134
"""Where the bars of days stand, and how tall the longest is."""


def draw(week: Week, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    notes = [(note, color) for note, color in ((week.badge, look.colors.gold), (week.goal, look.colors.frost)) if note]
    canvas = Canvas(look, FLOOR + 66 + (138 if notes else 0), week.color, avatars)
    heading_of(canvas, week.person, words.week_title(week), words.week_sentence(week))
    tiles(canvas, week.tiles, 142)
    _bars(canvas, week)
    wide = (RIGHT - MARGIN - GAP * (len(notes) - 1)) / max(len(notes), 1)
    for place, (note, color) in enumerate(notes):
        _note(canvas, MARGIN + place * (wide + GAP), FLOOR + 58, wide, note, color)
    return canvas


def _bars(canvas: Canvas, week: Week) -> None:
    """Each day of this week beside the same of the last one."""
    most = max((*week.xp, *week.xp_before, 1))
    step = (RIGHT - MARGIN) / 7
    for day in range(7):
        middle = MARGIN + step * (day + 0.5)
        for xp, left, color in (
            (week.xp_before[day], middle - 38, canvas.colors.quiet),
            (week.xp[day], middle + 2, canvas.accent),
        ):
            tall = max(TALL * xp / most, 6 if xp else 0)
            if tall:
                canvas.rect(left, FLOOR - tall, 36, tall, color, radius=6)
            else:
                canvas.circle(left + 18, FLOOR - 4, 3, canvas.colors.quiet)
        canvas.text(middle, FLOOR + 28, WEEKDAYS[day][:2], size=SMALL, color=canvas.colors.muted, anchor="middle")
    x = RIGHT - canvas.text(RIGHT, 264, "this week", size=SMALL, color=canvas.colors.muted, anchor="end")
    canvas.rect(x - 26, 248, 16, 16, canvas.accent, radius=4)
    x -= 48
    x -= canvas.text(x, 264, "left: the week before", size=SMALL, color=canvas.colors.muted, anchor="end")
    canvas.rect(x - 26, 248, 16, 16, canvas.colors.quiet, radius=4)


def _note(canvas: Canvas, x: float, y: float, wide: float, note: Note, color: int) -> None:
    canvas.rect(x, y, wide, 120, mixed(canvas.colors.ground, color, 0.12), radius=16)
    canvas.text(x + 20, y + 42, note.title, bold=True, color=color, most=wide - 40)
    canvas.lines(x + 20, y + 74, note.text, wide - 40, size=21, color=canvas.colors.muted)


# --- the server's ---

LINE = 62


def draw_server(week: ServerWeek, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    top = 124 + (120 if week.tiles else 0)
    y = top + (116 if week.factions else 0)
    height = y + LINE * len(week.honours) + (64 if week.raid else 0) + 20
    canvas = Canvas(look, height, look.colors.gold, avatars)
    heading(canvas, week.story, words.server_week_title(week))
    tiles(canvas, week.tiles, 124)
    if week.factions:
        _factions(canvas, week, top)
    for place, honour in enumerate(week.honours):
        _honour(canvas, y + LINE * place, honour)
    if week.raid:
        below = y + LINE * len(week.honours)
        canvas.text(MARGIN + 4, below + 38, f"⚔️ {week.raid}", size=22, most=RIGHT - MARGIN)
    return canvas


def _factions(canvas: Canvas, week: ServerWeek, y: float) -> None:
    """The factions as one bar, by XP for each member: a small one can be ahead."""
    canvas.panel(MARGIN, y, RIGHT - MARGIN, 100)
    inner, shares = RIGHT - MARGIN - 40, sum(each.average for each in week.factions)
    x = MARGIN + 20.0
    for place, each in enumerate(week.factions):
        known = EMBLEMS.get(each.name)
        color = known.color if known else canvas.look.stack[place % len(canvas.look.stack)]
        wide = inner * each.average / shares if shares else inner / len(week.factions)
        if wide > 0:
            canvas.rect(x, y + 18, max(wide - 3, 2), 20, color, radius=6)
        is_last = place == len(week.factions) - 1 and place > 0
        said = f"{emblems.shown(each.name)} {each.average:,} a member, {each.xp:,} XP"
        canvas.text(
            MARGIN + 20 + inner if is_last else MARGIN + 20 + inner * place / len(week.factions),
            y + 74,
            said,
            size=SMALL,
            color=color,
            anchor="end" if is_last else "start",
            most=inner / len(week.factions) - 10,
        )
        x += wide


def _honour(canvas: Canvas, y: float, honour: Honour) -> None:
    canvas.avatar(MARGIN + 26, y + 26, 22, honour.person, canvas.accent)
    title = f"🏅 {honour.title}"
    x = MARGIN + 66
    x += canvas.text(x, y + 34, title, size=22, color=canvas.tint, most=300) + 14
    x += canvas.text(x, y + 34, words.name(honour.person), size=BODY, bold=True, most=280) + 14
    canvas.text(x, y + 34, honour.text, size=22, color=canvas.colors.muted, most=RIGHT - x)
