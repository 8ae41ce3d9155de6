"""A wire to PostgreSQL that can be cut: after some statements, or when all is done and only the answer is missing."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from typing import Self

# Of PostgreSQL's protocol: run a statement; end a series of statements; the server has done all of the series.
EXECUTE, SYNC, READY = b"E", b"S", b"Z"


class Wire:
    """Stands between one client at a time and the server, on 127.0.0.1, and forwards whole messages."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._threads: list[Thread] = []
        self._statements_left: int | None = None
        self._answers_are_lost = False
        self._restores_itself = False
        self._everything_is_sent = False
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut_after(self, statements: int) -> None:
        """Let so many statements pass, then nothing."""
        self._statements_left = statements

    def lose_the_answer(self, *, once: bool = False) -> None:
        """Let everything pass to the server; when it has done it all, let nothing pass back.

        What the client reads before it has sent everything passes: it decides what it sends next. If that happens
        `once`, the next connection is a good one.
        """
        self._answers_are_lost, self._restores_itself = True, once

    def restore(self) -> None:
        """For every new connection."""
        self._statements_left, self._answers_are_lost, self._everything_is_sent = None, False, False

    def cut(self) -> None:
        """End the connection, on both sides; nothing of it runs any more when this returns."""
        _shut_down(*self._ends)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()
        self._ends, self._threads = [], []

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.cut()
                if self._restores_itself and self._everything_is_sent:
                    self.restore()
                server = socket.create_connection(self._server)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends = [client, server]
                self._threads = [
                    Thread(target=self._ask, args=(client, server), daemon=True),
                    Thread(target=self._answer, args=(server, client), daemon=True),
                ]
                for thread in self._threads:
                    thread.start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, EOFError):
            server.sendall(_first_message(client))
            while True:
                kind, message = _message(client)
                if kind == EXECUTE and self._statements_left is not None:
                    if self._statements_left == 0:
                        break
                    self._statements_left -= 1
                if kind == SYNC and self._answers_are_lost:
                    self._everything_is_sent = True
                server.sendall(message)
        _shut_down(client, server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                kind, message = _message(server)
                if not self._everything_is_sent:
                    client.sendall(message)
                elif kind == READY:
                    break
        _shut_down(client, server)


def _shut_down(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _first_message(end: socket.socket) -> bytes:
    """The start of a connection is the one message without a kind."""
    length = _exactly(end, 4)
    return length + _exactly(end, int.from_bytes(length) - 4)


def _message(end: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(end, 5)
    return head[:1], head + _exactly(end, int.from_bytes(head[1:]) - 4)


def _exactly(end: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = end.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
