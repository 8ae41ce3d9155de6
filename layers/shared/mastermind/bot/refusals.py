"""Refuses an input: explains why, repeats it, and offers the form with it once more."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids, entries, finding, repeats
from mastermind.discord.components import Button, ButtonStyle, Row, Text
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Message, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.commands import Option
    from mastermind.bot.entries import Entry
    from mastermind.bot.finding import Find
    from mastermind.config import DiscordSettings
    from mastermind.discord.components import MessagePart
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Reply


def refuse(interaction: Interaction, words: str, find: Find, settings: DiscordSettings) -> Reply:
    """The answer to what was entered: `words`, and what can be done with it."""
    given_back = _given_back(interaction, find, entries.entered(interaction, settings))
    in_place = bool(entries.read(interaction.message)) or repeats.in_direct_message(interaction)
    parts = (Text(words), *given_back)
    return Update(parts) if given_back and in_place else Message(parts)


def _given_back(interaction: Interaction, find: Find, typed: Sequence[Entry]) -> tuple[MessagePart, ...]:
    """What was typed, with the button to correct a form; nothing if nothing is worth copying."""
    if interaction.kind is InteractionType.COMMAND:
        return _worth_copying(typed, finding.used(find, interaction).options)
    custom_id = custom_ids.read(interaction.custom_id)
    press = custom_id and finding.pressed(find, custom_id, interaction.kind)
    if not (custom_id and press):  # of an older version: what was typed can be copied
        return _text(typed) if interaction.kind is InteractionType.MODAL else ()
    if not (form := press.does.form):
        return _worth_copying(typed, press.does.options)
    correct = replace(custom_id, action=form.opener, key=0)
    return (*_text(typed), Row((Button("Correct it", str(correct), ButtonStyle.PRIMARY),)))


def _worth_copying(typed: Sequence[Entry], options: Sequence[Option]) -> tuple[Text, ...]:
    """What was entered with a command, if something is among it that was typed by hand."""
    by_hand = {option.name for option in options if option.is_typed}
    return _text(typed) if by_hand & {entry.name for entry in typed} else ()


def _text(typed: Sequence[Entry]) -> tuple[Text, ...]:
    given_back = entries.shown(typed)
    return (Text(given_back, verbatim=True),) if given_back else ()
