"""The mentions of the last hour between two invocations: one text, which no invocation overwrites unread."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter, ValidationError

from mastermind.errors import TryAgain
from mastermind.operations.needs.rules import Mentions

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.gateways.documents import Kept

log = logging.getLogger(__name__)

KEY = "alerts/mentions.json"

MENTIONS = TypeAdapter(Mentions)

TRIES = 10
"""Times that it is read again because somebody else has written it."""


class Text(Protocol):
    """A text with its version: written only over the version that was read."""

    def read(self, deadline: Deadline) -> Kept: ...
    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None: ...


@dataclass(frozen=True, slots=True)
class MentionStore:
    """The mentions in a text; every method raises Unavailable when it cannot be had."""

    text: Text

    def change[T](self, rule: Callable[[Mentions], tuple[Mentions, T]], deadline: Deadline) -> T:
        """Store what the rule makes of the mentions; what it says besides. TryAgain when others never stop writing."""
        for _ in range(TRIES):
            kept = self.text.read(deadline)
            known = _read(kept.text)
            changed, said = rule(known)
            written = MENTIONS.dump_json(changed).decode()
            if changed == known or self.text.write(written, kept.version, deadline) is not None:
                return said
        raise TryAgain("others note mentions at the same time")


def _read(text: str | None) -> Mentions:
    """The mentions that were written; none for anything else."""
    try:
        return MENTIONS.validate_json(text) if text else Mentions()
    except ValidationError as error:
        log.warning("what is stored of the mentions is not valid", extra={"mistakes": error.error_count()})
        return Mentions()
