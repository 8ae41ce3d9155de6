"""People and moments as moderators read them, and members' words held so that they fit and stay plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Option
from mastermind.discord.text import escape, fit
from mastermind.errors import MemberMistake

if TYPE_CHECKING:
    from datetime import datetime


def who(user_id: int | None) -> str:
    """Somebody, as Discord shows their name to the reader; nobody is notified of it."""
    return f"<@{user_id}>" if user_id else "somebody who was forgotten since"


def moment(at: datetime) -> str:
    """Day and time in the reader's own time zone."""
    return f"<t:{int(at.timestamp())}:f>"


def words(written: str, most: int) -> str:
    """What somebody wrote: plain, on one line, of at most `most` bytes before each sign of formatting is escaped."""
    return escape(fit(" ".join(written.split()), most))


SHORTEST_REASON, LONGEST_REASON = 3, 300
"""Characters of a reason that somebody gives for what they do to others."""


def reason(written: str) -> str:
    """A reason as it is kept; MemberMistake when it says nothing, or says too much."""
    if not SHORTEST_REASON <= len(written.strip()) <= LONGEST_REASON:
        raise MemberMistake(f"Nothing was done: `reason` has {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return written.strip()


def reason_option(description: str) -> Option:
    return Option("reason", description, required=True, min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 day", "2 days"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
