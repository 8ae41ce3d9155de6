"""Runs a batch of SQS messages through Powertools' processor: a failing message never affects the others."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from mastermind import observability
from mastermind.errors import BadEvent, BadMessage, MessageRefused, OutcomeUnknown, TryAgain, Unavailable

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

    from mastermind.operations.outbox.rules import Delivery

log = logging.getLogger(__name__)

DELIVERIES = 3
"""After so many SQS leaves a message out of the age of its queue, on which there is an alarm: then we count it.

Source: "Available CloudWatch metrics for Amazon SQS", ApproximateAgeOfOldestMessage.
"""


def settle(
    event: Mapping[str, object], work: Callable[[str], None], *, are_held: bool = False, in_order: bool = False
) -> dict[str, object]:
    """Do `work` on each message's body; one that raises is returned to the queue, which delivers it again.

    `in_order` is for a FIFO queue: what follows in the same group is returned with it.

    One that was delivered often before counts as stuck, unless messages of this queue `are_held` in it on purpose.

    The result is a partial batch response (`ReportBatchItemFailures`); the queue moves what fails too often to its
    dead-letter queue. Raises BadEvent for an event that is no batch.
    """
    from aws_lambda_powertools.utilities import batch
    from aws_lambda_powertools.utilities.batch.exceptions import UnexpectedBatchTypeError

    processor = (
        batch.SqsFifoPartialProcessor(skip_group_on_error=True)
        if in_order
        else batch.BatchProcessor(batch.EventType.SQS)
    )
    processor.raise_on_entire_batch_failure = False
    process = batch.process_partial_response  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    try:
        return {**process(cast("dict[str, Any]", event), partial(_handle, work, are_held=are_held), processor)}
    except (KeyError, TypeError, ValueError, UnexpectedBatchTypeError) as error:
        raise BadEvent("the event is no batch of messages") from error


def deliveries(event: Mapping[str, object]) -> list[Delivery]:
    """The messages of a batch with what SQS knows of each; raises BadEvent for an event that is no batch."""
    from mastermind.operations.outbox.rules import Delivery

    try:
        return [
            Delivery(
                message_id=record["messageId"],
                receipt=record["receiptHandle"],
                body=record["body"],
                deliveries=int(record["attributes"]["ApproximateReceiveCount"]),
                first=int(record["attributes"]["ApproximateFirstReceiveTimestamp"]) / 1000,
                sent=int(record["attributes"]["SentTimestamp"]) / 1000,
            )
            for record in cast("Sequence[Any]", event["Records"])
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise BadEvent("the event is no batch of messages") from error


def staying(message_ids: Iterable[str]) -> dict[str, object]:
    """The partial batch response that leaves these messages in the queue."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in message_ids]}


def bodies(event: Mapping[str, object]) -> list[str]:
    """The messages' bodies, whatever else the event may be: `settle` refuses one that is no batch."""
    records = event.get("Records")
    found = [_body(record) for record in cast("list[object]", records)] if isinstance(records, list) else []
    return [body for body in found if body is not None]


def sent_by(event: Mapping[str, object], function: re.Pattern[str]) -> frozenset[str]:
    """The bodies that a function with such a name has sent.

    SQS says who sent a message: "<id of the role>:<name of the session>" (SQS API reference, ReceiveMessage). Lambda
    names a session after its function.
    """
    records = event.get("Records")
    found = [_sent(record) for record in cast("list[object]", records)] if isinstance(records, list) else []
    return frozenset(body for body, sender in found if function.fullmatch(sender.partition(":")[2]))


def _sent(record: object) -> tuple[str, str]:
    """A message's body and its sender, empty where they are not said."""
    match record:
        case {"body": str(body), "attributes": {"SenderId": str(sender)}}:
            return body, sender
        case _:
            return "", ""


def _body(record: object) -> str | None:
    match record:
        case {"body": str(body)}:
            return body
        case _:
            return None


def source(event: Mapping[str, object]) -> str:
    """The ARN of the queue that a batch is from; empty when it does not say."""
    records = cast("Sequence[Mapping[str, object]]", event.get("Records") or [{}])
    return str(records[0].get("eventSourceARN", ""))


def _handle(work: Callable[[str], None], record: SQSRecord, *, are_held: bool) -> None:
    """Do `work`, and log why it failed: what we foresaw as a warning, everything else as a bug."""
    with observability.correlated(message_id=record.message_id):
        try:
            work(record.body)
        except Exception as error:
            _note(error, record)
            if not are_held and _deliveries(record) > DELIVERIES:
                observability.count(observability.STUCK)
            raise


def _note(error: Exception, record: SQSRecord) -> None:
    match error:
        case TryAgain() | Unavailable() | OutcomeUnknown() | BadMessage() | MessageRefused():
            log.warning("message not settled", extra={"outcome": type(error).__name__, "reason": str(error)})
        case _:
            log.error("a message failed unexpectedly", exc_info=error, extra={"message_id": record.message_id})
            observability.count(observability.BUGS)


def _deliveries(record: SQSRecord) -> int:
    """How often the message was delivered, this time included."""
    return int(cast("Mapping[str, str]", record.get("attributes") or {}).get("ApproximateReceiveCount", "1"))
