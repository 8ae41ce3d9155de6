"""Real servers in place of others: on a free port of this machine, in threads of their own, without a log."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from http.server import BaseHTTPRequestHandler


class LocalServer(ThreadingHTTPServer):
    """Answers with the given class, and does not wait for answers that nobody waits for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Quiet:
    """A request of which nothing is printed."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is theirs)
        """Say nothing."""


@contextmanager
def serving[Server: LocalServer](server: Server) -> Generator[Server]:
    """The server, listening until the block ends."""
    with server:
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
