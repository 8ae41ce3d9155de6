"""What an operator's question names, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.wire import BIGGEST_ID
from mastermind.errors import BadEvent
from mastermind.typed import whole_number

if TYPE_CHECKING:
    from mastermind.json_types import Json


def whole(fields: Json, name: str) -> int | None:
    """A whole number from 1 on, as JSON has it or in digits; None when it is left out."""
    value = fields.get(name)
    number = None if value is None else whole_number(str(value))
    if value is not None and (number is None or not 0 < number <= BIGGEST_ID):
        raise BadEvent(f"{name} is no whole number from 1 to {BIGGEST_ID}")
    return number
