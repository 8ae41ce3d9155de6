"""Explains a command from its declaration, for /help and docs/Commands.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.members.authority import Access

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.commands import Command, Option

WHO = {Access.EVERYONE: "everyone", Access.MODERATOR: "moderators", Access.ADMIN: "admins"}


def lowest_access(command: Command) -> Access:
    """The least access that is needed for any part of the command."""
    asked = [command.access if part.access is None else part.access for part in command.subcommands]
    return min(asked, default=command.access)


def usages(command: Command) -> tuple[str, ...]:
    """Every way to type the command: `/name required [optional]`."""
    if not command.subcommands:
        return (_usage(f"/{command.name}", command.options),)
    return tuple(_usage(f"/{command.name} {part.name}", part.options) for part in command.subcommands)


def options(command: Command) -> tuple[Option, ...]:
    """Every option of the command and its subcommands."""
    return (*command.options, *(option for part in command.subcommands for option in part.options))


def visibility(command: Command) -> str:
    return "only you see the answer" if command.private else "everyone in the channel sees the answer"


def _usage(words: str, given: Sequence[Option]) -> str:
    return " ".join((words, *(option.name if option.required else f"[{option.name}]" for option in given)))
