"""A form that is sent again with other values: the first counts, and what was typed now is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import entries
from mastermind.discord.components import Text

if TYPE_CHECKING:
    from mastermind.bot.call import Call

FIRST_COUNTS = (
    "**This form was sent before, and what you sent first counts.** What you typed now was not taken; open a new form "
    "for it."
)


def not_taken(call: Call, *, differs: bool) -> tuple[Text, ...]:
    """What a form holds that was sent before with other values; nothing unless it `differs`."""
    if not differs:
        return ()
    typed = entries.shown(entries.entered(call.interaction, call.settings))
    return (Text(FIRST_COUNTS), *((Text(typed),) if typed else ()))
