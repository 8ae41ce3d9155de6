"""/scorecard: where a member stands, for all to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.actions import scorecard
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.content import challenges, levels
from mastermind.discord.components import Container, Separator, Text
from mastermind.discord.replies import Message, Reply, say
from mastermind.discord.text import name
from mastermind.domain import bars
from mastermind.domain.levels import LEVELS, Progress, progress

if TYPE_CHECKING:
    from mastermind.actions.scorecard import Scorecard
    from mastermind.bot.call import Call
    from mastermind.db.connection import Connection


def _run(call: Call) -> Reply:
    wanted = call.user("user") or call.caller.user_id
    card = call.run(lambda connection: _read(call, connection, wanted))
    if card is None:
        return say(_unknown(call.interaction.users.get(wanted, "")), private=False)
    return Message((_shown(card, own=wanted == call.caller.user_id),), private=False)


def _read(call: Call, connection: Connection, wanted: int) -> Scorecard | None:
    """The card of whom the caller wants to see; the caller is met by this too, should it be their first contact."""
    own = scorecard.read(connection, call.member, call.services.game.time_zone)
    return own if wanted == call.caller.user_id else scorecard.read(connection, wanted)


def _shown(card: Scorecard, *, own: bool) -> Container:
    now = progress(card.xp)
    reached = levels.of_level(now.level)
    title = Text(f"## {name(card.display_name)}\nLevel {now.level} of {LEVELS}: {reached.title}")
    return Container((title, Separator(), Text(_xp(card, now)), Text(_game(card, own=own))), accent_color=reached.color)


def _xp(card: Scorecard, now: Progress) -> str:
    """The XP, and how far it still is."""
    total = f"**XP:** {card.xp:,}"
    if now.next_level is None:
        return f"{total}\nThe highest level is reached."
    bar = bars.told(now.gained, now.span, "XP")
    return f"{total}\n**To level {now.next_level}:** {bar}, {now.missing:,} XP to go"


def _game(card: Scorecard, *, own: bool) -> str:
    done = _done(card.challenges_done, challenges.load().count)
    return f"**Rank:** {_rank(card, own=own)}\n**Faction:** {card.faction}\n**Challenges:** {done}"


def _done(done: int, listed: int) -> str:
    """The challenges done, of those that are listed; some may be of an earlier list, so that there are more."""
    if done > listed:
        return f"{done:,} done, more than the {listed:,} of the list as it is now"
    return bars.told(done, listed, "done")


def _rank(card: Scorecard, *, own: bool) -> str:
    """The rank; that of a hidden member is for themselves alone (contracts, Figures: rank)."""
    if not card.hidden:
        return f"{card.rank:,}"
    return f"{card.rank:,} (not on the leaderboard)" if own else "hidden"


def _unknown(display_name: str) -> str:
    """What to say of somebody whom the game has not met."""
    who = name(display_name) if display_name.strip() else "This member"
    return f"{who} has not joined the game yet. The first command they use opens their card; `/help` shows them how."


COMMAND = Command(
    name="scorecard",
    description="See level, XP, rank and challenges of yourself or somebody else",
    run=_run,
    options=(Option("user", "Whose card (left out: your own)", type=OptionType.USER),),
    private=False,
    help=(
        "Shows a member's level and class, XP with the way to the next level, rank, faction and challenges done. "
        "Everybody in the channel sees the answer."
    ),
)
