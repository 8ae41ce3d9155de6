"""A batch of SQS messages, each settled for itself: one that fails never takes the others with it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from mastermind import observability
from mastermind.errors import BadRequest, TryAgain, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger(__name__)

type Record = Mapping[str, object]


def settle(event: Mapping[str, object], work: Callable[[str], None]) -> dict[str, object]:
    """Do `work` on each message's body; whatever it raises sends that message, and no other, back to the queue.

    The answer is a partial batch response (`ReportBatchItemFailures`); the queue moves what fails too often to its
    dead-letter queue. Raises BadRequest for an event that is no batch.
    """
    failed = [message_id for message_id, body in _messages(event) if not _is_settled(message_id, body, work)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def source(event: Mapping[str, object]) -> str:
    """The ARN of the queue that a batch is from; empty when it does not say."""
    records = cast("Sequence[Record]", event.get("Records") or [{}])
    return str(records[0].get("eventSourceARN", ""))


def _messages(event: Mapping[str, object]) -> list[tuple[str, str]]:
    try:
        records = cast("Sequence[Record]", event["Records"])
        return [(str(record["messageId"]), str(record["body"])) for record in records]
    except (KeyError, TypeError) as error:
        raise BadRequest("the event is no batch of messages") from error


def _is_settled(message_id: str, body: str, work: Callable[[str], None]) -> bool:
    try:
        with observability.correlated(message_id=message_id):
            return _tried(body, work)
    except Exception:
        log.exception("a message broke us", extra={"message_id": message_id})
        observability.count(observability.BUGS)
        return False


def _tried(body: str, work: Callable[[str], None]) -> bool:
    try:
        work(body)
    except (TryAgain, Unavailable, BadRequest) as error:
        log.warning("message not settled", extra={"outcome": type(error).__name__, "reason": str(error)})
        return False
    return True
