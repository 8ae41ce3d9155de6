"""/stats-delete: deletes everything logged for one of the last seven days, after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Option
from mastermind.commands.parts import day_cards, day_results
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Message, Reply, Update
from mastermind.errors import MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.days import actions
from mastermind.game.days import calendar as days
from mastermind.game.days.calendar import EDIT_BACK
from mastermind.game.days.rules import NOTHING_TO_DELETE, digest
from mastermind.game.members.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.call import Call
    from mastermind.game.days.actions import DayCard, Edited


def _run(call: Call) -> Reply:
    return Message((_question(call, day_cards.read_typed(call, call.text("date"), EDIT_BACK)),), private=True)


def _ask(call: Call) -> Reply:
    """The question for the day that a button names."""
    day = day_cards.day_of(call, 0)
    return Update((_question(call, day_cards.read_typed(call, day.isoformat(), EDIT_BACK)),))


def _keep(call: Call) -> Reply:
    day = day_cards.day_of(call, 0)
    return Update((Text(f"Nothing was deleted: {days.named(day, day)} stays as it is. See it with `/stats-days`."),))


def _delete(call: Call) -> Reply:
    """Delete the day as it was shown; the key is that of the question, so that two presses are one deletion."""
    day, shown = day_cards.day_of(call, 0), call.whole_argument(1)
    done = call.run(actions.delete, day, shown, catalogue=stats.load())
    return Update((_deleted(call, done) if done else _question(call, day_cards.read(call, day), (CHANGED,)),))


def _question(call: Call, shown: DayCard, notice: Sequence[str] = ()) -> Container:
    """What would be deleted; raises MemberMistake when there is nothing."""
    name = days.described(shown.day, shown.today)
    if not shown.counts:
        raise MemberMistake(NOTHING_TO_DELETE.format(name))
    lines = [
        looks.LOSS.heading(f"Delete {name}?"),
        *notice,
        *day_cards.logged(shown.counts),
        COST.format(xp=shown.xp_booked),
    ]
    at = day_cards.written(shown.day)
    yes = Button(
        "Delete day",
        call.custom_id("delete", at, digest(shown.counts), key=call.interaction.id),
        ButtonStyle.DANGER,
    )
    no = Button("Keep it", call.custom_id("keep", at))
    return Container((Text("\n".join(lines)), Row((no, yes))), looks.LOSS.color)


def _deleted(call: Call, done: Edited) -> Container:
    lines = [f"Deleted: {day_results.of(done)}", *day_cards.logged(done.before)]
    again = Button(
        "Log again",
        call.custom_id("more", day_cards.written(done.day), path="submit-past-stats"),
        ButtonStyle.PRIMARY,
    )
    return day_results.card(done, lines, day_results.buttons(call, done, again))


CHANGED = "**Not deleted:** since you were asked, the day has changed. This is what is logged now."
COST = "Its {xp:,} XP would be taken back, and the day may then be missing from your streak. Its challenges stay."

COMMAND = Command(
    name="stats-delete",
    description="Delete everything you logged on one of the last 7 days",
    run=_run,
    options=(
        Option(
            "date", "Which day: choose a suggestion, or type one", required=True, autocomplete=day_cards.suggest_own
        ),
    ),
    private=True,
    components={"ask": _ask, "keep": _keep, "delete": _delete},
    pace=Pace.PAGING,
    paces={"delete": Pace.STATS},
    help=(
        "Shows what is logged for one of your last 7 days and asks before it deletes it. The day's XP is taken back; "
        "challenges are left alone."
    ),
)
