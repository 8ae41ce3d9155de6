"""/leaderboard: who has the most XP, challenges done or entries of a stat, visible to everybody.

A stat that is a value of the day has no board: a sum of moods means nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import boards
from mastermind.commands.parts.boards import FIRST_ARGUMENT, PACES, Sheet
from mastermind.discord import limits
from mastermind.discord.replies import Choice, Choices
from mastermind.errors import MemberMistake
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

ENTERED = "`/submit-stats` takes it."
ENTERED_AND_SHOWN = "`/submit-stats` takes it, and `/settings` says who sees it."


# --- what the command and its buttons do ---


def _open(call: Call) -> Reply:
    key, reach = _chosen(call.text("board", XP)), Reach(call.text("range", Reach.WEEK.value))
    return boards.opened(call, _sheet(key, reach), partial(_read, call, key), call.whole("page"))


def _turn(call: Call) -> Reply:
    key = _named(call)
    return boards.turned(call, _sheet(key, boards.reach_of(call)), partial(_read, call, key))


def _find_own(call: Call) -> Reply:
    key = _named(call)
    return boards.found_own(call, _sheet(key, boards.reach_of(call)), partial(_read, call, key))


def _named(call: Call) -> str:
    """The board that a button names; a stat may have left the catalogue since its message was posted."""
    key = call.argument(FIRST_ARGUMENT)
    if key not in _titles():
        raise MemberMistake("This board no longer exists. Type `/leaderboard` to see which there are.")
    return key


def _read(call: Call, key: str, reach: Reach, before: int | None) -> Leaderboard:
    return call.run(standings.read_board, Board(key, reach), before)


# --- which boards there are ---


def _titles() -> Mapping[str, str]:
    """The title of each board, by its key; the automatic stat counts challenges, which have a board already."""
    every = (stat for category in stats.load().categories for stat in category.stats)
    logged = {stat.key: stat.name for stat in every if not stat.once_a_day}
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
    return Choices(tuple(suggested(call.typed, choices)[: limits.CHOICES]))


def _sheet(key: str, reach: Reach) -> Sheet:
    if key == TENSEY:
        return boards.of_challenges(reach, key)
    if key == XP:
        how = "`/submit-stats` and the challenges of `/tenseylist` bring XP."
        return Sheet("XP", "XP", "first XP", how, reach, (key,))
    how = ENTERED_AND_SHOWN if key in stats.load().kept(()) else ENTERED
    return Sheet(_titles()[key], "logged", "first entry", how, reach, (key,))


COMMAND = Command(
    name="leaderboard",
    description="See who leads in XP, challenges or any stat, and your own place",
    run=_open,
    options=(
        Option("board", "What counts (default: XP)", autocomplete=_suggest, max_length=100),
        Option(
            "range",
            "Since when (default: this week)",
            choices=(
                Choice("This week", Reach.WEEK.value),
                Choice("This month", Reach.MONTH.value),
                Choice("All time", Reach.ALL.value),
            ),
        ),
        Option("page", "Which page (default: around you)", type=OptionType.INTEGER, min_value=1, max_value=100_000),
    ),
    private=False,
    components={
        "top": _turn,
        "previous": _turn,
        "next": _turn,
        "refresh": _turn,
        "mine": _find_own,
        "since": _find_own,
    },
    help=(
        "Lists the members around you by XP, challenges done or any stat, and how far the next one is: of this week, "
        "this month or all time. Ties share a place. Everybody in the channel sees the answer; when somebody else taps "
        "its buttons, they get a copy of their own. Members who hide, or keep what is counted to themselves, are not "
        "listed, and see their own place in private."
    ),
    pace=Pace.LEADERBOARD,
    paces=PACES,
)
