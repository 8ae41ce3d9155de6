"""The answer to a button or a form that this version does not know: it names a fresh one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.custom_ids import PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.commands import Command

STALE = "This message is from an older version of me. Type `/` and choose its command: you get a fresh one."
FRESH = "This message is from an older version of me. `/{typed}` gives you a fresh one."


def words(custom_id: str, find: Callable[[str], Command | None]) -> str:
    """Names the command that it belongs to, whatever its version, so that old posts stay useful."""
    path = next(iter(custom_id.split(":")[1:2]), "")
    name, *rest = path.split(".") if len(path) <= PATH else [""]
    typed = " ".join((name, *rest))
    return FRESH.format(typed=typed) if _is_typed(find(name), " ".join(rest)) else STALE


def _is_typed(command: Command | None, subcommand: str) -> bool:
    if command is None:
        return False
    return any(each.name == subcommand for each in command.subcommands) if subcommand else command.run is not None
