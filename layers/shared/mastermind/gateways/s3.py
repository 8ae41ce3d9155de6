"""A bucket, without the SDK: an interaction waits for it. Objects are put, and links to them handed out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.gateways import sigv4
from mastermind.gateways.kept_connection import KeptConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.config import AwsSettings

TRIES = 2


class Bucket:
    """S3's PutObject, and links that let others read; not for several threads at once.

    Keys are written as they are: letters, digits, and `-_.~/`.
    """

    def __init__(self, name: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        if settings.credentials is None:
            raise ConfigError("AWS_ACCESS_KEY_ID", "is not set")
        self._root, self._base = _address(name, settings)
        self._region = settings.region
        self._credentials = settings.credentials
        self._connection = KeptConnection(self._root)

    def put(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:
        """Store an object, instead of what was there. Raises Unavailable when two tries or `deadline` did not."""
        failure = "there was no time to ask"
        for tries_left in range(TRIES, 0, -1):
            if deadline.passed:
                break
            failure = self._put(key, body, headers or {}, Deadline.after(deadline.remaining() / tries_left))
            if not failure:
                return
        raise Unavailable(f"S3 did not take the object: {failure}")

    def link(self, key: str, expires: int, *, now: datetime | None = None) -> str:
        """A URL by which whoever holds it may read the object, for that many seconds from `now` (UTC)."""
        path = f"{self._base}/{key}"
        query = sigv4.presigned_query(
            "GET",
            self._connection.host,
            path,
            {},
            service="s3",
            region=self._region,
            credentials=self._credentials,
            now=now or datetime.now(UTC),
            expires=expires,
            body_hash=sigv4.UNSIGNED,
        )
        return f"{self._root}{path}?{query}"

    def close(self) -> None:
        """Hang up; the next `put` connects again."""
        self._connection.close()

    def _put(self, key: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> str:
        path = f"{self._base}/{key}"
        return self._connection.ask("PUT", path, body, self._signed(path, body, headers), deadline)

    def _signed(self, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        return sigv4.signed_headers(
            "PUT",
            path,
            {**headers, "Host": self._connection.host, "X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest()},
            body,
            service="s3",
            region=self._region,
            credentials=self._credentials,
            now=datetime.now(UTC),
        )


def _address(name: str, settings: AwsSettings) -> tuple[str, str]:
    """Scheme and host, and the path of the bucket there: none at AWS, where each bucket has a host of its own."""
    if settings.endpoint_url:
        return settings.endpoint_url.rstrip("/"), f"/{name}"
    return f"https://{name}.s3.{settings.region}.amazonaws.com", ""
