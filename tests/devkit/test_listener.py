"""The local cloud's servers accept requests from programs on this machine and from their own page, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from devkit.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RECEIVED: list[str] = []


class _Answer(Request):
    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        RECEIVED.append(self.command)
        self.answer(204)

    def do_POST(self) -> None:  # noqa: N802 (the same)
        RECEIVED.append(self.command)
        self.body()
        self.answer(204)


@pytest.fixture
def listener() -> Iterator[Listener]:
    RECEIVED.clear()
    listener = Listener(_Answer, None)
    yield listener
    listener.stop()


def ask(method: str, url: str, headers: Mapping[str, str] | None = None) -> int:
    return httpx.request(method, url, headers=headers, trust_env=False, timeout=60).status_code


def test_it_listens_on_this_machine_alone(listener: Listener):
    assert httpx.URL(listener.url).host == "127.0.0.1"


@pytest.mark.parametrize("path", ["", "/", "//", "/secret", "/secret/", "/?", "/%2e%2e/", "/*"])
def test_who_does_not_know_the_secret_is_refused(listener: Listener, path: str):
    near = f"/{listener.secret[:-1]}"
    for address in (path, near, f"{near}/{listener.secret}", f"{near}//{listener.secret}/"):
        assert ask("GET", f"{listener.origin}{address}") == 403
    assert not RECEIVED


def test_a_server_comes_back_where_it_was(listener: Listener):
    port, secret, url = listener.port, listener.secret, listener.url
    with pytest.raises(OSError, match="in use"):
        Listener(_Answer, None, port=port, secret=secret)
    listener.stop()
    again = Listener(_Answer, None, port=port, secret=secret)
    try:
        assert ask("GET", f"{url}/") == 204
    finally:
        again.stop()


def test_each_server_has_a_secret_of_its_own(listener: Listener):
    other = Listener(_Answer, None)
    try:
        assert ask("GET", f"{other.origin}/{listener.secret}/") == 403
    finally:
        other.stop()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": ""},
        {"Host": "127.0.0.1"},
        {"Origin": "https://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_on_another_origin_is_refused(listener: Listener, method: str, headers: dict[str, str]):
    assert ask(method, listener.url, headers) == 403
    assert not RECEIVED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_programs_and_its_own_page_are_accepted(listener: Listener, method: str):
    for headers in ({}, {"Origin": listener.origin, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert ask(method, listener.url, headers) == 204
    assert [method] * 3 == RECEIVED
