"""Queues for functions that may wait for the SDK: how full they are, and sending to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mastermind.errors import Unavailable
from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.deadline import Deadline

VISIBLE, IN_FLIGHT = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a queue wait, and how many are being worked on; SQS calls both approximate."""

    visible: int
    in_flight: int


class Sqs(Protocol):
    """SQS, as far as it is needed."""

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Sequence[Any]) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words
    def send_message(self, *, QueueUrl: str, MessageBody: str, **fifo: str) -> object: ...  # noqa: N803
    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: Sequence[Any]) -> Mapping[str, Any]: ...  # noqa: N803


class Queues:
    """Queues by their URLs."""

    def __init__(self, sqs: Sqs) -> None:
        self._sqs = sqs

    def depths(self, urls: Sequence[str], deadline: Deadline) -> dict[str, Depth]:
        """How full each is, by the last part of its URL; raises Unavailable."""
        return {url.rpartition("/")[2]: self._depth(url, deadline) for url in urls}

    def send(self, url: str, body: str, deadline: Deadline) -> None:
        """Send a message; raises Unavailable."""
        asked("SQS", lambda: self._sqs.send_message(QueueUrl=url, MessageBody=body), deadline)

    def send_in_order(self, url: str, body: str, group: str, once: str, deadline: Deadline) -> None:
        """Send to a FIFO queue, which takes `once` only once in five minutes; raises Unavailable."""
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": once}
        asked("SQS", lambda: self._sqs.send_message(QueueUrl=url, MessageBody=body, **fifo), deadline)

    def hide(self, url: str, receipts: Sequence[str], seconds: int, deadline: Deadline) -> None:
        """Hide at most ten received messages for so many seconds from now; raises Unavailable if one stays visible."""
        entries = [
            {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": seconds} for n, receipt in enumerate(receipts)
        ]
        answer = asked(
            "SQS", lambda: self._sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries), deadline
        )
        if failed := answer.get("Failed"):
            raise Unavailable(f"SQS does not hide {len(failed)} of {len(entries)} messages")

    def _depth(self, url: str, deadline: Deadline) -> Depth:
        found = asked(
            "SQS",
            lambda: self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[VISIBLE, IN_FLIGHT]),
            deadline,
        )["Attributes"]
        return Depth(int(found[VISIBLE]), int(found[IN_FLIGHT]))


def queues() -> Queues:
    """The real ones."""
    return Queues(client("sqs"))
