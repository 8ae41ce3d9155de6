"""The parts of a raid's card that several commands show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import bars
from mastermind.game.catalogue import content as stats
from mastermind.game.raids import rules as raids
from mastermind.game.raids.rules import REWARD, RaidStatus

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.bot.looks import Look
    from mastermind.game.raids.actions import Raid


def look(raid: Raid) -> Look:
    """In the colour of its type while it runs; then green if it was won, else grey."""
    match raid.status:
        case RaidStatus.ACTIVE:
            return looks.RAIDS[raid.type]
        case RaidStatus.COMPLETED:
            return looks.WON
        case RaidStatus.FAILED | RaidStatus.CANCELLED:
            return looks.OVER


def title(raid: Raid) -> str:
    return look(raid).heading(f"{raid.type.capitalize()} raid {raid.raid_id}: {raids.STATUSES[raid.status]}")


def progress(raid: Raid) -> str:
    """The progress with its bar; points beyond the target stand between the two."""
    beyond = f", {raid.total:,} in all" if raid.total > raid.target else ""
    return bars.with_figures(raid.total, raid.target, "points", more=beyond)


def moment(at: datetime) -> str:
    """A time in each reader's own time zone, and how far it is from now."""
    seconds = int(at.timestamp())
    return f"<t:{seconds}:R> (<t:{seconds}:t>)"


def counting(raid_type: str) -> str:
    """The stats that count, with their points, and what a name means that explains nothing."""
    counted = raids.counting(stats.load(), raid_type)
    named = ", ".join(f"{stat.name} {points}" for stat, points in counted)
    return " ".join((f"{named}.", *(f"{stat.name}: {stat.about}." for stat, _ in counted if stat.about)))


def rewards() -> str:
    each = f"everybody who contributed gets {REWARD} XP, and the top contributor {REWARD} more"
    return f"When the target is reached, {each}."
