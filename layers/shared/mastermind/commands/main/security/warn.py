"""/security warn: records a warning; a second and a third one propose a penalty to the admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.parts import people
from mastermind.commands.parts.people import LONGEST_REASON, counted, who, words
from mastermind.discord.components import Container, Text
from mastermind.discord.replies import Message
from mastermind.game.members.authority import Access
from mastermind.game.moderation import actions as moderation
from mastermind.game.moderation.rules import MOST_STRIKES, STANDS_FOR
from mastermind.game.sanctions.rules import Proposal

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.members.rules import Subject
    from mastermind.game.moderation.actions import Given

NEXT = {
    None: "This is a first warning: it proposes nothing.",
    Proposal.TIMEOUT: "The second strike proposes a **time-out** to the admins.",
    Proposal.BAN: "A third strike proposes a **ban** to the admins.",
}

DECIDED = "They see it in `/security warnings` and decide. Without them I time out and ban nobody."


def _run(call: Call) -> Reply:
    subject = call.subject(call.user("user") or 0)
    reason = people.reason(call.text("reason"))
    given = call.run(moderation.warn, subject, reason)
    if given.writes:
        call.nudge()
    return Message((Container((Text(_confirmation(subject, given, reason)),), looks.MODERATION.color),), private=True)


def _confirmation(subject: Subject, given: Given, reason: str) -> str:
    whom, days = who(subject.user_id), counted(STANDS_FOR.days, "day")
    lines = [
        f"## {looks.MODERATION.emoji} Warned: strike {given.strike} of {MOST_STRIKES}",
        f"{whom} for: {words(reason, LONGEST_REASON)}",
        NEXT[given.proposal],
        f"It counts for {days}, and is listed in `/security warnings` and the audit log.",
        f"-# {whom} sees it in `/settings`. Talk to them yourself, too, calmly and in private.",
    ]
    if given.proposal:
        lines.insert(3, DECIDED)
    if given.writes:
        lines.insert(3, "I write them the reason in a direct message, in kind words.")
    return "\n".join(lines)


SUBCOMMAND = Subcommand(
    "warn",
    "Write down a warning; the next ones propose a penalty",
    _run,
    options=(
        Option("user", "Whom", type=OptionType.USER, required=True),
        people.reason_option("What for; they see it, as do moderators and admins"),
    ),
    access=Access.MODERATOR,
)
