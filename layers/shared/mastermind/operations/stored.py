"""State that outlives a process: a record in one object, which is never overwritten unread."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mastermind.errors import BadMessage, TryAgain
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import TypeAdapter

    from mastermind.deadline import Deadline
    from mastermind.gateways.documents import Kept

log = logging.getLogger(__name__)

TRIES = 10
"""Times that a record is read again because somebody else has written it."""


class Text(Protocol):
    """A text with its version: written only over the version that was read."""

    def read(self, deadline: Deadline) -> Kept: ...
    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Stored[T]:
    """A record in a text; `empty` makes the one before anything is written, `name` is for the log.

    Every method raises Unavailable when the text cannot be had.
    """

    text: Text
    adapter: TypeAdapter[T]
    empty: Callable[[], T]
    name: str

    def read(self, deadline: Deadline) -> T:
        return self._read(self.text.read(deadline).text)

    def change(self, rule: Callable[[T], T], deadline: Deadline) -> None:
        """Store what the rule makes of the record; TryAgain when others never stop writing."""
        self.decide(lambda known: (rule(known), None), deadline)

    def decide[Decision](self, rule: Callable[[T], tuple[T, Decision]], deadline: Deadline) -> Decision:
        """Store what the rule makes of the record, and return what else it says; TryAgain as in `change`."""
        for _ in range(TRIES):
            kept = self.text.read(deadline)
            known = self._read(kept.text)
            changed, decision = rule(known)
            if changed == known or self.text.write(self._written(changed), kept.version, deadline) is not None:
                return decision
        raise TryAgain(f"others change what is stored of {self.name} at the same time")

    def _read(self, text: str | None) -> T:
        return read(self.adapter, text, self.empty, self.name)

    def _written(self, record: T) -> str:
        return self.adapter.dump_json(record).decode()


def read[T](adapter: TypeAdapter[T], text: str | None, empty: Callable[[], T], name: str) -> T:
    """The record that was written; the empty one for anything else."""
    try:
        return parse(adapter, text) if text else empty()
    except BadMessage as error:
        log.warning("what is stored is not valid", extra={"of": name, "mistakes": str(error)})
        return empty()
