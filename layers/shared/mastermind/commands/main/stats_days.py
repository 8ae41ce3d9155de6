"""/stats-days: what was logged in the last seven days, each day with an edit button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command
from mastermind.commands.parts import day_cards
from mastermind.discord.components import Button, Container, Section, Text
from mastermind.discord.replies import Message, Reply, Update
from mastermind.discord.text import cut
from mastermind.game.days import calendar as days
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.game.days.actions import RecordedDay

LONGEST_DAY = 30
"""Characters of what was logged: eight days fit onto a phone."""


def _run(call: Call) -> Reply:
    call.welcomes()
    return Message((_list(call),), private=True)


def _again(call: Call) -> Reply:
    """Replace the button's message with the list."""
    return Update((_list(call),))


def _list(call: Call) -> Container:
    recorded = day_cards.read_days(call)
    if not recorded:
        return Container((Text(f"{TITLE}\n{EMPTY}"),), looks.DAYS.color)
    return Container((Text(TITLE), *(_day(call, each) for each in recorded), Text(OLDER)), looks.DAYS.color)


def _day(call: Call, each: RecordedDay) -> Section:
    logged = cut(", ".join(day_cards.named(each.counts)), LONGEST_DAY)
    said = f"{each.booked:,} XP\n-# {logged}" if logged else "your rest day"
    text = Text(f"**{days.described(each.day, each.today)}:** {said}")
    edit = call.custom_id("open", day_cards.written(each.day), path="stats-edit")
    return Section((text,), Button(f"Edit {days.named(each.day, each.today)}", edit))


TITLE = looks.DAYS.heading("Your last 7 days")
EMPTY = "Nothing is logged in them yet. `/submit-stats` logs today, `/submit-past-stats` any of the last 30 days."
OLDER = "Older days can no longer be edited; `/history` shows all of your XP."

COMMAND = Command(
    name="stats-days",
    description="See what you logged in the last 7 days, and edit it",
    run=_run,
    private=True,
    components={"list": _again},
    pace=Pace.PAGING,
    help="Lists your last 7 days: what you logged, the XP it brought, and a button to edit the day.",
)
