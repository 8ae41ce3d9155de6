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


def not_taken(call: Call, *, differs: bool, words: str = FIRST_COUNTS) -> tuple[Text, ...]:
    """What was typed into a form, if it `differs` from what counts, with `words` that say why it was not taken."""
    if not differs:
        return ()
    typed = entries.shown(entries.entered(call.interaction, call.settings))
    return (Text(words), *((Text(typed, verbatim=True),) if typed else ()))
