"""/submit-past-stats: log a day of the last thirty."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Form, Option
from mastermind.commands.parts import day_cards, submissions
from mastermind.discord.replies import Choice, Choices, Message, Reply
from mastermind.game.days import actions, typed_days
from mastermind.game.days import calendar as days
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from datetime import date

    from mastermind.bot.call import Call


def _run(call: Call) -> Reply:
    card = day_cards.read_typed(call, call.text("date"), days.LOG_BACK)
    call.welcomes()
    return Message((submissions.card(call, card),), private=True)


def _suggest(call: Call) -> Choices:
    """The days that the typed words may mean, else those that match."""
    today = call.run(actions.today)
    if meant := typed_days.possible(call.typed, today, days.LOG_BACK):
        return Choices(tuple(_choice(day, today) for day in meant))
    past = [_choice(today - timedelta(days=back), today) for back in range(1, days.LOG_BACK + 1)]
    return day_cards.suggest(call, past)


def _choice(day: date, today: date) -> Choice:
    return Choice(days.described(day, today), day.isoformat())


COMMAND = Command(
    name="submit-past-stats",
    description="Log what you did on one of the last 30 days",
    run=_run,
    options=(Option("date", "Which day: 2026-01-31, 31 Jan, Saturday ...", required=True, autocomplete=_suggest),),
    private=True,
    components={"form": submissions.open_form, "more": submissions.more, "undo": submissions.undo},
    modals={"save": Form(submissions.save, opener="form")},
    pace=Pace.PAGING,
    paces=dict.fromkeys(("save", "undo"), Pace.STATS),
    help=(
        "Logs a day of the last 30, like `/submit-stats` logs today. It earns XP with the bonuses of that day; a "
        "streak counts only what is logged by the end of the next day. `date` takes many forms: a suggestion, "
        "`2026-01-31`, `31 Jan`, `Saturday`, `3 days ago`."
    ),
)
