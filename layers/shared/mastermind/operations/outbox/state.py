"""The state of the outbox that outlives a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.operations.outbox.rules import State
from mastermind.operations.stored import Stored

if TYPE_CHECKING:
    from mastermind.operations.stored import Text

KEY = "outbox/state.json"

STATE = TypeAdapter(State)


def state(text: Text) -> Stored[State]:
    return Stored(text, STATE, State, "the outbox")
