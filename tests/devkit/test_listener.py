"""The local cloud's servers accept requests from programs on this machine and from their own page, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from devkit.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def url() -> Iterator[str]:
    RECEIVED.clear()
    listener = Listener(_Answer, None)
    yield listener.url
    listener.stop()


def test_it_listens_on_this_machine_alone(url: str):
    assert httpx.URL(url).host == "127.0.0.1"


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
    ],
)
def test_a_page_on_another_origin_is_refused(url: str, method: str, headers: dict[str, str]):
    assert httpx.request(method, url, headers=headers, trust_env=False).status_code == 403
    assert not RECEIVED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_programs_and_its_own_page_are_accepted(url: str, method: str):
    for headers in ({}, {"Origin": url}):
        assert httpx.request(method, url, headers=headers, trust_env=False).status_code == 204
    assert [method, method] == RECEIVED
