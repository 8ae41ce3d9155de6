"""Direct messages about a warning, a time-out or a ban: kind words, the reason, and what the person can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import cut, isolated, prose
from mastermind.game.sanctions.rules import Proposal

if TYPE_CHECKING:
    from mastermind.discord.requests import Message
    from mastermind.game.sanctions.rules import Sanction

LONGEST = 1_000
"""Characters of a reason."""


def first_warning(reason: str) -> Message:
    return _message(
        "👋 A moderator of the server has written down a warning for you. It says:",
        _quoted(reason),
        "We know that things come across differently than they were meant. Nothing else follows from this: please read "
        "it as a hint, and after 30 days it stops counting. A second one within that time can lead to a time-out of a "
        "day.",
        "Do you see it differently? Talk to a moderator: they can take it back.",
    )


def before(sanction: Sanction) -> Message:
    """What they read just before it is done."""
    match sanction.proposal:
        case Proposal.TIMEOUT:
            until = int(sanction.until.timestamp()) if sanction.until else 0
            return _message(
                f"⏸️ You have a time-out in the server until <t:{until}:f>: you can read, and write again after that. "
                "It follows a second warning within 30 days, which says:",
                _quoted(sanction.reason),
                "Your XP and everything else you have reached stay yours. Take the time to breathe; you are welcome "
                "back afterwards.",
                "Do you see it differently? Write to an admin of the server: they can end it.",
            )
        case Proposal.BAN:
            return _message(
                "🚪 You are banned from the server. It follows a third warning within 30 days, which says:",
                _quoted(sanction.reason),
                "Your messages stay. We wish you well, and the courage you have shown stays yours.",
                "Do you see it differently? Write to an admin of the server: they can lift it.",
            )


def _quoted(reason: str) -> str:
    return f"> {isolated(cut(prose(reason), LONGEST))}"


def _message(*parts: str) -> Message:
    return {"content": "\n\n".join(parts), "allowed_mentions": {"parse": []}}
