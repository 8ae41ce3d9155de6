"""A real server in place of Discord's webhooks: accepts posts, and answers as scripted."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast

from devkit.discord_server.server import read_body
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from devkit.discord_server.records import Upload

TOKEN = "aB3_-" * 13 + "xyz"  # as long as Discord's

type Answer = Callable[[Request], None]


class Discord(LocalServer):
    """Keeps what was posted (path, headers, JSON) and the files of it; answers from `answers`, else 204."""

    def __init__(self) -> None:
        super().__init__(Request)
        self.posted: list[tuple[str, dict[str, str], Any]] = []
        self.files: list[Upload] = []
        self.answers: list[Answer] = []
        self.always: Answer = say(204)

    @property
    def webhook(self) -> str:
        return f"{self.url}/api/webhooks/1234567890/{TOKEN}"

    @property
    def messages(self) -> list[Any]:
        return [message for _, _, message in self.posted]


class Request(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def discord(self) -> Discord:
        return cast("Discord", self.server)

    def do_PATCH(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message, files = read_body(self.headers.get("Content-Type", ""), body)
        self.discord.files += files
        self.discord.posted.append((self.path, dict(self.headers), message))
        (self.discord.answers.pop(0) if self.discord.answers else self.discord.always)(self)


def say(status: int, body: object = None, **headers: str) -> Answer:
    """An answer with a body of JSON; `retry_after="2"` becomes the header Retry-After."""

    def answer(request: Request) -> None:
        written = b"" if body is None else json.dumps(body).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-").title(), value)
        if status != 204:
            request.send_header("Content-Length", str(len(written)))
        request.end_headers()
        request.wfile.write(written)

    return answer


def hang_up(request: Request) -> None:
    """No answer, and the connection is gone."""
    request.close_connection = True


def say_nothing(request: Request) -> None:
    """No answer for longer than anyone waits."""
    time.sleep(8)
    request.close_connection = True


@contextmanager
def discord() -> Generator[Discord]:
    """The stand-in, listening on this machine alone."""
    with serving(Discord()) as server:
        yield server
