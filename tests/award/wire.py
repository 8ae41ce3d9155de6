"""A wire to PostgreSQL that can be cut: after some statements, or when all is done and only the answer is missing."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from typing import Self

EXECUTE, READY = b"E", b"Z"  # of PostgreSQL's protocol: run a statement; the server has done all it was asked to


class Wire:
    """Stands between one client at a time and the server, on 127.0.0.1, and forwards whole messages."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._statements_left: int | None = None
        self._answers_are_lost = False
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()

    def cut_after(self, statements: int) -> None:
        """Let so many statements pass, then nothing."""
        self._statements_left = statements

    def lose_the_answer(self) -> None:
        """Let everything pass to the server; when it has done it all, let nothing pass back."""
        self._answers_are_lost = True

    def mend(self) -> None:
        """For every new connection."""
        self._statements_left, self._answers_are_lost = None, False

    def cut(self) -> None:
        """End the connection, on both sides."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends = []

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends = [client, server]
                Thread(target=self._ask, args=(client, server), daemon=True).start()
                Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, EOFError):
            server.sendall(_first_message(client))
            while True:
                kind, message = _message(client)
                if kind == EXECUTE and self._statements_left is not None:
                    if self._statements_left == 0:
                        break
                    self._statements_left -= 1
                server.sendall(message)
        self.cut()

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                kind, message = _message(server)
                if not self._answers_are_lost:
                    client.sendall(message)
                elif kind == READY:
                    break
        self.cut()


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
