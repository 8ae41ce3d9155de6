"""/tenseyleaderboard: who has done how many challenges, a page at a time, visible to everybody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import bars, boards
from mastermind.commands.parts.boards import PACES, Sheet
from mastermind.game.challenges import content as challenges
from mastermind.game.members.pace import Pace
from mastermind.game.standings import actions as standings
from mastermind.game.standings.rules import TENSEY, Board

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.actions import Leaderboard

BOARD = Board(TENSEY)


def _open(call: Call) -> Reply:
    return boards.opened(call, _sheet(), partial(_read, call), call.whole("page", 1))


def _open_own(call: Call) -> Reply:
    return boards.opened_own(call, _sheet(), partial(_read, call))


def _turn(call: Call) -> Reply:
    return boards.turned(call, _sheet(), partial(_read, call))


def _find_own(call: Call) -> Reply:
    return boards.found_own(call, _sheet(), partial(_read, call))


def _read(call: Call, wanted: int | None) -> Leaderboard:
    return call.run(standings.read_board, BOARD, wanted)


def _sheet() -> Sheet:
    return Sheet(
        title="Challenges done",
        total=_done,
        first="first challenge",
        how="`/tenseylist` shows what there is to do.",
        note=f", {challenges.load().count:,} challenges",
    )


def _done(done: int) -> str:
    """The challenges done and their share of the list, at most 100 %: some may be from an earlier list."""
    count = challenges.load().count
    return f"{done:,} done ({bars.percent(min(done, count), count)} %)"


COMMAND = Command(
    name="tenseyleaderboard",
    description="See who has done the most challenges, and your own place",
    run=_open,
    options=(Option("page", "Which page (default: the first)", type=OptionType.INTEGER, min_value=1),),
    private=False,
    components={
        "open": _open_own,
        "previous": _turn,
        "next": _turn,
        "refresh": _turn,
        "mine": _find_own,
    },
    help=(
        "Lists the members by challenges done, ten to a page, with your own place below. Ties share a place. "
        "Everybody in the channel sees the answer; when somebody else taps its buttons, they get a copy of their own. "
        "A challenge counts as soon as its XP is awarded. Hidden members are not listed, and see their own place in "
        "private."
    ),
    pace=Pace.LEADERBOARD,
    paces=PACES,
)
