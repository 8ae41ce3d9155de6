"""The one HTTP client: it keeps a connection to one host, and no request waits beyond its deadline."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mastermind.deadline import within
from mastermind.errors import Unavailable
from mastermind.gateways import tls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

    from mastermind.deadline import Deadline
    from mastermind.gateways.tls import Trust


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
    """Requests to the host of a URL; not for several threads at once.

    A response of more than `largest` bytes is none; by default all of it is read.
    """

    def __init__(self, url: str, trust: Trust, largest: int | None = None) -> None:
        self._address = urlsplit(url)
        self._trust = trust
        self._largest = largest
        self._connection: HTTPConnection | None = None

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
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def abandon(self) -> None:
        """End a request that another thread waits for: it fails there."""
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(SHUT_RDWR)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Response:
        connection = self._connected(deadline)
        connection.sock.settimeout(deadline.remaining())
        connection.request(method, path, body, dict(headers))
        connection.sock.settimeout(deadline.remaining())
        response = connection.getresponse()
        headers_read = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, headers_read, self._body(response))

    def _body(self, response: HTTPResponse) -> bytes:
        if self._largest is None:
            return response.read()
        body = response.read(self._largest + 1)
        if len(body) > self._largest:
            raise HTTPException("the response is too large")
        return body

    def _connected(self, deadline: Deadline) -> HTTPConnection:
        """The connection; the server may have ended the one there was with its last response."""
        if self._connection is None or self._connection.sock is None:
            self._connection = self._connect(deadline)
        return self._connection

    def _connect(self, deadline: Deadline) -> HTTPConnection:
        try:
            return self._try_to_connect(deadline)
        except SSLCertVerificationError as error:
            if not self._trust.widen(error):
                raise
        return self._try_to_connect(deadline)

    def _try_to_connect(self, deadline: Deadline) -> HTTPConnection:
        """Resolve, connect, shake hands: three waits under one deadline."""
        connection = self._new_connection(deadline.remaining() / 2)  # so that a second address gets its turn
        within(deadline, connection.connect)
        return connection

    def _new_connection(self, patience: float) -> HTTPConnection:
        """`patience` is in seconds, for each wait and each address."""
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=patience, context=self._trust.context)
        return HTTPConnection(host, port, timeout=patience)


def send(method: str, url: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline) -> Response:
    """One request on a connection of its own; raises Unavailable."""
    parts, client = urlsplit(url), Client(url, tls.of_system())
    try:
        return client.send(
            method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers, deadline
        )
    finally:
        client.close()
