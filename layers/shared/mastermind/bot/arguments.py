"""Checks received options against their declaration: a client may still have an older version of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import OptionType
from mastermind.errors import MemberMistake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.bot.commands import Option
    from mastermind.discord.interactions import Person, Role
    from mastermind.discord.options import OptionValue

BIGGEST_INTEGER = 2**53
"""Discord's limit for an INTEGER option, positive and negative."""

LONGEST_TEXT = 6_000
"""Discord's limit for a STRING option, in characters."""

_PYTHON_TYPES: Mapping[OptionType, type] = {
    OptionType.STRING: str,
    OptionType.INTEGER: int,
    OptionType.BOOLEAN: bool,
    OptionType.USER: int,
    OptionType.ROLE: int,
}


def check(
    declared: Sequence[Option],
    given: Mapping[str, OptionValue],
    users: Mapping[int, Person],
    roles: Mapping[int, Role],
) -> None:
    """Raise MemberMistake if the options do not match their declaration, or name a user whom Discord did not find."""
    by_name = {option.name: option for option in declared}
    if given.keys() - by_name.keys() or any(option.required and option.name not in given for option in declared):
        raise MemberMistake("This command has changed since you opened it. Please type it again.")
    for name, value in given.items():
        _check_value(by_name[name], value)
        if by_name[name].type is OptionType.USER and value not in users:
            raise MemberMistake(f"Discord could not find the `{name}`. Please choose a member whom Discord suggests.")
        if by_name[name].type is OptionType.ROLE and value not in roles:
            raise MemberMistake(f"Discord could not find the `{name}`. Type the command again, and choose a role.")


def _check_value(option: Option, value: OptionValue) -> None:
    if type(value) is not _PYTHON_TYPES[option.type]:
        raise MemberMistake(f"`{option.name}` has changed since you opened this command. Please type it again.")
    if option.choices and value not in {choice.value for choice in option.choices}:
        offered = ", ".join(choice.name for choice in option.choices)
        raise MemberMistake(f"`{option.name}` can be one of these: {offered}.")
    if isinstance(value, str):
        _check_bounds(
            option.name, len(value), option.min_length or 0, option.max_length or LONGEST_TEXT, " characters long"
        )
    elif option.type is OptionType.INTEGER:
        _check_bounds(option.name, int(value), *_bounds(option))


def _bounds(option: Option) -> tuple[int, int]:
    least, most = option.min_value, option.max_value
    return (-BIGGEST_INTEGER if least is None else least), (BIGGEST_INTEGER if most is None else most)


def _check_bounds(name: str, value: int, least: int, most: int, unit: str = "") -> None:
    if not least <= value <= most:
        raise MemberMistake(f"`{name}` can be {_range(least, most, unit)}{unit}.")


def _range(least: int, most: int, unit: str) -> str:
    """The range in words; Discord's own upper limits are left out."""
    if most in {BIGGEST_INTEGER, LONGEST_TEXT}:
        return f"{least:,} or more"
    return f"at most {most:,}" if unit and not least else f"{least:,} to {most:,}"
