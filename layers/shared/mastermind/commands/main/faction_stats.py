"""/faction-stats: the totals of the two factions, visible to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Command
from mastermind.commands.parts.day_cards import figure
from mastermind.discord.components import Container, Separator, Text
from mastermind.discord.replies import Message, Reply
from mastermind.game.factions import actions as factions
from mastermind.game.standings import rules as boards

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.game.factions.actions import Faction


def _run(call: Call) -> Reply:
    standing = call.run(factions.read)
    apart = [part for faction in standing for part in (Separator(), Text(_figures(faction)))]
    parts = (Text(f"## Factions\n{_leads(standing)}"), *apart, *_left_out(standing))
    return Message((Container(parts),), private=False)


def _left_out(standing: tuple[Faction, ...]) -> tuple[Text, ...]:
    """Why the figures are not those of all members, where that is so."""
    return (Text(HIDDEN),) if any(faction.hidden for faction in standing) else ()


def _figures(faction: Faction) -> str:
    week = boards.period(faction.first_day, faction.last_day)
    return (
        f"### {faction.name}\n**Members:** {faction.members:,}\n"
        f"**XP:** {figure(faction.xp)}, on average {figure(faction.average)} a member\n"
        f"**This week:** {figure(faction.week_xp)} XP ({week})"
    )


def _leads(factions: tuple[Faction, ...]) -> str:
    """Who leads, in words: in total, on average, and this week."""
    if not any(faction.xp or faction.week_xp for faction in factions):
        return "Nobody has gathered XP yet. `/submit-stats` and `/tenseylist` bring the first."
    return "\n".join(
        (
            f"**In all** {_lead({faction.name: faction.xp for faction in factions})}",
            f"**On average** {_lead({faction.name: faction.average for faction in factions}, ' a member')}",
            f"**This week** {_lead({faction.name: faction.week_xp for faction in factions})}",
        )
    )


def _lead(figures: Mapping[str, int], each: str = "") -> str:
    first, second, *_ = sorted(figures, key=lambda name: -figures[name])
    ahead = figures[first] - figures[second]
    if not ahead:
        return f"they are level, at {figure(figures[first])} XP{each}."
    return f"{first} lead by {ahead:,} XP{each}."


HIDDEN = "-# The XP of members who hide is in none of these figures."


COMMAND = Command(
    name="faction-stats",
    description="See how Luminarchs and Noctivores stand",
    run=_run,
    private=False,
    help=(
        "Shows both factions: how many members they have, their XP in all, the average of a member, the XP of this "
        "week, and who leads by how much. The XP of members who hide is left out. Everybody in the channel sees the "
        "answer. A new member joins the smaller faction."
    ),
)
