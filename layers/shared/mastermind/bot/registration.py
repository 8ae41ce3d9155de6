"""Converts a command's declaration to Discord's registration format, and checks it against Discord's limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from mastermind.bot.commands import OptionType
from mastermind.bot.guide import lowest_access
from mastermind.bot.repeats import RUN
from mastermind.discord import limits
from mastermind.discord.permissions import MANAGE_GUILD, MODERATE_MEMBERS
from mastermind.game.members.authority import Access

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mastermind.bot.commands import Command, Option, Subcommand
    from mastermind.json_types import Json


CHAT_INPUT = 1
"""The type of slash commands; others are entry points and menus."""

SUBCOMMAND, GROUP = 1, 2
IN_A_SERVER = 0

SUGGESTED = {OptionType.STRING, OptionType.INTEGER}
"""The option types for which Discord supports autocomplete; it rejects the field for any other type."""

DEFAULT_PERMISSIONS = {
    Access.EVERYONE: None,
    Access.MODERATOR: str(MODERATE_MEMBERS),
    Access.ADMIN: str(MANAGE_GUILD),
}
"""Who sees a command in Discord by default: members with all of these permission bits. Server admins can change it.

One bit each, because Discord requires all of them; administrators have every bit. `bot.access` has the final say.
"""

_NAME = re.compile(r"[-_a-z0-9]{1,32}")


def to_json(command: Command) -> Json:
    """The command as the body of Discord's registration: in servers only, installed by a server only."""
    return {
        "type": CHAT_INPUT,
        "name": command.name,
        "description": command.description,
        "default_member_permissions": DEFAULT_PERMISSIONS[lowest_access(command)],
        "contexts": [IN_A_SERVER],
        "integration_types": [IN_A_SERVER],
        "options": [
            *_subcommands(command),
            *(_option(option) for option in command.options),
        ],
    }


def problems(command: Command) -> list[str]:
    """What Discord or our own rules would reject; empty when the declaration is valid."""
    return [
        *_problems_of_shape(command),
        *_problems_of_size(command),
        *(problem for part in _parts(command) for problem in _problems_of_words(part)),
        *(problem for part in (command, *command.subcommands) for problem in _problems_of_options(part)),
    ]


def _subcommands(command: Command) -> Iterator[Json]:
    """The subcommands, those of a group in it: the groups come last."""
    yield from (_subcommand(part) for part in command.subcommands if " " not in part.name)
    for group, description in command.groups.items():
        parts = [_subcommand(part) for part in command.subcommands if part.name.startswith(f"{group} ")]
        yield {"type": GROUP, "name": group, "description": description, "options": parts}


def _subcommand(part: Subcommand) -> Json:
    shown = [_option(option) for option in part.options]
    name = part.name.rpartition(" ")[2]
    return {"type": SUBCOMMAND, "name": name, "description": part.description, "options": shown}


def _option(option: Option) -> Json:
    shown: Json = {"type": int(option.type), "name": option.name, "description": option.description}
    if option.choices:
        shown["choices"] = [choice.json() for choice in option.choices]
    if option.required or option.autocomplete:
        shown["required"] = option.required
    if (option.required or option.autocomplete) and option.type in SUGGESTED:
        shown["autocomplete"] = option.autocomplete is not None
    for bound in ("min_value", "max_value", "min_length", "max_length"):
        if (value := cast("int | None", getattr(option, bound))) is not None:
            shown[bound] = value
    return shown


def _parts(command: Command) -> Iterator[Command | Subcommand | Option]:
    yield command
    for part in (command, *command.subcommands):
        yield from part.options
    yield from command.subcommands


def _problems_of_shape(command: Command) -> Iterator[str]:
    if bool(command.run) == bool(command.subcommands):
        yield f"{command.name} needs either run or subcommands"
    if command.subcommands and command.options:
        yield f"{command.name} has options beside subcommands"
    if command.subcommands and (command.components or command.modals):
        yield f"{command.name} has actions beside those of its subcommands"
    if not command.help.strip():
        yield f"{command.name} has no help text"
    if {part.name.partition(" ")[0] for part in command.subcommands if " " in part.name} != set(command.groups):
        yield f"{command.name} has groups without subcommands, or the other way round"
    for part in (command, *command.subcommands):
        yield from _problems_of_actions(part)


def _problems_of_actions(part: Command | Subcommand) -> Iterator[str]:
    """An action names one thing: a button tries again what a form or the command itself did."""
    for action in part.components.keys() & (part.modals.keys() | {RUN}):
        yield f"{part.name}: {action} is a component and something else"
    for action, form in part.modals.items():
        if form.opener not in part.components:
            yield f"{part.name}: nothing opens the form {action}"


def _problems_of_size(command: Command) -> Iterator[str]:
    if len(command.subcommands) > limits.COMMAND_OPTIONS:
        yield f"{command.name} has {len(command.subcommands)} subcommands"
    size = sum(map(len, _words(to_json(command))))
    if size > limits.COMMAND_TOTAL:
        yield f"{command.name} has {size} characters in all"


def _problems_of_words(part: Command | Subcommand | Option) -> Iterator[str]:
    if not all(map(_NAME.fullmatch, part.name.split(" "))):
        yield f"{part.name!r} is not a name that Discord accepts"
    if not 1 <= len(part.description) <= limits.COMMAND_DESCRIPTION:
        yield f"{part.name}: the description has {len(part.description)} characters"


def _problems_of_options(part: Command | Subcommand) -> Iterator[str]:
    names = [option.name for option in part.options]
    required = [option.required for option in part.options]
    if len(names) > limits.COMMAND_OPTIONS or len(set(names)) < len(names):
        yield f"{part.name} has too many options, or two with one name"
    if required != sorted(required, reverse=True):
        yield f"{part.name}: required options come first"
    for option in part.options:
        yield from _problems_of_choices(option.name, option)


def _problems_of_choices(name: str, option: Option) -> Iterator[str]:
    if len(option.choices) > limits.COMMAND_CHOICES or (option.choices and option.autocomplete):
        yield f"{name} has too many choices, or both choices and autocomplete"
    if len({choice.name for choice in option.choices}) < len(option.choices):
        yield f"{name} has two choices with one name"
    if option.autocomplete and (option.max_length or limits.CHOICE_NAME) < limits.CHOICE_NAME:
        yield f"{name} refuses long suggestions: some clients measure what they show, not its value"


def _words(value: object) -> Iterator[str]:
    """The texts that count towards the size of a command: names, descriptions and values."""
    if isinstance(value, list):
        for part in cast("Sequence[object]", value):
            yield from _words(part)
    if isinstance(value, dict):
        for key, part in cast("Json", value).items():
            yield from [str(part)] if key in {"name", "description", "value"} else _words(part)
