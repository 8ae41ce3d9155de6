"""Logging a day: its card, the forms of its categories, and the result. Shared by the commands that log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import day_cards, day_results, explanations, news, streak_lines
from mastermind.commands.parts.repeated import not_taken
from mastermind.discord.components import Button, ButtonStyle, Container, Text
from mastermind.discord.replies import Reply, Update
from mastermind.errors import MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import read_counts
from mastermind.game.days import actions
from mastermind.game.days import calendar as days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mastermind.bot.call import Call
    from mastermind.game.catalogue.rules import Category
    from mastermind.game.days.actions import DayCard, Edited, Submitted


def card(call: Call, shown: DayCard, notice: Iterable[str] = ()) -> Container:
    """A day with what is logged so far and a button for each category; `notice` reports what has just happened."""
    notice = list(notice)
    lines = [
        looks.DAYS.heading(f"Log {days.described(shown.day, shown.today)}"),
        *notice,
        *([""] if notice else []),
        *(day_cards.logged(shown.counts) or [NOTHING_YET]),
        *([LATE] if shown.late else []),
        f"**XP of the day so far:** {shown.xp_booked:,}",
        *streak_lines.lines(shown.streak, shown.today),
        day_cards.level(shown.xp),
    ]
    return day_cards.framed(shown.xp, lines, Text(CHOOSE), day_cards.categories(call, shown.day))


def open_form(call: Call) -> Reply:
    """Open the form of the button's category."""
    category = day_cards.category_of(call, 0)
    return day_cards.form(call, day_cards.read(call, day_cards.day_of(call, 1)), category, filled=False)


def save(call: Call) -> Reply:
    """Add the counts of a form; if any field is invalid, report all of them and store nothing."""
    category, day = day_cards.category_of(call, 0), day_cards.day_of(call, 1)
    typed = day_cards.fields(call, category)
    if _is_wrong(category, typed):
        read_counts(category, typed, day_cards.read(call, day).counts)
    added = read_counts(category, typed, {})
    if not added:
        return Update((card(call, day_cards.read(call, day), [EMPTY]),))
    done = call.run(actions.submit, day, added, catalogue=stats.load())
    news.tell_of_level(call, done.xp - done.booked_xp, done.xp)
    differs = done.repeated and done.added != added
    return Update((_stored(call, done, not_taken(call, differs=differs)),))


def _is_wrong(category: Category, typed: Mapping[str, str]) -> bool:
    """Whether a form is wrong by itself: then the day is read, so that one refusal names its caps too."""
    try:
        read_counts(category, typed, {})
    except MemberMistake:
        return True
    return False


def _stored(call: Call, done: Submitted, notice: Sequence[Text]) -> Container:
    added = ", ".join(f"{stat.name} {count:,}" for stat, count in stats.load().known(done.added))
    lines = [
        f"Logged for {day_results.of(done)}: {added}",
        *day_cards.kindness(done.added),
        *([] if done.booked_xp else [KEPT]),
        *explanations.lines(done.explained),
        *([LATE] if done.late else []),
    ]
    first = (*day_results.correction(call, done, notice), _more(call, done, "Add more"))
    next_steps = day_results.buttons(call, done, *first, submission=call.key)
    return day_results.card(done, lines, *notice, next_steps, before=_welcome(done))


def _welcome(done: Submitted) -> list[str]:
    if done.resumed:
        return [BACK]
    if not done.returned:
        return []
    from mastermind.bot.for_you import WELCOME_BACK  # few come back

    return [WELCOME_BACK]


def more(call: Call) -> Reply:
    """The card of the button's day, to add more to it."""
    return Update((card(call, day_cards.read(call, day_cards.day_of(call, 0))),))


def undo(call: Call) -> Reply:
    """Take back the submission that the button names, unless the day has changed since."""
    day, submission, shown = day_cards.day_of(call, 0), call.whole_argument(1), call.whole_argument(2)
    done = call.run(actions.undo, day, submission, shown, catalogue=stats.load())
    if done is None:
        return Update((card(call, day_cards.read(call, day), [CHANGED]),))
    lines = [f"Undone for {day_results.of(done)}", *day_results.changes(done)]
    return Update((day_results.card(done, lines, day_results.buttons(call, done, _more(call, done, "Log again"))),))


def _more(call: Call, done: Submitted | Edited, label: str) -> Button:
    return Button(label, call.custom_id("more", day_cards.written(done.day)), ButtonStyle.PRIMARY)


NOTHING_YET = "Nothing is logged yet."
LATE = "-# A day this far back earns XP, but a streak counts only what is logged by the end of the next day."
CHANGED = "**Nothing was undone:** the day has changed since. This is what is logged now."
BACK = "👋 **Welcome back, nothing is lost!** Your pause has ended, and it held your streak."
KEPT = "-# The day has already paid as much or more, and you keep that."
EMPTY = "Nothing was filled in, so nothing was added."
CHOOSE = "Choose what to add; what you leave empty stays as it is."
