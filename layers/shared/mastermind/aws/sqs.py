"""Sending to a queue, without the SDK: an interaction waits for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from mastermind.aws import sigv4
from mastermind.deadline import Deadline, within
from mastermind.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from socket import socket

    from mastermind.config import AwsSettings

ONE_TRY = 1.0  # seconds (award, Flow); the sweep finds what could not be sent
TRIES = 2


class Queue:
    """SQS's SendMessage by its JSON protocol over one connection that is kept; not for several threads at once."""

    def __init__(self, url: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        if settings.credentials is None:
            raise ConfigError("AWS_ACCESS_KEY_ID", "is not set")
        self._queue_url = url
        self._endpoint = urlsplit(settings.endpoint_url or self._queue_url)
        self._region = settings.region
        self._credentials = settings.credentials
        self._connection = self._new_connection()

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
        """One try: what went wrong, or an empty text."""
        try:
            status, answer = self._exchange(body, deadline)
        except (OSError, HTTPException) as error:
            self.close()
            return repr(error)
        return "" if status == HTTPStatus.OK else f"{status} {answer[:300].decode(errors='replace')}"

    def _exchange(self, body: bytes, deadline: Deadline) -> tuple[int, bytes]:
        sock = self._connection.sock or self._connect(deadline)
        sock.settimeout(deadline.remaining())
        self._connection.request("POST", "/", body, self._headers(body))
        sock.settimeout(deadline.remaining())
        response = self._connection.getresponse()
        return response.status, response.read()

    def _connect(self, deadline: Deadline) -> socket:
        """Resolve, connect, shake hands: three waits under one deadline."""
        try:
            within(deadline, self._connection.connect)
        except TimeoutError:
            self._connection = self._new_connection()  # the old one may still be busy with the late attempt
            raise
        return cast("socket", self._connection.sock)

    def _new_connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._endpoint.scheme == "https" else HTTPConnection
        return kind(self._endpoint.hostname or "", self._endpoint.port, timeout=ONE_TRY)

    def _headers(self, body: bytes) -> dict[str, str]:
        return sigv4.signed_headers(
            "POST",
            "/",
            {
                "Host": self._endpoint.netloc,
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AmazonSQS.SendMessage",
            },
            body,
            service="sqs",
            region=self._region,
            credentials=self._credentials,
            now=datetime.now(UTC),
        )
