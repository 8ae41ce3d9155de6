"""One invocation of a function: Lambda's arguments, and errors without secrets."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from mastermind import observability
from mastermind.errors import BadEvent, OutcomeUnknown, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.json_types import Json

log = logging.getLogger(__name__)

type LambdaHandler = Callable[[Json, Context], Json]

LAST_WORDS = 0.2
"""Seconds of an invocation's time that are kept for the answer itself, after the last wait for anything."""


class Context(Protocol):
    """What Lambda passes to a handler about the invocation."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def without_secrets(work: Callable[[], Json]) -> Json:
    """Lambda prints uncaught errors verbatim, so ours are logged redacted and raised again without details."""
    try:
        return work()
    except (Unavailable, OutcomeUnknown) as error:
        raise type(error)(str(error)) from None
    except Exception:
        log.exception("the invocation failed")
        observability.count(observability.BUGS)
        raise RuntimeError("the invocation failed: its log says how") from None


def or_failure(work: Callable[[], Json]) -> Json:
    """The result of `work`, or {"failure": why} for a wrong query or a database that does not answer.

    The caller reports that itself.
    """
    try:
        return work()
    except (BadEvent, OutcomeUnknown, Unavailable) as error:
        return {"failure": str(error)}
