"""/stats-edit: corrects what is logged for one of the last seven days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Form, Option
from mastermind.commands.parts import day_cards, day_results, news
from mastermind.commands.parts.repeated import not_taken
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Message, Reply, Update
from mastermind.errors import MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import read_totals
from mastermind.game.days import actions
from mastermind.game.days import calendar as days
from mastermind.game.days.calendar import EDIT_BACK
from mastermind.game.members.pace import Pace
from mastermind.typed import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mastermind.bot.call import Call
    from mastermind.game.catalogue.rules import Category
    from mastermind.game.days.actions import DayCard, Edited


# --- what the command, its buttons and its form do ---


def _run(call: Call) -> Reply:
    return Message((_card(call, day_cards.read_typed(call, call.text("date"), EDIT_BACK)),), private=True)


def _open(call: Call) -> Reply:
    """Replace a list with the card of the day that its button names."""
    day = day_cards.day_of(call, 0)
    return Update((_card(call, day_cards.read_typed(call, day.isoformat(), EDIT_BACK)),))


def _form(call: Call) -> Reply:
    category = day_cards.category_of(call, 0)
    return day_cards.form(call, day_cards.read(call, day_cards.day_of(call, 1)), category, filled=True)


def _save(call: Call) -> Reply:
    """Set what the member changed in the form; if any of it is invalid, report all of that and store nothing."""
    category, day = day_cards.category_of(call, 0), day_cards.day_of(call, 1)
    changed = _changed(call, category)
    edited = call.run(actions.edit, day, changed, catalogue=stats.load())
    news.tell_of_level(call, edited.xp - edited.booked_xp, edited.xp)
    differs = edited.repeated and edited.wanted != changed
    return Update((_stored(call, edited, not_taken(call, differs=differs)),))


def _changed(call: Call, category: Category) -> dict[str, int]:
    """The counts that are not those that the form was opened with: what came in since from elsewhere stays."""
    typed = day_cards.fields(call, category)
    opened = {key: _opened_with(call, key) for key in typed}
    touched = {key: words for key, words in typed.items() if words != (str(opened[key]) if opened[key] else "")}
    return {key: count for key, count in read_totals(category, touched).items() if count != opened[key]}


def _opened_with(call: Call, key: str) -> int:
    count = whole_number(call.opened_with(key) or "")
    if count is None:
        raise MemberMistake(UNKNOWN_STATE)
    return count


# --- cards ---


def _card(call: Call, shown: DayCard) -> Container:
    lines = [
        looks.DAYS.heading(f"Edit {days.described(shown.day, shown.today)}"),
        *(day_cards.logged(shown.counts) or ["Nothing is logged for this day."]),
        f"**XP of the day:** {shown.xp_booked:,}",
    ]
    return day_cards.framed(shown.xp, lines, Text(CHOOSE), *_buttons(call, shown.day, empty=not shown.counts))


def _stored(call: Call, done: Edited, notice: Sequence[Text]) -> Container:
    changes = day_results.changes(done)
    lines = [
        f"{'Edited' if changes else 'Nothing has changed'}: {day_results.of(done)}",
        *changes,
        *(day_cards.kindness(done.wanted) if changes else []),
    ]
    again = Button("Edit more", call.custom_id("open", day_cards.written(done.day)), ButtonStyle.PRIMARY)
    first = (*day_results.correction(call, done, notice), again, _others(call))
    next_steps = day_results.buttons(call, done, *first)
    return day_results.card(done, lines, *notice, next_steps)


def _buttons(call: Call, day: date, *, empty: bool = False) -> tuple[Row, Row]:
    """A button for each category, and the other actions on the day."""
    ask = call.custom_id("ask", day_cards.written(day), path="stats-delete")
    delete = Button("Delete day", ask, ButtonStyle.DANGER, disabled=empty)
    return day_cards.categories(call, day), Row((_others(call), delete))


def _others(call: Call) -> Button:
    return Button("Last days", call.custom_id("list", path="stats-days"))


CHOOSE = "Choose what to put right. Its form shows what is logged; what you change there takes its place."
UNKNOWN_STATE = (
    "I can't tell what this form held when it was opened, and so not what you changed: this was not stored. Please "
    "open it again."
)

COMMAND = Command(
    name="stats-edit",
    description="Put right what you logged on one of the last 7 days",
    run=_run,
    options=(
        Option(
            "date", "Which day: choose a suggestion, or type one", required=True, autocomplete=day_cards.suggest_own
        ),
    ),
    private=True,
    components={"open": _open, "form": _form},
    modals={"save": Form(_save, opener="form")},
    pace=Pace.PAGING,
    paces={"save": Pace.STATS},
    help=(
        "Shows one of your last 7 days with a button for each category. Its form holds what is logged, and what you "
        "change in it becomes the day's: an emptied field is 0. Your XP becomes what it would have been, with that "
        "day's bonuses."
    ),
)
