"""What one health check leaves to the next: one SSM parameter, because the database cannot record its own absence."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.operations import stored
from mastermind.operations.health.rules import State

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.parameters import Parameters

LONGEST_WORDS = 80
"""Characters of a probe's words that are kept."""

LARGEST = 4000
"""Characters of the whole; SSM keeps 4,096 bytes, and our own words are ASCII."""

STATE = TypeAdapter(State)


@dataclass(frozen=True, slots=True)
class HealthState:
    """The state in the parameter of that name."""

    parameters: Parameters
    name: str

    def read(self, deadline: Deadline) -> State:
        """The state, a new one when there is none yet; raises Unavailable."""
        return read(self.parameters.get(self.name, deadline))

    def write(self, state: State, deadline: Deadline) -> None:
        """Store it in place of the one before; raises Unavailable."""
        self.parameters.put(self.name, write(state), deadline)


def write(state: State) -> str:
    """The state as JSON that fits: the oldest outages that are not in the database yet are dropped for that."""
    text = STATE.dump_json(_short(state)).decode()
    if len(text) <= LARGEST or not state.unrecorded:
        return text
    return write(replace(state, unrecorded=state.unrecorded[1:]))


def _short(state: State) -> State:
    """The state with the words of each probe cut to what is kept."""
    return replace(
        state,
        failing=tuple(replace(probe, words=probe.words[:LONGEST_WORDS]) for probe in state.failing),
        failed={name: words[:LONGEST_WORDS] for name, words in state.failed.items()},
        to_do={name: replace(one, words=one.words[:LONGEST_WORDS]) for name, one in state.to_do.items()},
    )


def read(text: str | None) -> State:
    """The state that `write` wrote; a new one when the text is anything else."""
    return stored.read(STATE, text, State, "the last check")
