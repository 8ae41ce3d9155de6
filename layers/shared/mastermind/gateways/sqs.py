"""Sending to a queue of SQS, without the SDK: an interaction waits for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mastermind.deadline import Deadline
from mastermind.gateways.signed import SignedClient

if TYPE_CHECKING:
    from mastermind.config import AwsSettings

PATIENCE = 2.0
"""Seconds for both tries; the sweep finds the award whose message could not be sent (docs/rules/awards.md)."""

HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}


class Queue:
    """SQS's SendMessage by its JSON protocol; not for several threads at once."""

    def __init__(self, url: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        self._queue_url, self._path = url, f"{urlsplit(settings.endpoint_url or '').path}/"
        self._client = SignedClient("sqs", settings.endpoint_url or url, settings)

    def send(self, message: str, deadline: Deadline | None = None) -> None:
        """Put the message on the queue, at least once. Raises Unavailable when two tries fail or `deadline` passes."""
        self._send({"MessageBody": message}, deadline)

    def send_in_order(self, message: str, group: str, once: str, deadline: Deadline) -> None:
        """As `send`, to a FIFO queue: in the order of its group; the queue takes `once` only once in five minutes."""
        self._send({"MessageBody": message, "MessageGroupId": group, "MessageDeduplicationId": once}, deadline)

    def _send(self, fields: dict[str, str], deadline: Deadline | None) -> None:
        body = json.dumps({"QueueUrl": self._queue_url, **fields}).encode()
        seconds = min(PATIENCE, deadline.remaining()) if deadline else PATIENCE
        self._client.send("POST", self._path, body, HEADERS, Deadline.after(seconds))

    def close(self) -> None:
        """Close the connection; the next `send` connects again."""
        self._client.close()
