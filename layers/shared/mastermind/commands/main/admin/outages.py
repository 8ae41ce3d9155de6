"""/admin outages: when the game was down, and whether that bridges streaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.parts import paging
from mastermind.commands.parts.people import counted, moment
from mastermind.discord.components import Button, ButtonStyle, Container, Section, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.game.members.pace import Pace
from mastermind.game.outages import actions as outages
from mastermind.operations import durations

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.outages.actions import Outage
    from mastermind.game.paging import Page

NOTHING = "The game has not been down so far. Outages that are over appear here."
HOW = (
    "-# A day on which the game was down for more than 2 hours ends no streak. Was the check wrong? Let the outage "
    "not count. XP that was booked stays."
)
COUNTS, IGNORED = "counts", "does not count"


def _open(call: Call) -> Reply:
    return Message((_page(call, call.run(outages.read, 1)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next and refresh: each names its target page."""
    return Update((_page(call, call.run(outages.read, call.whole_argument(0))),))


def _count(call: Call) -> Reply:
    return _decide(call, counts=True)


def _ignore(call: Call) -> Reply:
    return _decide(call, counts=False)


def _decide(call: Call, *, counts: bool) -> Reply:
    page, outage_id = call.whole_argument(0), call.whole_argument(1)
    decided = call.run(outages.decide, outage_id, page, counts=counts)
    state = COUNTS if counts else IGNORED
    words = f"It {state} now." if decided.fresh else f"It {state} already. Nothing has changed."
    return Update((_page(call, decided.found, f"Outage of {moment(decided.outage.began)}: {words}"),))


def _page(call: Call, found: Page[Outage], notice: str = "") -> Container:
    """At most 24 of the 40 components: 5 outages of 3, 9 around them."""
    lines = tuple(_line(call, found.number, outage) for outage in found.lines)
    parts = (Text(_heading(found, notice)), *lines, Separator(), paging.buttons(found, call.custom_id))
    return Container(parts, looks.ADMIN.color)


def _heading(found: Page[Outage], notice: str) -> str:
    listed = f"{counted(found.count, 'outage')}, page {found.number:,} of {found.pages:,}\n{HOW}"
    lines = [looks.ADMIN.heading("Outages"), listed if found.count else NOTHING]
    return "\n".join(lines + [f"**{notice}**"] * bool(notice))


def _line(call: Call, page: int, outage: Outage) -> Section:
    lasted = durations.in_words((outage.ended - outage.began).total_seconds())
    state = COUNTS if outage.counts else IGNORED
    text = Text(f"**{moment(outage.began)}**, for {lasted}: {state}")
    if outage.counts:
        return Section((text,), Button("Don't count", call.custom_id("ignore", page, outage.outage_id)))
    return Section((text,), Button("Count it", call.custom_id("count", page, outage.outage_id), ButtonStyle.PRIMARY))


SUBCOMMAND = Subcommand(
    "outages",
    "When the game was down, and what it bridges",
    _open,
    components={"open": _open, **paging.turned_by(_turn), "count": _count, "ignore": _ignore},
    paces=dict.fromkeys(paging.ACTIONS, Pace.PAGING),
)
