"""/rest-day: a member takes one day off, and their streak is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command
from mastermind.commands.parts import day_cards, streak_lines
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Message, Update
from mastermind.game.days import calendar as days
from mastermind.game.members.pace import Pace
from mastermind.game.rest_days import actions as rest_days
from mastermind.game.rest_days.actions import Obstacle

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.rest_days.actions import Standing


def _run(call: Call) -> Reply:
    return Message((_page(call, call.run(rest_days.read)),))


def _open(call: Call) -> Reply:
    return Update((_page(call, call.run(rest_days.read)),))


def _declare(call: Call) -> Reply:
    now = call.run(rest_days.declare, day_cards.day_of(call, 0))
    return Update((_page(call, now, "" if now.kept or now.obstacle else OTHER_DAY),))


def _withdraw(call: Call) -> Reply:
    now = call.run(rest_days.withdraw, day_cards.day_of(call, 0))
    return Update((_page(call, now, TAKEN_BACK if now.kept else OVER),))


def _page(call: Call, now: Standing, notice: str = "") -> Container:
    """What a rest day is, with a button that takes it; or how it stands with this week's, and what to do instead."""
    said = Text(_said(now))
    button = _button(call, now)
    return Container(
        (*((Text(notice),) if notice else ()), said, *((Row((button,)),) if button else ())), looks.REST.color
    )


def _button(call: Call, now: Standing) -> Button | None:
    day = day_cards.written(now.today)
    if now.obstacle is Obstacle.RESTING:
        return Button("Take back", call.custom_id("withdraw", day))
    return None if now.obstacle else Button("Rest today", call.custom_id("declare", day), ButtonStyle.PRIMARY)


def _said(now: Standing) -> str:
    again = f"The next rest day can be taken from {days.named(now.next_week, now.today)} on."
    match now.obstacle:
        case Obstacle.RESTING:
            return RESTING.format(streak_lines.count(now.streak.length))
        case Obstacle.COUNTED:
            return COUNTED
        case Obstacle.PAUSED:
            return f"{PAUSED} {again}"
        case Obstacle.USED:
            rested = days.described(now.used, now.today) if now.used else "a day"
            return f"## {looks.REST.emoji} This week's rest day was {rested}\n{again} {INSTEAD}"
        case Obstacle.NOTHING:
            return NOTHING
        case None:
            return OFFER.format(streak_lines.count(now.streak.length))


OFFER = (
    f"## {looks.REST.emoji} Take today off?\n"
    "A rest day holds your streak of {} without using a freeze: today is not missed, and adds nothing. No reminder "
    "comes. You can take one each week, while the day lasts. `/pause` holds your streak for longer."
)
RESTING = (
    f"## {looks.REST.emoji} Today is your rest day\n"
    "It holds your streak of {}, and nothing else needs doing. If you log or tick something after all, today counts, "
    "and you can rest on another day of this week."
)
COUNTED = (
    f"## {looks.REST.emoji} Today counts already\n"
    "You have logged or ticked something today, so your streak needs no rest day. `/scorecard` shows it."
)
PAUSED = f"## {looks.REST.emoji} This week has a pause\nIts days hold your streak; `/pause` shows it."
INSTEAD = "Until then yesterday can be logged until the end of today, and `/pause` holds your streak for longer."
NOTHING = (
    f"## {looks.REST.emoji} Rest well\n"
    "A rest day holds a streak. Yours begins with the next day you log in `/submit-stats`, so nothing can be missed."
)
TAKEN_BACK = "**Taken back.** Today is a day like any other."
OVER = "**That rest day is over or was taken back already.** This is how it stands today."
OTHER_DAY = "**That button was for another day, so nothing has changed.** This is how it stands today."

COMMAND = Command(
    name="rest-day",
    description="Take today off, once a week: your streak is held",
    run=_run,
    components={"open": _open, "declare": _declare, "withdraw": _withdraw},
    paces={"open": Pace.PAGING},
    help=(
        "Holds your streak on a day on which you do nothing, without using a freeze. You can take one each week, "
        "from Monday to Sunday, while the day lasts, and take it back on the same day. A week with a pause has no "
        "rest day besides."
    ),
)
