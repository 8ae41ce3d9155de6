"""What one health check leaves to the next: one SSM parameter, because the database cannot record its own absence."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import TypeAdapter, ValidationError

from mastermind.gateways.sdk import asked, client
from mastermind.operations.health.rules import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline

log = logging.getLogger(__name__)

LONGEST_WORDS = 120
"""Characters of a probe's words that are kept."""

LARGEST = 4000
"""Characters of the whole; SSM keeps 4,096 bytes, and our own words are ASCII."""

STATE = TypeAdapter(State)


class ParameterStore(Protocol):
    """SSM, as far as it is needed."""

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words

    def put_parameter(
        self,
        *,
        Name: str,  # noqa: N803
        Value: str,  # noqa: N803
        Type: Literal["String"],  # noqa: N803
        Overwrite: bool,  # noqa: N803
    ) -> object: ...


class HealthState:
    """The state in one parameter."""

    def __init__(self, name: str, store: ParameterStore) -> None:
        self._name, self._store = name, store

    def read(self, deadline: Deadline) -> State:
        """The state, a new one when there is none yet; raises Unavailable."""
        text = asked("SSM", self._value, deadline)
        return read(text) if text else State()

    def write(self, state: State, deadline: Deadline) -> None:
        """Keep it in place of the one before; raises Unavailable."""
        text = write(state)
        asked(
            "SSM",
            lambda: self._store.put_parameter(Name=self._name, Value=text, Type="String", Overwrite=True),
            deadline,
        )

    def _value(self) -> str:
        from botocore.exceptions import ClientError

        try:
            return str(self._store.get_parameter(Name=self._name)["Parameter"]["Value"])
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ParameterNotFound":
                return ""
            raise


def write(state: State) -> str:
    """The state as JSON that fits: the oldest outages that the database could not be told are given up for that."""
    short = tuple(replace(probe, words=probe.words[:LONGEST_WORDS]) for probe in state.failing)
    text = STATE.dump_json(replace(state, failing=short)).decode()
    if len(text) <= LARGEST or not state.unrecorded:
        return text
    return write(replace(state, unrecorded=state.unrecorded[1:]))


def read(text: str) -> State:
    """The state that `write` wrote; a new one when the text is anything else."""
    try:
        return STATE.validate_json(text)
    except ValidationError as error:
        log.warning("the last check's state is not valid", extra={"mistakes": error.error_count()})
        return State()


def health_state(name: str) -> HealthState:
    """The real one."""
    return HealthState(name, client("ssm"))
