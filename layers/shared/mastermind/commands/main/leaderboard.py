"""/leaderboard: who has the most XP, challenges done or entries of a stat, visible to everybody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import boards
from mastermind.commands.parts.boards import FIRST_ARGUMENT, PACES, Sheet
from mastermind.discord.replies import Choice, Choices
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.members.pace import Pace
from mastermind.game.standings import actions as standings
from mastermind.game.standings.rules import TENSEY, XP, Board, Reach
from mastermind.typed import meant, suggested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.standings.actions import Leaderboard

MOST_CHOICES = 25
"""The most choices that Discord shows for an autocomplete."""

ENTERED = "`/submit-stats` takes it."
ENTERED_AND_SHOWN = "`/submit-stats` takes it, and `/settings` says who sees it."

SINCE = {Reach.WEEK: " this week", Reach.MONTH: " this month", Reach.ALL: ""}


# --- what the command and its buttons do ---


def _open(call: Call) -> Reply:
    board = Board(_chosen(call.text("board", XP)), Reach(call.text("range", "all")))
    around_me = call.flag("around-me")
    if around_me and call.whole("page"):
        raise MemberMistake("`page` and `around-me` lead to different pages. Leave one of them out.")
    return boards.opened(call, _sheet(board), partial(_read, call, board), None if around_me else call.whole("page", 1))


def _turn(call: Call) -> Reply:
    board = _named(call)
    return boards.turned(call, _sheet(board), partial(_read, call, board))


def _find_own(call: Call) -> Reply:
    board = _named(call)
    return boards.found_own(call, _sheet(board), partial(_read, call, board))


def _named(call: Call) -> Board:
    """The board that a button names; a stat may have left the catalogue since its message was posted."""
    key, reach = call.argument(FIRST_ARGUMENT), call.argument(FIRST_ARGUMENT + 1)
    if reach not in set(Reach):
        raise BadArgument("the range of a board is this week, this month or all time")
    if key not in _titles():
        raise MemberMistake("This board no longer exists. Type `/leaderboard` to see which there are.")
    return Board(key, Reach(reach))


def _read(call: Call, board: Board, wanted: int | None) -> Leaderboard:
    return call.run(standings.read_board, board, wanted)


# --- which boards there are ---


def _titles() -> Mapping[str, str]:
    """The title of each board, by its key; the automatic stat counts challenges, which have a board already."""
    logged = {stat.key: stat.name for category in stats.load().categories for stat in category.stats}
    return {XP: "XP", TENSEY: "Challenges done", **logged}


def _chosen(words: str) -> str:
    """The key of the board that was chosen from the suggestions or typed by its title."""
    key = meant(words, [(key, name) for key, title in _titles().items() for name in (title, key)])
    if key is None:
        raise MemberMistake(
            "I could not tell which board you mean. Start typing `board` and choose one of the suggestions."
        )
    return key


def _suggest(call: Call) -> Choices:
    """The boards whose title contains the typed text."""
    choices = [(Choice(title, key), title) for key, title in _titles().items()]
    return Choices(tuple(suggested(call.typed, choices)[:MOST_CHOICES]))


def _sheet(board: Board) -> Sheet:
    title, since = _titles()[board.key], SINCE[board.reach]
    first, how = {
        XP: ("first XP", "`/submit-stats` and `/tenseylist` bring some."),
        TENSEY: ("first challenge", "`/tenseylist` shows what there is to do."),
    }.get(board.key, ("first entry", ENTERED_AND_SHOWN if board.key in stats.load().kept(()) else ENTERED))
    unit = "done" if board.key == TENSEY else "XP" if board.key == XP else "logged"
    return Sheet(
        title=title + since,
        total=lambda total: f"{total:,} {unit}",
        first=first + since,
        how=how,
        arguments=(board.key, board.reach),
        unit=unit,
    )


COMMAND = Command(
    name="leaderboard",
    description="See who leads in XP, challenges or any stat, and your own place",
    run=_open,
    options=(
        Option("board", "What counts (default: XP)", autocomplete=_suggest, max_length=100),
        Option(
            "range",
            "Since when (default: all time)",
            choices=(
                Choice("This week", Reach.WEEK.value),
                Choice("This month", Reach.MONTH.value),
                Choice("All time", Reach.ALL.value),
            ),
        ),
        Option("page", "Which page (default: the first)", type=OptionType.INTEGER, min_value=1),
        Option("around-me", "Start with the page you are on", type=OptionType.BOOLEAN),
    ),
    private=False,
    components={"previous": _turn, "next": _turn, "refresh": _turn, "mine": _find_own},
    help=(
        "Lists the members by XP, challenges done or any stat, ten to a page, with your own place below: of this week, "
        "this month or all time. `around-me` opens the page you are on. Ties share a place. Everybody in the channel "
        "sees the answer; when somebody else taps its buttons, they get a copy of their own. Members who hide, or keep "
        "what is counted to themselves, are not listed, and see their own place in private."
    ),
    pace=Pace.LEADERBOARD,
    paces=PACES,
)
