"""Delivers a member's data: as an attached file, or as a link when it is too large for a message."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from mastermind.bot import looks
from mastermind.discord.components import Container, File, Text
from mastermind.discord.replies import Attachment, Message, fits
from mastermind.game.exports import rules

if TYPE_CHECKING:
    from mastermind.bot.call import Call

LINKED = (
    "The data is too large for a message ({size:.1f} MB), so it is in private storage: "
    "[download it](<{link}>).\nThe link works for 15 minutes, until <t:{until}:t>; anybody who has it can use it, so "
    "keep it to yourself. The file is removed within two days. It is JSON: any text editor opens it."
)


def hand_over(call: Call, document: str, title: str, about: str) -> Message:
    """The document, for the caller alone, under a title; `about` explains the file when it is attached."""
    if fits(document):
        name = f"mastermind-{call.now:%Y-%m-%d}.json"
        card = Container((Text(f"{title}\n{about}"), File(name)), looks.PRIVACY.color)
        return Message((card,), attachments=(Attachment(name, document),))
    return Message((Container((Text(f"{title}\n{_linked(call, document)}"),), looks.PRIVACY.color),))


def _linked(call: Call, document: str) -> str:
    """Store a document that is too large for Discord, and link to it."""
    body = document.encode()
    key = f"{rules.EXPORTS}{uuid4()}/mastermind.json"
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Disposition": "attachment"}
    call.store(key, body, headers)
    link = call.link(key, int(rules.LINK.total_seconds()))
    until = int((call.now + rules.LINK).timestamp())
    return LINKED.format(link=link, size=len(body) / 1_000_000, until=until)
