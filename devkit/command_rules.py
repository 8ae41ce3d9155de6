"""What Discord would refuse in the registration of an application's slash commands."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from devkit.json_checks import (
    Found,
    check_between,
    check_choices,
    check_keys,
    check_sizes,
    check_unique,
    kind_of,
    records,
    text_of,
)
from mastermind.discord import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson


def command_violations(registration: Sequence[Mapping[str, object]]) -> list[str]:
    """The same for the registration of an application's slash commands."""
    return list(_commands(registration))


_COMMAND_KEYS = {
    "type",
    "options",
    "default_member_permissions",
    "contexts",
    "integration_types",
    "nsfw",
    "name_localizations",
    "description_localizations",
}

_LEAF_KEYS = {
    "required",
    "choices",
    "autocomplete",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
    "name_localizations",
    "description_localizations",
}

_NAMED = {"name", "description"}


def _commands(registration: Sequence[ReadOnlyJson]) -> Found:
    """What is wrong with the whole registration of an application's slash commands."""
    yield from check_between("commands", len(registration), 0, limits.COMMANDS)
    yield from check_unique("command", (command.get("name") for command in registration))
    for command in registration:
        name = f"/{command.get('name')}"
        yield from check_keys(name, command, _NAMED, _COMMAND_KEYS)
        yield from _named(name, command)
        yield from _levels(name, records(command.get("options")), {1, 2})
        yield from check_between(f"characters of {name}", sum(map(len, _counted(command))), 0, limits.COMMAND_TOTAL)


def _levels(where: str, options: Sequence[ReadOnlyJson], folders: Collection[int]) -> Found:
    """Options of a command or subcommand: either all of them are subcommands (or groups), or none is."""
    yield from check_between(f"options of {where}", len(options), 0, limits.COMMAND_OPTIONS)
    yield from check_unique(f"option of {where}", (option.get("name") for option in options))
    leading = [option for option in options if kind_of(option) in {1, 2}]
    if 0 < len(leading) < len(options):
        yield f"{where} mixes subcommands and options"
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{where} has a required option after an optional one"
    for option in options:
        yield from _named(f"{where} {option.get('name')}", option)
        yield from _level(f"{where} {option.get('name')}", option, folders)


def _level(where: str, option: ReadOnlyJson, folders: Collection[int]) -> Found:
    kind = kind_of(option)
    if kind not in {1, 2}:
        yield from _leaf(where, option)
    elif kind not in folders:
        yield f"{where} is nested too deeply"
    else:
        yield from check_keys(where, option, {"type", *_NAMED}, {"options"})
        yield from _levels(where, records(option.get("options")), {1} if kind == 2 else ())


def _leaf(where: str, option: ReadOnlyJson) -> Found:
    yield from check_keys(where, option, {"type", *_NAMED}, _LEAF_KEYS)
    if option.get("choices") and option.get("autocomplete"):
        yield f"{where} has choices and autocomplete"
    yield from check_choices(records(option.get("choices")))


def _named(where: str, source: ReadOnlyJson) -> Found:
    name = text_of(source, "name")
    if not _is_name(name):
        yield f"{where}: {name!r} is no name: 1 to {limits.COMMAND_NAME} letters, digits, - and _, in lower case"
    yield from check_sizes(where, source, {"description": (1, limits.COMMAND_DESCRIPTION)})


def _is_name(name: str) -> bool:
    fits = all(letter in "-_" or unicodedata.category(letter)[0] in "LN" for letter in name)
    return fits and name == name.lower() and 0 < len(name) <= limits.COMMAND_NAME


def _counted(source: ReadOnlyJson) -> Iterator[str]:
    """Names, descriptions and values of a command and of all that is in it."""
    yield from (text_of(source, key) for key in ("name", "description", "value"))
    for inner in (*records(source.get("options")), *records(source.get("choices"))):
        yield from _counted(inner)
