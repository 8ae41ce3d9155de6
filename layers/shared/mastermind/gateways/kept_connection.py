"""One connection to a service of AWS's, kept between calls and bounded by deadlines: an interaction waits for it."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from mastermind.deadline import within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

    from mastermind.deadline import Deadline


class KeptConnection:
    """Speaks HTTP to the host of a URL; not for several threads at once."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._connection = self._new_connection()

    @property
    def host(self) -> str:
        """As the header `Host` names it: with the port, if the URL has one."""
        return self._address.netloc

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> str:
        """Try it once: what went wrong, or an empty text."""
        try:
            status, answer = self._exchange(method, path, body, headers, deadline)
        except (OSError, HTTPException) as error:
            self.close()
            return repr(error)
        return "" if status == HTTPStatus.OK else f"{status} {answer[:300].decode(errors='replace')}"

    def close(self) -> None:
        """Hang up; the next `ask` connects again."""
        self._connection.close()

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> tuple[int, bytes]:
        sock = self._connection.sock or self._connect(deadline)
        sock.settimeout(deadline.remaining())
        self._connection.request(method, path, body, dict(headers))
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
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        return kind(self._address.hostname or "", self._address.port, timeout=1.0)
