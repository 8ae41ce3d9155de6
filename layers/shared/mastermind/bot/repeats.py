"""Trying again: an answer with an unknown outcome offers the same action once more, under the key of the first try.

However often *Try again* is tapped, the change is stored once at most (docs/rules/messages.md, Try again).
"""

from __future__ import annotations

from copy import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids, entries
from mastermind.bot.custom_ids import CustomId
from mastermind.discord.components import Button, ButtonStyle, Row, Text
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Message, Update
from mastermind.discord.snowflakes import made_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mastermind.bot.entries import Entry
    from mastermind.config import DiscordSettings
    from mastermind.discord.components import MessagePart
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Reply

RUN = "run"
"""The action of a button that runs the command itself again."""

KEY_LASTS = timedelta(hours=23)
"""How long a key is valid. Outcomes are kept for a day: an older one may have been stored and deleted."""

UNKNOWN = "**It may have been stored, or not:** the database did not say."
SAFE = "Tap *Try again*: however often you do, it is stored once at most."
UNSAFE = "Please look whether it is there before you do it again."


def is_stale(key: int, now: datetime) -> bool:
    """Whether the outcome of a change under that key may have been deleted."""
    return now - made_at(key) > KEY_LASTS


def offer(interaction: Interaction, settings: DiscordSettings, words: str, *, always: bool) -> Reply:
    """Say `words`, give back what was typed, and offer the same again under the key of the first try.

    No words: nobody knows whether it was stored. Without `always`, what can be tapped again as it is gets no offer.
    """
    typed = entries.entered(interaction, settings)
    again = _again(interaction, typed) if always or typed or is_repeat(interaction) else None
    parts: list[MessagePart] = [Text("\n".join(_lines(interaction, words, is_safe=again is not None)))]
    if given_back := entries.shown(typed):
        parts.append(Text(given_back, verbatim=True))
    if again:
        parts.append(Row((Button("Try again", again, ButtonStyle.PRIMARY),)))
    in_place = is_repeat(interaction) or (again and in_direct_message(interaction))
    return Update(tuple(parts)) if in_place else Message(tuple(parts))


def _lines(interaction: Interaction, words: str, *, is_safe: bool) -> Iterator[str]:
    """The words, below those that are true as long as nobody knows whether it was stored."""
    if not words or any(text.startswith(UNKNOWN) for text in interaction.message):
        yield f"{UNKNOWN} {SAFE if is_safe else UNSAFE}"
    if words:
        yield words


def _again(interaction: Interaction, typed: Sequence[Entry]) -> str | None:
    """The custom_id that does the same again; None when no button can: what was typed does not fit, or is not ours."""
    use = _use(interaction)
    if use is None or interaction.caller is None or (typed and not entries.shown(typed)):
        return None
    key, revision = use.key or interaction.id, custom_ids.revision_of(interaction.id)
    again = str(replace(use, owner=interaction.caller.user_id, revision=revision, key=key))
    return again if len(again) <= custom_ids.LONGEST else None


def is_repeat(interaction: Interaction) -> bool:
    """Whether the tapped button counts once, however often it is tapped."""
    pressed = custom_ids.read(interaction.custom_id)
    return interaction.kind is InteractionType.COMPONENT and pressed is not None and pressed.key != 0


def in_direct_message(interaction: Interaction) -> bool:
    """Whether it came from a direct message of ours: buttons work in that message, and in no other beside it."""
    return interaction.message_id != 0


def _use(interaction: Interaction) -> CustomId | None:
    if interaction.kind is InteractionType.COMMAND:
        return CustomId(".".join((interaction.name, *interaction.path)), RUN)
    return custom_ids.read(interaction.custom_id)


def replacing(reply: Reply) -> Reply:
    """A private answer in the place of the message whose button was tapped; others stay messages of their own."""
    if isinstance(reply, Message) and reply.private and not reply.attachments:
        return Update(reply.parts)
    return reply
