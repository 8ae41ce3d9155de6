"""The card of one member: name, rank, streak, balance and challenges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing import fonts, marks
from functions.pictures.drawing.canvas import MARGIN, SMALL, Canvas
from functions.pictures.drawing.colors import contrasting
from functions.pictures.drawing.parts import RIGHT, grown
from mastermind.game.factions import emblems
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Card

HEIGHT = 456
LEFT = 236
"""Where the words beside the avatar begin."""

GAP = 10

ROW, TALL = 290, 134
"""Where the three panels stand, and how tall they are."""


def draw(card: Card, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    canvas = Canvas(look, HEIGHT, card.color, avatars)
    _portrait(canvas, card)
    ranked = _rank(canvas, card)
    _names(canvas, card, RIGHT - LEFT - ranked)
    _proud(canvas, card)
    _way(canvas, card)
    _streak(canvas, card, MARGIN, 414)
    _balance(canvas, card, 466, 208)
    _challenges(canvas, card, 690, RIGHT - 690)
    return canvas


def _portrait(canvas: Canvas, card: Card) -> None:
    canvas.avatar(126, 128, 82, card.person, canvas.accent)
    level = f"{card.level}"
    canvas.rect(146, 176, 62, 44, canvas.accent, radius=22, stroke=canvas.colors.ground, thick=6)
    canvas.text(177, 207, level, size=26, bold=True, anchor="middle", color=contrasting(canvas.accent))


def _rank(canvas: Canvas, card: Card) -> float:
    """The rank at the right; returns how much room it takes."""
    if not card.rank:
        return 0
    wide = canvas.text(RIGHT, 54, f"RANK OF {card.members:,}", size=SMALL, color=canvas.colors.muted, anchor="end")
    wide = max(wide, canvas.text(RIGHT, 100, f"#{card.rank:,}", size=46, bold=True, anchor="end"))
    if climbed := words.climbed(card):
        wide = max(wide, grown(canvas, RIGHT, 130, climbed))
    return wide + 24


def _names(canvas: Canvas, card: Card, most: float) -> None:
    canvas.text(LEFT, 78, words.name(card.person), size=44, bold=True, most=most, least=30)
    canvas.text(LEFT, 120, _line(card), color=canvas.tint, most=most)


def _proud(canvas: Canvas, card: Card) -> None:
    """What the member is proud of; they share the line when they are long."""
    said = [f"{each.sign} {each.count:,} {each.name}".strip() for each in card.proud]
    wide = [fonts.width(one, SMALL) + 1.3 * SMALL for one in said]
    x, most = float(LEFT), RIGHT - LEFT - GAP * (len(said) - 1)
    for one, room in zip(said, allotted(wide, most), strict=True):
        x += canvas.pill(x, 144, one, size=SMALL, most=room) + GAP


def allotted(wide: Sequence[float], most: float) -> list[float]:
    """The width of each when they share a line: short ones keep theirs, the others share the rest."""
    room = list(wide)
    for place in sorted(range(len(wide)), key=wide.__getitem__):
        longer = [each for each in wide if each >= wide[place]]
        room[place] = min(wide[place], (most - sum(each for each in wide if each < wide[place])) / len(longer))
    return room


def _line(card: Card) -> str:
    if not card.faction:
        return card.title
    return f"{card.title} · {emblems.shown(card.faction)}"


def _way(canvas: Canvas, card: Card) -> None:
    """The bar to the next level, with its figures."""
    canvas.bar(LEFT, 200, RIGHT - LEFT, 26, card.gained / card.span if card.span else 1, canvas.accent)
    wide = canvas.text(LEFT, 257, words.gained(card), size=22, bold=True)
    canvas.text(
        RIGHT,
        257,
        words.next_level(card),
        size=22,
        color=canvas.colors.muted,
        anchor="end",
        most=RIGHT - LEFT - wide - 24,
    )


def _streak(canvas: Canvas, card: Card, x: float, wide: float) -> None:
    """The streak, and the last days as a row."""
    canvas.panel(x, ROW, wide, TALL)
    run = card.run
    said = canvas.text(x + 20, ROW + 38, f"🔥 {words.streak(run)}", bold=True, most=wide - 40)
    canvas.text(
        x + wide - 20,
        ROW + 38,
        words.longest(run),
        size=SMALL,
        color=canvas.colors.muted,
        anchor="end",
        most=wide - said - 56,
    )
    step = (wide - 40 + 4) / max(len(run.days), 1)
    for place, mark in enumerate(run.days):
        marks.draw(canvas, x + 20 + place * step, ROW + 56, min(step - 4, 26), mark)
    canvas.text(x + 20, ROW + 114, f"❄️ {words.freezes(run)}", size=SMALL, color=canvas.colors.muted)


def _balance(canvas: Canvas, card: Card, x: float, wide: float) -> None:
    """Warrior and mage as two ends of one bar."""
    canvas.panel(x, ROW, wide, TALL)
    balance, colors = card.balance, canvas.colors
    canvas.text(x + 20, ROW + 38, balance.name, bold=True, most=wide - 40)
    inner, share = wide - 40, words.mage_share(balance)
    if not balance.warrior + balance.mage:
        canvas.bar(x + 20, ROW + 60, inner, 18, 0, colors.mage)
        canvas.text(x + 20, ROW + 114, "nothing yet", size=SMALL, color=colors.muted, most=inner)
        return
    border = x + 20 + inner * (100 - share) / 100
    canvas.rect(x + 20, ROW + 60, inner, 18, colors.mage, radius=9)
    if share < 100:
        canvas.rect(x + 20, ROW + 60, max(18, border - x - 22), 18, colors.warrior, radius=9)
    canvas.text(x + 20, ROW + 114, f"⚔️ {100 - share} %", size=SMALL, color=colors.warrior)
    canvas.text(x + wide - 20, ROW + 114, f"{share} % 🔮", size=SMALL, color=colors.mage, anchor="end")


def _challenges(canvas: Canvas, card: Card, x: float, wide: float) -> None:
    """How many challenges are done, and the next milestone, as a ring."""
    canvas.panel(x, ROW, wide, TALL)
    share = card.challenges / card.milestone if card.milestone else 1
    canvas.ring(x + 66, ROW + TALL / 2, 42, share, canvas.accent, thick=12)
    canvas.text(x + 66, ROW + TALL / 2 + 9, f"{card.challenges:,}", size=26, bold=True, anchor="middle", most=68)
    said = ("next at", f"{card.milestone:,}") if card.milestone else ("all", "done")
    for below, line in zip((62, 92), said, strict=True):
        canvas.text(x + 122, ROW + below, line, size=SMALL, color=canvas.colors.muted, most=wide - 130)
