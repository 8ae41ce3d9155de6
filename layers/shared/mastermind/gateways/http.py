"""The one HTTP client: it keeps a connection to one host, and no request waits beyond its deadline."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from mastermind.deadline import within
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

    from mastermind.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Response:
    """`headers` by names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def words(self) -> str:
        """Status and the beginning of the body, for a person."""
        return f"{self.status} {self.body[:300].decode(errors='replace')}"


class Client:
    """Requests to the host of a URL; not for several threads at once."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._connection = self._new_connection()

    @property
    def host(self) -> str:
        """As the header `Host` names it: with the port, if the URL has one."""
        return self._address.netloc

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Response:
        """Send one request, once. Raises Unavailable when no response comes before `deadline`, whatever the reason."""
        try:
            return self._exchange(method, path, body, headers, deadline)
        except (OSError, HTTPException) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None

    def close(self) -> None:
        """Close the connection; the next `send` connects again."""
        self._connection.close()

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Response:
        sock = self._connection.sock or self._connect(deadline)
        sock.settimeout(deadline.remaining())
        self._connection.request(method, path, body, dict(headers))
        sock.settimeout(deadline.remaining())
        response = self._connection.getresponse()
        return Response(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )

    def _connect(self, deadline: Deadline) -> socket:
        """Resolve, connect, shake hands: three waits under one deadline."""
        try:
            within(deadline, self._connection.connect)
        except TimeoutError:
            self._connection = self._new_connection()  # the old one may still be busy with the late attempt
            raise
        return cast("socket", self._connection.sock)

    def _new_connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        return kind(self._address.hostname or "", self._address.port, timeout=1.0)


def send(method: str, url: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline) -> Response:
    """One request on a connection of its own; raises Unavailable."""
    parts, client = urlsplit(url), Client(url)
    try:
        return client.send(
            method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers, deadline
        )
    finally:
        client.close()
