"""The names of our commands in messages: a text has `/course overview` as code, and members see a link that opens it.

Discord's mention of a command is `</course overview:123>`, with the id of the registered command. A command that has
subcommands is mentioned with one of them, never alone (docs/rules/messages.md, Commands).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Mapping
    from re import Match

_NAMED = late(r"`/(([a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*){0,2})`")


class Commands:
    """The ids of our commands, by name. A command without one is named as plain text."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        self.linked = lru_cache(64)(self._linked)  # the longest texts are the same for everybody

    def __bool__(self) -> bool:
        return bool(self._ids)

    def _linked(self, text: str) -> str:
        """The text with a mention for each command that it names."""
        return _NAMED.sub(self._mention, text) if "`/" in text else text

    def _mention(self, named: Match[str]) -> str:
        path, name = named.groups()
        return f"</{path}:{self._ids[name]}>" if name in self._ids else named[0]


PLAIN = Commands({})
"""For direct messages, where no command can be opened, and where no ids are known."""
