"""Two members side by side, in a table as wide as a phone."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import seen
from mastermind.discord.components import Container, Text
from mastermind.discord.text import columns, isolated, name, narrow, one_line
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.archetypes import archetype
from mastermind.game.catalogue.rules import TENSEY
from mastermind.game.factions import emblems
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.bot.call import Call
    from mastermind.game.standings.actions import Scorecard

LABEL, COLUMN = 12, 9
"""Characters of a line of the comparison: its name and two figures, as much as a narrow phone shows in one line."""

NEXT = "-# `/leaderboard` shows everybody who is near."

PRIVATE = "private"
"""Shown in place of a hidden member's figure."""


def compared(call: Call, left: Scorecard, right: Scorecard) -> Container:
    heading = (
        f"{looks.FIGURES.heading(f'{name(left.display_name)} and {name(right.display_name)}')}\n"
        f"{emblems.shown(left.faction)} and {emblems.shown(right.faction)}\n"
        f"{_ahead(call, left, right)}"
    )
    rows = zip_longest(_figures(call, seen.public(left)), _figures(call, seen.public(right)))
    table = "\n".join(_row(mine[0], mine[1], yours[1]) for mine, yours in rows if {mine[1], yours[1]} - {"0", PRIVATE})
    names = _row("", _plain(left.display_name), _plain(right.display_name))
    return Container((Text(heading), Text(f"```\n{names}\n{table}\n```"), Text(NEXT)), looks.FIGURES.color)


def _ahead(call: Call, left: Scorecard, right: Scorecard) -> str:
    """Who has more XP, in words; nothing about it when either card is private."""
    if seen.is_private(call, left) or seen.is_private(call, right):
        return "A hidden member's figures are private."
    if left.xp == right.xp:
        return f"Both have {left.xp:,} XP."
    first, second = (left, right) if left.xp > right.xp else (right, left)
    return f"{name(first.display_name)} is ahead by {first.xp - second.xp:,} XP."


def _figures(call: Call, card: Scorecard) -> Iterator[tuple[str, str]]:
    """Every figure with its label, the same labels for everybody."""
    for label, figure in _every_figure(card):
        yield label, PRIVATE if seen.is_private(call, card) else figure


def _every_figure(card: Scorecard) -> Iterator[tuple[str, str]]:
    points = seen.points(card)
    yield "Level", f"{card.level}"
    yield "XP", _short(card.xp)
    yield "Rank", _short(card.rank)
    yield "Archetype", archetype(points.warrior, points.mage).rpartition(" ")[2]
    yield "Mage points", f"{points.mage_share} %"
    yield "Streak", _short(card.streak.length)
    yield "Longest", _short(card.streak.longest)
    yield "Freezes", f"{card.streak.freezes}"
    yield "Challenges", _short(card.challenges_done)
    kept = seen.kept(card)
    for stat in stats.load().by_key.values():
        if not stat.once_a_day and stat.key != TENSEY:
            yield stat.name, PRIVATE if stat.key in kept else _short(card.counts.get(stat.key, 0))


def _row(label: str, *figures: str) -> str:
    shown = [isolated(narrow(figure, COLUMN)) for figure in figures]
    label = narrow(label, LABEL)
    return label + _blanks(label, LABEL) + "".join(f" {_blanks(figure, COLUMN)}{figure}" for figure in shown)


def _blanks(shown: str, wide: int) -> str:
    return " " * (wide - columns(shown))


def _short(number: int) -> str:
    """A number that fits its column: in millions from ten million."""
    return f"{number:,}" if number < 10_000_000 else f"{number // 1_000_000:,} M"


def _plain(display_name: str) -> str:
    """A name for inside a code block, without backticks that would end the block."""
    return one_line(display_name.replace("`", "'")) if is_visible(display_name) else "A member"
