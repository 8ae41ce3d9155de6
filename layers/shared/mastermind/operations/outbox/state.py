"""What outlives a process of the outbox: one text in S3, which no invocation overwrites unread."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter, ValidationError

from mastermind.errors import TryAgain
from mastermind.operations.outbox.rules import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.gateways.documents import Kept

log = logging.getLogger(__name__)

KEY = "outbox/state.json"
STATE = TypeAdapter(State)
TRIES = 10


class Text(Protocol):
    """A text with its version: written only over the version that was read."""

    def read(self, deadline: Deadline) -> Kept: ...
    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None: ...


@dataclass(frozen=True, slots=True)
class StateStore:
    """The state in a text; every method raises Unavailable when it cannot be had."""

    text: Text

    def read(self, deadline: Deadline) -> State:
        return _read(self.text.read(deadline).text)

    def change(self, rule: Callable[[State], State], deadline: Deadline) -> None:
        """Store what the rule makes of the state; TryAgain when others never stop writing."""
        for _ in range(TRIES):
            kept = self.text.read(deadline)
            written = STATE.dump_json(rule(_read(kept.text))).decode()
            if self.text.write(written, kept.version, deadline) is not None:
                return
        raise TryAgain("others change the state of the outbox at the same time")


def _read(text: str | None) -> State:
    """The state that was written; an empty one for anything else."""
    try:
        return STATE.validate_json(text) if text else State()
    except ValidationError as error:
        log.warning("what is stored of the outbox is not valid", extra={"mistakes": error.error_count()})
        return State()
