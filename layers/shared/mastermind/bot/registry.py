"""Where commands are found: each is the constant COMMAND of `mastermind/commands/<application>/<name>.py`."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from mastermind.patterns import late

if TYPE_CHECKING:
    from mastermind.bot.commands import Command

APPS = ("main", "tensey")

_NAME = late(r"[a-z][a-z0-9-]{0,31}")


@lru_cache(64)
def find(app: str, name: str) -> Command | None:
    """The command with that name; only its own file is loaded. `name` is untrusted input."""
    if not _NAME.fullmatch(name):
        return None
    module = f"{_package(app)}.{name.replace('-', '_')}"
    try:
        return cast("Command", import_module(module).COMMAND)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None


def names(app: str) -> tuple[str, ...]:
    """The names of all commands of an application, in alphabetical order; nothing is loaded."""
    import pkgutil  # for tools alone: /help knows the names from `bot.listing`

    files = pkgutil.iter_modules(import_module(_package(app)).__path__)
    return tuple(sorted(file.name.replace("_", "-") for file in files))


def commands(app: str) -> tuple[Command, ...]:
    """All commands of an application, in alphabetical order."""
    return tuple(command for name in names(app) if (command := find(app, name)))


def _package(app: str) -> str:
    return f"mastermind.commands.{app}"
