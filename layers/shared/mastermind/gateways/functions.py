"""Invokes one of our functions, waits until it is ready, and returns its answer."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from mastermind.errors import Unavailable
from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.deadline import Deadline
    from mastermind.json_types import Json

LONGEST_ANSWER = 30.0  # seconds; who asks has a deadline besides

NOT_READY = frozenset({"CodeArtifactUserPendingException", "ResourceConflictException", "ResourceNotReadyException"})
"""Lambda's answers to the first calls of a function that was idle for weeks, or is being updated. Nothing has run.

Source: "Lambda function states" in the Lambda developer guide.
"""

PAUSE = 3.0  # seconds between two calls of a function that is not ready; until it is can take a minute or two


def once_ready[T](invoke: Callable[[], T], deadline: Deadline, sleep: Callable[[float], None] = time.sleep) -> T:
    """What `invoke` returns as soon as its function is ready; raises what it raises, the last refusal at `deadline`."""
    from botocore.exceptions import ClientError

    while True:
        try:
            return invoke()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in NOT_READY or deadline.remaining() <= PAUSE:
                raise
        sleep(PAUSE)


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
        invoke = partial(self._invoke, json.dumps(question).encode())
        answer = asked(self._name, lambda: once_ready(invoke, deadline), deadline)
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
