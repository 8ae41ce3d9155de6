"""/tenseyleaderboard: who has done how many challenges, visible to everybody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import boards
from mastermind.commands.parts.boards import PACES
from mastermind.game.members.pace import Pace
from mastermind.game.standings import actions as standings
from mastermind.game.standings.rules import TENSEY, Board, Reach

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.actions import Leaderboard


def _open(call: Call) -> Reply:
    return boards.opened(call, boards.of_challenges(Reach.WEEK), partial(_read, call), call.whole("page"))


def _open_own(call: Call) -> Reply:
    return boards.opened_own(call, boards.of_challenges(Reach.WEEK), partial(_read, call))


def _turn(call: Call) -> Reply:
    return boards.turned(call, boards.of_challenges(boards.reach_of(call)), partial(_read, call))


def _find_own(call: Call) -> Reply:
    return boards.found_own(call, boards.of_challenges(boards.reach_of(call)), partial(_read, call))


def _read(call: Call, reach: Reach, before: int | None) -> Leaderboard:
    return call.run(standings.read_board, Board(TENSEY, reach), before)


COMMAND = Command(
    name="tenseyleaderboard",
    description="See who has done the most challenges, and your own place",
    run=_open,
    options=(
        Option("page", "Which page (default: around you)", type=OptionType.INTEGER, min_value=1, max_value=100_000),
    ),
    private=False,
    components={
        "open": _open_own,
        "top": _turn,
        "previous": _turn,
        "next": _turn,
        "refresh": _turn,
        "mine": _find_own,
        "since": _find_own,
    },
    help=(
        "Lists the members around you by challenges done this week, this month or in all, and how far the next one is. "
        "Ties share a place. Everybody in the channel sees the answer; when somebody else taps its buttons, they get a "
        "copy of their own. A challenge counts as soon as its XP is awarded. Hidden members are not listed, and see "
        "their own place in private."
    ),
    pace=Pace.LEADERBOARD,
    paces=PACES,
)
