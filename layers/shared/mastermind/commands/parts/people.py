"""Formats people, times and members' own words, shortened and escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Option
from mastermind.discord.text import cut, isolated, name, prose
from mastermind.errors import MemberMistake
from mastermind.typed import is_visible, visible_length

if TYPE_CHECKING:
    from datetime import datetime


def who(user_id: int | None) -> str:
    """A user mention, which Discord shows as a name; messages allow no notifications."""
    return f"<@{user_id}>" if user_id else "somebody whose data was deleted"


def named(user_id: int | None, display_name: str) -> str:
    """A mention, and the name we know: of somebody who has left the server Discord shows none."""
    return f"{who(user_id)} ({name(display_name)})" if is_visible(display_name) else who(user_id)


def moment(at: datetime) -> str:
    """Day and time in the reader's own time zone."""
    return f"<t:{int(at.timestamp())}:f>"


def words(written: str, most: int) -> str:
    """A member's text on one line, escaped and cut: `most` characters of it fit, unless a third of them are escaped.

    Characters and not bytes, or a text in Cyrillic would lose its second half.
    """
    return isolated(cut(prose(written), most + most // 3))


SHORTEST_REASON, LONGEST_REASON = 3, 300
"""Characters of the reason that a moderator or admin gives for an action."""


def reason(written: str) -> str:
    """A reason as it is stored; MemberMistake when it is too short or too long."""
    reason = written.strip()
    if visible_length(reason) < SHORTEST_REASON or len(reason) > LONGEST_REASON:
        raise MemberMistake(f"Nothing was done: give a `reason` of {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return reason


def reason_option(description: str) -> Option:
    return Option("reason", description, required=True, min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 day", "2 days"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
