"""Reads the options of a slash command; every function raises BadRequest for what Discord would not send."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from mastermind.discord import limits, wire
from mastermind.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mastermind.discord.wire import Record

type OptionValue = str | int | float | bool

STRING_OPTION = 6000  # characters
SAFE_NUMBER = 2**53  # Discord's integers and numbers are exact doubles


class _Type(IntEnum):
    """Discord's option types."""

    SUBCOMMAND = 1
    SUBCOMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


def descend(data: Record) -> tuple[tuple[str, ...], Sequence[Record]]:
    """The names of subcommand group and subcommand, and the options below them."""
    path: tuple[str, ...] = ()
    options = wire.records(data, "options")
    for level in (_Type.SUBCOMMAND_GROUP, _Type.SUBCOMMAND):
        if len(options) == 1 and wire.whole(options[0], "type") == level:
            path = (*path, wire.text(options[0], "name", limits.COMMAND_NAME))
            options = wire.records(options[0], "options")
    return path, options


def read(leaf: Record, *, is_typing: bool) -> tuple[str, OptionValue]:
    """The name and the value of an option."""
    return wire.text(leaf, "name", limits.COMMAND_NAME), _draft(leaf) if is_typing else _value(leaf)


def _value(leaf: Record) -> OptionValue:
    match wire.whole(leaf, "type"):
        case _Type.STRING:
            return wire.to_text("value", leaf.get("value"), STRING_OPTION)
        case _Type.INTEGER:
            return _safe(wire.whole(leaf, "value"))
        case _Type.BOOLEAN:
            return _boolean(leaf.get("value"))
        case _Type.NUMBER:
            return _number(leaf.get("value"))
        case _Type.USER | _Type.CHANNEL | _Type.ROLE | _Type.MENTIONABLE | _Type.ATTACHMENT:
            return wire.snowflake(leaf, "value")
        case _:
            raise BadRequest("an option's type is none of Discord's, or out of place")


def _draft(leaf: Record) -> OptionValue:
    """The value of an option while the member is typing: Discord has validated nothing yet."""
    value = leaf.get("value", "")
    return _number(value) if isinstance(value, int | float) else wire.to_text("value", value, STRING_OPTION)


def focused(leaves: Iterable[Record]) -> str:
    names = [wire.text(leaf, "name", limits.COMMAND_NAME) for leaf in leaves if leaf.get("focused") is True]
    if len(names) != 1:
        raise BadRequest("exactly one option is being typed")
    return names[0]


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadRequest("value is not true or false")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest("value is not a number")
    return _safe(value)


def _safe[Number: (int, float)](value: Number) -> Number:
    if not -SAFE_NUMBER <= value <= SAFE_NUMBER:  # infinity is not within
        raise BadRequest("value is out of range")
    return value
