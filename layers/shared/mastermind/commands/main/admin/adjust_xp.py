"""/admin adjust-xp: gives or takes XP with one ledger row, and a reason that the member can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.parts import news, people
from mastermind.commands.parts.day_cards import figure
from mastermind.commands.parts.people import LONGEST_REASON, who, words
from mastermind.discord.components import Container, Text
from mastermind.discord.replies import Message
from mastermind.game.ledger import actions as ledger

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.ledger.actions import Adjusted


def _run(call: Call) -> Reply:
    subject, amount, reason = call.user("user") or 0, call.whole("amount"), people.reason(call.text("reason"))
    adjusted = call.run(ledger.adjust, call.subject(subject), amount, reason)
    news.tell_of_level(call, adjusted.before, adjusted.after)
    return Message((Container((Text(_confirmation(subject, adjusted, reason)),), looks.ADMIN.color),), private=True)


def _confirmation(subject: int, adjusted: Adjusted, reason: str) -> str:
    change = adjusted.after - adjusted.before
    did = f"{change:,} XP given to" if change > 0 else f"{-change:,} XP taken from"
    return "\n".join(
        (
            f"## {looks.ADMIN.emoji} {did} {who(subject)}",
            f"**Before:** {_xp_and_level(adjusted.before, adjusted.levels[0])}",
            f"**After:** {_xp_and_level(adjusted.after, adjusted.levels[1])}",
            f"**Reason:** {words(reason, LONGEST_REASON)}",
            "-# They read the reason in `/history`. Before and after are in `/security audit`.",
        )
    )


def _xp_and_level(xp: int, level: int) -> str:
    shown = ", shown to everybody as 0" if xp < 0 else ""
    return f"{figure(xp)} XP{shown}, level {level}"


SUBCOMMAND = Subcommand(
    "adjust-xp",
    "Give a member XP or take some, with a reason",
    _run,
    options=(
        Option("user", "Whose XP", type=OptionType.USER, required=True),
        Option(
            "amount",
            "How much; below zero takes away",
            type=OptionType.INTEGER,
            required=True,
            min_value=-ledger.MOST_XP,
            max_value=ledger.MOST_XP,
        ),
        people.reason_option("Why; the member reads it in /history"),
    ),
)
