"""/pause: a member takes a break, and their streak is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import streak_lines
from mastermind.discord.components import Button, Container, Row, Section, Text
from mastermind.discord.replies import Choice, Message, Update
from mastermind.game.days import calendar as days
from mastermind.game.members.pace import Pace
from mastermind.game.pauses import actions as pauses
from mastermind.game.pauses.actions import LONGEST, MOST, SHORTEST, WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.days.streaks import Pause
    from mastermind.game.pauses.actions import Standing

LENGTHS = (3, 7, 14, 30)
"""Days that have a button; any other number is an option of the command."""

TODAY, YESTERDAY = 0, 1
"""The day with which a button begins, as an argument of its custom_id."""


def _run(call: Call) -> Reply:
    length, late = call.whole("days"), call.text("from") == "yesterday"
    if length:
        return Message((_begun(call, length, late=late),))
    return Message((_page(call, call.run(pauses.read), late=late),))


def _begin(call: Call) -> Reply:
    return Update((_begun(call, call.whole_argument(0), late=call.whole_argument(1) == YESTERDAY),))


def _end(call: Call) -> Reply:
    call.run(pauses.end)
    return Update((Container((Text(ENDED),), looks.REST.color),))


def _choose_day(call: Call) -> Reply:
    return Update((_page(call, call.run(pauses.read), late=call.whole_argument(0) == YESTERDAY),))


def _begun(call: Call, length: int, *, late: bool) -> Container:
    now = call.run(pauses.begin, length, late=late)
    return _page(call, now, KEPT if now.kept else "")


# --- the page ---


def _page(call: Call, now: Standing, notice: str = "", *, late: bool = False) -> Container:
    """The pause that runs or will, with a button that ends it; else what a pause is, with a button for each length."""
    pause = now.streak.pause
    heading = _heading(now, pause) if pause else f"## {looks.REST.emoji} Take a break\n{ABOUT}"
    parts = _paused(call, now, pause) if pause else _offer(call, now, late=late and now.may_begin_late)
    return Container((*((Text(notice),) if notice else ()), Text(heading), *parts), looks.REST.color)


def _heading(now: Standing, pause: Pause) -> str:
    if pause.first > now.today:
        return f"## {looks.REST.emoji} Your pause begins {days.described(pause.first, now.today)}"
    return f"## {looks.REST.emoji} You are paused through {days.named(pause.last, now.today)}"


def _paused(call: Call, now: Standing, pause: Pause) -> Iterator[ContainerPart]:
    streak = f"your streak of {streak_lines.count(now.streak.length)}" if now.streak.length else "your days"
    if pause.first > now.today:
        yield Text(PLANNED.format(days.named(pause.last, now.today), streak))
        yield Row((Button("Cancel pause", call.custom_id("end")),))
    else:
        yield Text(REST.format(streak))
        yield Row((Button("End pause", call.custom_id("end")),))


def _offer(call: Call, now: Standing, *, late: bool) -> Iterator[ContainerPart]:
    if now.next:
        yield Text(NONE_LEFT.format(MOST, WITHIN.days, days.named(now.next, now.today)))
        return
    yield Text(f"{_begins(now, late=late)}\n-# {_left(now.left)}")
    since = YESTERDAY if late else TODAY
    yield Row(tuple(Button(f"{length} days", call.custom_id("begin", length, since)) for length in LENGTHS))
    if now.may_begin_late:
        words, button, other = (LATE, "From today", TODAY) if late else (MISSED, "From yesterday", YESTERDAY)
        yield Section((Text(words),), Button(button, call.custom_id("since", other)))
    yield Section((Text(ONE_DAY),), Button("Rest day", call.custom_id("open", path="rest-day")))


def _begins(now: Standing, *, late: bool) -> str:
    if late:
        return "**It would begin with yesterday.** For how long?"
    if now.first > now.today:
        return f"**It would begin {days.described(now.first, now.today)}:** today needs nothing. For how long?"
    return "**It would begin today.** For how long?"


def _left(number: int) -> str:
    return f"{number} of {MOST} pauses in {WITHIN.days} days are left. `/pause` with `days` takes any other number."


ABOUT = (
    f"A pause holds your streak for {SHORTEST} to {LONGEST} days. No day of it is counted as missed, no freeze is used "
    "and no reminder comes. It ends by itself, with the first thing you log or tick, or with a button here."
)
REST = (
    "It holds {} meanwhile. Take the time you need. It ends by itself, with the first thing you log or tick, or with "
    "the button."
)
PLANNED = "It holds {1} through {0}. What you log before then does not end it."
KEPT = "**You have a pause already, so no other has begun.** To choose other days, end it first."
ENDED = (
    f"## {looks.REST.emoji} Your days count as usual again\n"
    "No pause runs or is planned. Welcome back: `/submit-stats` takes your next entry."
)
NONE_LEFT = "You have paused {} times within {} days. The next pause can begin on {}."
MISSED = "**Were you away yesterday already?** Once in 30 days a pause can begin with yesterday."
ONE_DAY = "**Is it just today?** A rest day holds your streak as well, once a week."
LATE = "Or leave yesterday as it is: it can be logged until the end of today."

COMMAND = Command(
    name="pause",
    description="Take a break of 3 to 30 days: your streak is held",
    run=_run,
    options=(
        Option(
            "days",
            "How long (default: choose with a button)",
            OptionType.INTEGER,
            min_value=SHORTEST,
            max_value=LONGEST,
        ),
        Option(
            "from",
            "With which day it begins (default: today)",
            choices=(Choice("today", "today"), Choice("yesterday", "yesterday")),
        ),
    ),
    components={"begin": _begin, "since": _choose_day, "end": _end},
    paces={"since": Pace.PAGING},
    help=(
        "Holds your streak for 3 to 30 days: when you are ill, travel or need a rest. No day of a pause is counted as "
        "missed, no freeze is used and no reminder comes. It ends by itself, with the first thing you log or tick, or "
        "when you end it here. You can pause 4 times in 180 days; once in 30 days a pause can begin with yesterday."
    ),
)
