"""/faction-stats: which faction is ahead this week, visible to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command
from mastermind.commands.parts import bars
from mastermind.commands.parts.boards import MEDALS
from mastermind.commands.parts.day_cards import figure
from mastermind.discord.components import Container, Separator, Text
from mastermind.discord.replies import Message, Reply
from mastermind.discord.text import name
from mastermind.game.factions import actions as factions
from mastermind.game.factions import emblems
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.game.standings import rules as boards

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mastermind.bot.call import Call
    from mastermind.game.factions.actions import Champion, Faction, Factions


def _run(call: Call) -> Reply:
    found = call.run(factions.read)
    leader = _leader(found.every)
    parts = (Text("\n".join(_week(found.every, leader))), *_champions(found), Separator(), Text(_more(found.every)))
    color = EMBLEMS[leader.name].color if leader else looks.BOARDS.color
    return Message((Container(parts, color),), private=False)


def _week(every: Sequence[Faction], leader: Faction | None) -> Iterator[str]:
    """The heading, who is ahead, the bar of both, and what it shows."""
    yield f"## {' and '.join(emblems.shown(each.name) for each in every)}"
    days = boards.period(every[0].first_day, every[0].last_day)
    if not any(each.score for each in every):
        yield f"A fresh week ({days}): nobody has gathered XP yet, and both factions can still win it."
        return
    ahead = f"**{emblems.shown(leader.name)}** are ahead" if leader else "Both are level"
    yield f"{ahead} this week, {days}."
    yield _balance(every)
    yield f"-# XP for each active member: {', '.join(map(_score, every))}."


def _leader(every: Sequence[Faction]) -> Faction | None:
    """The faction that is ahead by its score, None while they are level."""
    first, second = sorted(every, key=lambda each: -each.score)
    return first if first.score > second.score else None


def _balance(every: Sequence[Faction]) -> str:
    """Both scores in one bar of their colours."""
    left, right = every
    emblems = EMBLEMS[left.name], EMBLEMS[right.name]
    signs, blocks = (emblems[0].sign, emblems[1].sign), (emblems[0].block, emblems[1].block)
    return bars.balance(signs, left.score, right.score, blocks)


def _score(faction: Faction) -> str:
    """A score in words; with few members, or few who hide, it is rounded."""
    score = f"about {faction.score:,}" if faction.is_rounded and faction.active else f"{faction.score:,}"
    return f"{emblems.shown(faction.name)} {score} ({faction.active:,} active)"


def _champions(found: Factions) -> tuple[Separator | Text, ...]:
    """The first three of the caller's faction."""
    own = next((each for each in found.every if each.is_own), None)
    if own is None or not found.champions:
        return ()
    lines = "\n".join(map(_champion, found.champions))
    return Separator(), Text(f"**First of {emblems.shown(own.name)} this week**\n{lines}")


def _champion(champion: Champion) -> str:
    return f"{MEDALS[champion.rank]}**{champion.rank}.** {champion.total:,} · {name(champion.display_name)}"


def _more(every: Sequence[Faction]) -> str:
    """What it means, all time, and what to do."""
    ever = ", ".join(f"{emblems.shown(each.name)} {figure(each.xp)} XP ({each.members:,} joined)" for each in every)
    hidden = " Who hides is in none of these figures." if any(each.hidden for each in every) else ""
    return (
        f"In all: {ever}.\n"
        f"-# The average counts, so a small faction can win. A newcomer joins the smaller one and stays.{hidden}\n"
        "-# `/submit-stats` and the challenges of `/tenseylist` bring XP for yours."
    )


COMMAND = Command(
    name="faction-stats",
    description="See how Luminarchs and Noctivores stand",
    run=_run,
    private=False,
    help=(
        "Shows which faction is ahead this week, by the average XP of a member who was active, and the first three of "
        "yours. The XP of members who hide is left out, and averages of few members are rounded. Everybody in the "
        "channel sees the answer. A new member joins the smaller faction."
    ),
)
