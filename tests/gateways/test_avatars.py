"""Members' pictures: fetched from one place, small, soon or not at all."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast, override

import pytest
from PIL import Image

from mastermind.deadline import Deadline
from mastermind.gateways.avatars import LARGEST, PATIENCE, Avatars
from mastermind.pictures.figures import Person
from tests.serving import LocalServer, Quiet, serving
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

HASH = "0123456789abcdef" * 2
NOVA, LENA = Person(101, "Nova", HASH), Person(102, "Lena", f"a_{HASH}")


def picture(width: int = 256, height: int = 256) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (93, 173, 226)).save(written, "PNG")
    return written.getvalue()


class Cdn(LocalServer):
    """A stand-in for Discord's CDN: keeps what was asked, answers as scripted."""

    def __init__(self, answer: Callable[[Request], None]) -> None:
        super().__init__(Request)
        self.answer, self.asked = answer, list[str]()

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Who does not want to wait hangs up."""


class Request(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = cast("Cdn", self.server)
        server.asked.append(self.path)
        server.answer(self)

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def cdn(answer: Callable[[Request], None]) -> Generator[Cdn]:
    with serving(Cdn(answer)) as server:
        yield server


def soon() -> Deadline:
    return Deadline.after(5)


def test_an_avatar_is_asked_for_by_id_and_hash_and_kept():
    with cdn(lambda request: request.send(picture())) as server:
        avatars = Avatars(server.url)
        assert avatars.of([NOVA, LENA], soon()) == {101: picture(), 102: picture()}
        assert avatars.of([NOVA, NOVA], soon()) == {101: picture()}
    assert server.asked == [f"/avatars/101/{HASH}.png?size=256", f"/avatars/102/a_{HASH}.png?size=256"]


@pytest.mark.parametrize("avatar", ["", "../../etc", HASH.upper(), f"{HASH}/x", f"b_{HASH}", "https://example.org/x"])
def test_nothing_but_a_hash_is_ever_asked_for(avatar: str):
    with cdn(lambda request: request.send(picture())) as server:
        assert Avatars(server.url).of([Person(1, "Nova", avatar)], soon()) == {}
    assert server.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a", b"<svg/>", picture(513), picture(256, 513), picture() + b"\0" * LARGEST],
    ids=["nothing", "gif", "svg", "wide", "tall", "too large"],
)
def test_what_is_no_small_png_is_left_out(body: bytes):
    with cdn(lambda request: request.send(body)) as server:
        assert Avatars(server.url).of([NOVA], soon()) == {}


@pytest.mark.parametrize("status", [301, 404, 429, 500])
def test_what_is_not_there_is_left_out_and_no_redirect_is_followed(status: int):
    with cdn(lambda request: request.send(picture(), status, Location="/elsewhere")) as server:
        assert Avatars(server.url).of([NOVA], soon()) == {}
        assert len(server.asked) == 1


def test_who_is_slow_costs_a_second_and_the_others_their_picture():
    def drip(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        for _ in range(100):  # each byte in time, all of them too late
            request.wfile.write(b"\x89")
            time.sleep(0.1)

    with cdn(drip) as server:
        found = list[object]()
        ask = partial(Avatars(server.url).of, [NOVA, LENA])
        assert quickest(timed(lambda: found.append(ask(soon()))), PATIENCE + 0.5) < PATIENCE + 0.5
        assert not any(found)


def test_one_failure_does_not_keep_the_next_picture_away():
    answers = [(b"", 500), (picture(), 200)]
    with cdn(lambda request: request.send(*answers.pop(0))) as server:
        assert Avatars(server.url).of([NOVA, LENA], soon()) == {102: picture()}


def test_without_a_server_there_are_initials():
    assert Avatars("http://127.0.0.1:9").of([NOVA], soon()) == {}
