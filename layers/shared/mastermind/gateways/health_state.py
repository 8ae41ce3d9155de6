"""What one health check leaves to the next: one SSM parameter, because the database cannot record its own absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from mastermind.gateways.sdk import asked, client
from mastermind.operations.health import rules as health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline
    from mastermind.operations.health.rules import State


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
        return health.read(asked("SSM", self._value, deadline))

    def write(self, state: State, deadline: Deadline) -> None:
        """Keep it in place of the one before; raises Unavailable."""
        text = health.write(state)
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


def health_state(name: str) -> HealthState:
    """The real one."""
    return HealthState(name, client("ssm"))
