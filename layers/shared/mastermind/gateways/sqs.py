"""Sending to a queue, without the SDK: an interaction waits for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.gateways import sigv4
from mastermind.gateways.kept_connection import KeptConnection

if TYPE_CHECKING:
    from mastermind.config import AwsSettings

ONE_TRY = 1.0  # seconds (docs/rules/awards.md, Tick); the sweep finds what could not be sent
TRIES = 2


class Queue:
    """SQS's SendMessage by its JSON protocol; not for several threads at once."""

    def __init__(self, url: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        if settings.credentials is None:
            raise ConfigError("AWS_ACCESS_KEY_ID", "is not set")
        self._queue_url = url
        self._region = settings.region
        self._credentials = settings.credentials
        self._connection = KeptConnection(settings.endpoint_url or url)

    def send(self, message: str, deadline: Deadline | None = None) -> None:
        """Put the message on the queue, at least once. Raises Unavailable when two tries or `deadline` did not."""
        body = json.dumps({"QueueUrl": self._queue_url, "MessageBody": message}).encode()
        deadline = deadline or Deadline.after(TRIES * ONE_TRY)
        failure = "there was no time to ask"
        for _ in range(TRIES):
            if deadline.passed:
                break
            failure = self._post(body, Deadline.after(min(ONE_TRY, deadline.remaining())))
            if not failure:
                return
        raise Unavailable(f"SQS did not take the message: {failure}")

    def close(self) -> None:
        """Hang up; the next `send` connects again."""
        self._connection.close()

    def _post(self, body: bytes, deadline: Deadline) -> str:
        return self._connection.ask("POST", "/", body, self._headers(body), deadline)

    def _headers(self, body: bytes) -> dict[str, str]:
        return sigv4.signed_headers(
            "POST",
            "/",
            {
                "Host": self._connection.host,
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AmazonSQS.SendMessage",
            },
            body,
            service="sqs",
            region=self._region,
            credentials=self._credentials,
            now=datetime.now(UTC),
        )
