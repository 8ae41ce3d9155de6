"""A bucket of S3, without the SDK: an interaction waits for it. Objects are put, and links to them handed out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mastermind.gateways import sigv4
from mastermind.gateways.signed import SignedClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.config import AwsSettings
    from mastermind.deadline import Deadline


class Bucket:
    """S3's PutObject, and links that let others read; not for several threads at once.

    Keys are written as they are: letters, digits, and `-_.~/`.
    """

    def __init__(self, name: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        endpoint = urlsplit(settings.endpoint_url or f"https://{name}.s3.{settings.region}.amazonaws.com")
        self._root = f"{endpoint.scheme}://{endpoint.netloc}"
        # At AWS each bucket has a host of its own. The emulator's address has a secret, which no link may have.
        self._folder = f"/{name}" if settings.endpoint_url else ""
        self._base = f"{endpoint.path}{self._folder}"
        self._client = SignedClient("s3", self._root, settings)

    def put(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:
        """Store an object, instead of what was there. Raises Unavailable when two tries or `deadline` did not."""
        self._client.send("PUT", f"{self._base}/{key}", body, {**(headers or {}), **_hashed(body)}, deadline)

    def put_once(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:
        """Store an object, unless the key has one already: that one stays. Raises Unavailable, as `put`."""
        sent = {**(headers or {}), **_hashed(body), "If-None-Match": "*"}
        accepted = (HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED)
        self._client.send("PUT", f"{self._base}/{key}", body, sent, deadline, accepted)

    def link(self, key: str, expires: int, deadline: Deadline, *, now: datetime | None = None) -> str:
        """A URL at which anybody may read the object, for that many seconds from `now` (UTC); raises Unavailable."""
        path = f"{self._folder}/{key}"
        query = sigv4.presigned_query(
            "GET",
            self._client.host,
            path,
            {},
            service="s3",
            region=self._client.region,
            credentials=self._client.credentials(deadline),
            now=now or datetime.now(UTC),
            expires=expires,
            body_hash=sigv4.UNSIGNED,
        )
        return f"{self._root}{path}?{query}"

    def close(self) -> None:
        """Close the connection; the next `put` connects again."""
        self._client.close()


def _hashed(body: bytes) -> dict[str, str]:
    return {"X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest()}
