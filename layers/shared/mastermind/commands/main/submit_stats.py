"""/submit-stats: logs today or yesterday."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Form, Option
from mastermind.commands.parts import day_cards, submissions
from mastermind.discord.replies import Choice, Message, Reply, Update
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from mastermind.bot.call import Call


def _run(call: Call) -> Reply:
    card = day_cards.read(call, "yesterday" if call.text("day") == "yesterday" else "today")
    call.welcomes()
    return Message((submissions.card(call, card),), private=True)


def _log(call: Call) -> Reply:
    """*Log now* below a reminder, which becomes the card of today."""
    return Update((submissions.card(call, day_cards.read(call, "today")),))


COMMAND = Command(
    name="submit-stats",
    description="Log what you did today or yesterday, and earn XP",
    run=_run,
    options=(
        Option(
            "day",
            "Which day (default: today)",
            choices=(Choice("today", "today"), Choice("yesterday", "yesterday")),
        ),
    ),
    private=True,
    components={
        "form": submissions.open_form,
        "more": submissions.more,
        "undo": submissions.undo,
        "log": _log,
        "open": _run,
    },
    modals={"save": Form(submissions.save, opener="form")},
    pace=Pace.PAGING,
    paces=dict.fromkeys(("save", "undo"), Pace.STATS),
    direct=frozenset({"log", "form", "save", "more", "undo"}),
    help=(
        "Shows your day with a button for each category. Each opens a form: fill in how often you did what, leave the "
        "rest empty, and it is added to the day. You see what you won, your streak and how far the next level is, and "
        "*Undo* takes it back. Yesterday can be logged until the end of today and counts for your streak."
    ),
)
