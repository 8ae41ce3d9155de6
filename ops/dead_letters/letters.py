"""The messages of a dead-letter queue: read so that they stay, sent back to their queue, deleted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from ops import queries
from ops.dlqs import BACK_TO
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from devkit.json_types import Json
    from ops.target import Target

HIDDEN = 60
"""The visibility timeout, in seconds, of a message that is being read or moved."""

AT_ONCE = 10
"""Messages that SQS gives or takes in one call (SQS API reference, ReceiveMessage)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A received message. `receipt` is what deletes it; `group` is that of a FIFO queue, else empty."""

    id: str
    receipt: str
    body: str
    sent_at: datetime
    group: str
    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Letter:
        system = message.get("Attributes", {})
        return cls(
            id=message["MessageId"],
            receipt=message["ReceiptHandle"],
            body=message["Body"],
            sent_at=datetime.fromtimestamp(int(system.get("SentTimestamp", 0)) / 1000, UTC),
            group=system.get("MessageGroupId", ""),
            attributes=message.get("MessageAttributes", {}),
        )

    @property
    def words(self) -> Mapping[str, str]:
        """Its attributes that are text."""
        return {name: one["StringValue"] for name, one in self.attributes.items() if "StringValue" in one}

    @property
    def again(self) -> Json:
        """What SendMessage takes beside the URL to send it once more."""
        sent: Json = {"MessageBody": self.body}
        if self.attributes:
            sent["MessageAttributes"] = self.attributes
        if self.group:
            sent |= {"MessageGroupId": self.group, "MessageDeduplicationId": self.id}
        return sent


class DeadLetters:
    """One dead-letter queue of a game, by its name in the template."""

    def __init__(self, target: Target, name: str) -> None:
        self.name = name
        self._target, self._sqs = target, target.client("sqs")
        self._url = queries.dead_letter_queues(target).get(name, "")
        if not self._url:
            raise TargetError(f"{target} has no queue {name}: it was deployed by another version, or not completely")

    def count(self) -> int:
        return queries.depth(self._target, self._url)

    def look(self, most: int) -> list[Letter]:
        """Up to so many messages, the oldest first; all of them can be received again at once."""
        found: dict[str, Letter] = {}
        try:
            for some in self._received(most):
                if not {one.id for one in some} - found.keys():
                    break
                found |= {one.id: one for one in some}
        finally:
            self.release(list(found.values()))
        return sorted(found.values(), key=lambda one: one.sent_at)[:most]

    def take(self) -> Iterator[Letter]:
        """Each message that is there now, hidden from others for HIDDEN seconds; it stays unless it is deleted."""
        for some in self._received(self.count()):
            yield from some

    def send_back(self, letter: Letter) -> None:
        """Send it to its queue and delete it here. Stopped between the two it is delivered twice, and done once."""
        url = self._target.output(f"{BACK_TO[self.name]}Url")
        call_aws(lambda: self._sqs.send_message(QueueUrl=url, **letter.again))
        self.delete(letter)

    def delete(self, letter: Letter) -> None:
        call_aws(lambda: self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt))

    def release(self, letters: Sequence[Letter]) -> None:
        """Let them be received again at once. What could not be released is free after HIDDEN seconds anyway."""
        for some in batched(letters, AT_ONCE, strict=False):
            entries = [
                {"Id": str(nth), "ReceiptHandle": one.receipt, "VisibilityTimeout": 0} for nth, one in enumerate(some)
            ]
            with suppress(TargetError):
                call_aws(lambda entries=entries: self._release(entries))

    def _release(self, entries: list[Json]) -> None:
        self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def _received(self, most: int) -> Iterator[list[Letter]]:
        left = most
        while left > 0 and (found := [Letter.of(one) for one in self._receive()]):
            yield found
            left -= len(found)

    def _receive(self) -> list[Any]:
        found = call_aws(
            lambda: self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["MessageGroupId", "SentTimestamp"],
            )
        )
        return found.get("Messages", [])
