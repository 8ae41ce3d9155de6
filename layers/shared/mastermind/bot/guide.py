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
    return min((access for _, access in subcommands(command)), default=command.access)


def subcommands(command: Command) -> tuple[tuple[str, Access], ...]:
    """The names of the subcommands, each with the access that it needs."""
    return tuple((part.name, command.access if part.access is None else part.access) for part in command.subcommands)


def usages(command: Command) -> tuple[tuple[str, str, str], ...]:
    """Every way to type the command: its path, `required [optional]` after it, and what it does.

    The path is `/name` or `/name subcommand`.
    """
    if not command.subcommands:
        return ((f"/{command.name}", _written(command.options), command.description),)
    parts = command.subcommands
    return tuple((f"/{command.name} {part.name}", _written(part.options), part.description) for part in parts)


def visibility(command: Command) -> str:
    return "only you see the answer" if command.private else "everyone in the channel sees the answer"


def _written(given: Sequence[Option]) -> str:
    return " ".join(option.name if option.required else f"[{option.name}]" for option in given)
