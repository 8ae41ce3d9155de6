"""Asking another of our functions something, and waiting for its answer."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from mastermind.errors import Unavailable
from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline
    from mastermind.json_types import Json


LONGEST_ANSWER = 30.0  # seconds; who asks has a deadline besides


class Lambda(Protocol):
    """Lambda, as far as it is needed."""

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803 # AWS's own words
        InvocationType: Literal["RequestResponse"],  # noqa: N803
        Payload: bytes,  # noqa: N803
    ) -> Mapping[str, Any]: ...


class Function:
    """One function by its name."""

    def __init__(self, name: str, functions: Lambda) -> None:
        self._name, self._functions = name, functions

    def ask(self, question: Mapping[str, object], deadline: Deadline) -> Json:
        """Its answer. Raises Unavailable when it fails, cannot be asked, or says {"failure": why}."""
        answer = asked(self._name, partial(self._invoke, json.dumps(question).encode()), deadline)
        if "failure" in answer:
            raise Unavailable(str(answer["failure"]))
        return answer

    def _invoke(self, payload: bytes) -> Json:
        answer = self._functions.invoke(FunctionName=self._name, InvocationType="RequestResponse", Payload=payload)
        said = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise Unavailable(f"{self._name} fails: its log says how")
        found: object = json.loads(said)
        if not isinstance(found, dict):
            raise Unavailable(f"{self._name} gives no answer")
        return cast("Json", found)


def function(name: str) -> Function:
    """The real one."""
    return Function(name, client("lambda", read=LONGEST_ANSWER))
