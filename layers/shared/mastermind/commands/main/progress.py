"""/progress: a member's last days, for them alone; the words are those of the picture that follows."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, assert_never

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import past
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Choice, Message, Update
from mastermind.errors import BadArgument
from mastermind.game.members.pace import Pace
from mastermind.game.progress import actions as progress
from mastermind.game.progress.rules import RANGES
from mastermind.pictures.figures import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.pictures.figures import Progress, Year


class View(StrEnum):
    """What is looked at."""

    XP = "xp"
    YEAR = "year"
    STATE = "state"
    ARCHETYPE = "archetype"


TITLES = {
    View.XP: "Daily XP",
    View.YEAR: "The year",
    View.STATE: "State, conversions",
    View.ARCHETYPE: "Archetype",
}


def _run(call: Call) -> Reply:
    call.welcomes()
    figures, words = _page(call, View(call.text("view", View.XP.value)), call.whole("range", RANGES[0]))
    return Message((words,), picture=_picture(call, figures))


def _turn(call: Call) -> Reply:
    view, number = call.argument(0), call.whole_argument(1)
    if view not in set(View) or number not in RANGES:
        raise BadArgument("there is no such view or range")
    figures, words = _page(call, View(view), number)
    return Update((words,), _picture(call, figures))


def _picture(call: Call, figures: Progress | Year) -> Callable[[], str] | None:
    return partial(write, figures) if call.draws else None


def _page(call: Call, view: View, number: int) -> tuple[Progress | Year, Container]:
    figures = _figures(call, view, number)
    parts: tuple[ContainerPart, ...] = (
        Text(past.words(figures)),
        Separator(),
        Row(tuple(_view(call, each, number, chosen=view) for each in View)),
        *(() if view is View.YEAR else (Row(tuple(_range(call, view, each, chosen=number) for each in RANGES)),)),
    )
    return figures, Container(parts, figures.color)


def _figures(call: Call, view: View, number: int) -> Progress | Year:
    match view:
        case View.YEAR:
            return past.year(*call.run(progress.read_year))
        case View.XP:
            return past.xp(*call.run(progress.read_span, number))
        case View.STATE:
            return past.state(*call.run(progress.read_span, number))
        case View.ARCHETYPE:
            return past.archetype(*call.run(progress.read_span, number))
        case _:
            assert_never(view)


def _view(call: Call, view: View, number: int, *, chosen: View) -> Button:
    return Button(TITLES[view], call.custom_id("view", view, number), disabled=view is chosen)


def _range(call: Call, view: View, number: int, *, chosen: int) -> Button:
    return Button(f"{number} days", call.custom_id("range", view, number), disabled=number == chosen)


COMMAND = Command(
    name="progress",
    description="See what your last days brought, day by day",
    run=_run,
    options=(
        Option(
            "range",
            "How many days (default: 30)",
            OptionType.INTEGER,
            choices=tuple(Choice(f"{each} days", each) for each in RANGES),
        ),
        Option(
            "view",
            "What to look at (default: XP a day)",
            choices=tuple(Choice(title, view.value) for view, title in TITLES.items()),
        ),
    ),
    components={"view": _turn, "range": _turn},
    paces={"view": Pace.PAGING, "range": Pace.PAGING},
    help=(
        "Shows your last 30, 90 or 365 days: the XP of each day by what brought it; your state and what came of what; "
        "your archetype over time; or the year as a calendar with freezes, pauses and days still open. The words are "
        "there at once, and a picture follows where the game draws them. Only you see the answer."
    ),
)
