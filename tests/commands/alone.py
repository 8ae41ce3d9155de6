"""What the test of a command says of it beside its tests: so a new command takes one file and its test.

`tests/commands/test_ping.py` may have

* `USED_BY`: the row of /ping in the matrix of `test_refusals.py`, an `Access`;
* `ANSWERS_WITHOUT_A_DATABASE`: True if it does;
* `scenes(show, act)`: plays its scenes for the gallery, under its own heading.

A command with subcommands has its rows and scenes where those of the others are.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from mastermind.bot import registry as catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mastermind.game.members.authority import Access


def said(name: str, line: str) -> Any:  # noqa: ANN401 (as it was written)
    """What the test of a command says under that name; None when it says nothing or there is none."""
    module = f"tests.commands.test_{line.removeprefix('/').replace('-', '_')}"
    found = importlib.util.find_spec(module) if line.count(" ") == 0 else None
    return getattr(importlib.import_module(module), name, None) if found else None


def rows(known: Collection[str]) -> dict[str, Access]:
    """The rows of commands that are not among those."""
    found = {line: said("USED_BY", line) for line in lines() if line not in known}
    return {line: row for line, row in found.items() if row is not None}


def lines() -> Iterator[str]:
    """Every command without subcommands."""
    for app in catalogue.APPS:
        yield from (f"/{command.name}" for command in catalogue.commands(app) if not command.subcommands)
