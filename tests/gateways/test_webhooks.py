"""Posting to webhooks, against a real server that answers everything Discord may answer."""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING

import pytest

from mastermind import __version__
from mastermind.deadline import Deadline
from mastermind.errors import MessageRefused, TryAgain, Unavailable, WebhookGone
from mastermind.gateways import webhooks
from mastermind.gateways.webhooks import Webhooks
from tests.gateways.webhook_stand_in import TOKEN, discord, hang_up, say, say_nothing
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateways.webhook_stand_in import Answer, Discord

MESSAGE = {"content": "Alex has done 10 challenges", "allowed_mentions": {"parse": list[str]()}}
UNKNOWN = {"message": "Unknown Webhook", "code": 10015}


class Time:
    """A clock that moves when somebody sleeps, and remembers for how long."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)
            self.now += seconds


@pytest.fixture
def server() -> Iterator[Discord]:
    with discord() as server:
        yield server


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def client(clock: Time) -> Webhooks:
    return Webhooks(clock=clock, sleep=clock.sleep, chance=lambda: 0.5)


def soon(seconds: float = 8) -> Deadline:
    return Deadline.after(seconds)


@pytest.mark.parametrize("answer", [say(204), say(200, {"id": "1"})])
def test_a_message_is_posted_once_as_discord_wants_it(server: Discord, client: Webhooks, clock: Time, answer: Answer):
    server.answers = [answer]
    client.post(server.webhook, MESSAGE, soon())
    [(path, headers, message)] = server.posted
    assert path == f"/api/webhooks/1234567890/{TOKEN}?wait=true"
    assert message == MESSAGE
    assert headers["User-Agent"].startswith("DiscordBot (https://")
    assert headers["User-Agent"].endswith(f", {__version__})")
    assert headers["Content-Type"] == "application/json"
    assert clock.slept == []


def test_a_thread_of_the_channel_may_be_named(server: Discord, client: Webhooks):
    client.post(f"{server.webhook}?thread_id=42", MESSAGE, soon())
    assert server.posted[0][0].endswith("?thread_id=42&wait=true")


@pytest.mark.parametrize("trouble", [say(500), say(502, {"message": "bad"}), say(503), hang_up])
def test_what_discord_fails_at_is_tried_again_after_a_pause(
    server: Discord, client: Webhooks, clock: Time, trouble: Answer
):
    server.answers = [trouble, trouble]
    client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 3
    assert clock.slept == [webhooks.PAUSE, webhooks.PAUSE * 2]


def test_the_pauses_differ_by_chance(server: Discord, clock: Time):
    server.answers = [say(500), say(500)]
    Webhooks(clock=clock, sleep=clock.sleep, chance=lambda: 0.0).post(server.webhook, MESSAGE, soon())
    assert clock.slept == [webhooks.PAUSE / 2, webhooks.PAUSE]


def test_three_failed_tries_are_the_end_of_it(server: Discord, client: Webhooks):
    server.always = say(500)
    with pytest.raises(Unavailable, match="500"):
        client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 3


def test_the_next_message_is_tried_afresh_after_a_failure(server: Discord, client: Webhooks):
    server.answers = [say(500)] * 3
    with pytest.raises(Unavailable):
        client.post(server.webhook, MESSAGE, soon())
    client.post(server.webhook, MESSAGE, soon())


def test_a_server_that_says_nothing_is_not_waited_for_beyond_the_deadline(server: Discord, client: Webhooks):
    server.always = say_nothing

    def post() -> None:
        server.posted.clear()
        with pytest.raises(Unavailable, match="TimeoutError"):
            client.post(server.webhook, MESSAGE, soon(1))
        assert len(server.posted) == 1

    assert quickest(timed(post), 1.4) < 1.4


def test_a_server_that_says_nothing_once_is_asked_again(
    server: Discord, client: Webhooks, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(webhooks, "ONE_TRY", 1.0)
    server.answers = [say_nothing]
    client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 2


def test_without_time_nobody_is_asked(server: Discord, client: Webhooks):
    with pytest.raises(Unavailable, match="no time"):
        client.post(server.webhook, MESSAGE, soon(0))
    assert server.posted == []


def test_a_refused_connection_is_unavailable(client: Webhooks):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/webhooks/1/{TOKEN}"
        with pytest.raises(Unavailable, match="ConnectionRefused"):
            client.post(url, MESSAGE, soon())


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (say(429, {"retry_after": 9}, retry_after="2"), 2.0),
        (say(429, {"message": "You are being rate limited.", "retry_after": 1.25, "global": False}), 1.25),
    ],
)
def test_a_short_rest_that_discord_wants_is_kept(
    server: Discord, client: Webhooks, clock: Time, answer: Answer, seconds: float
):
    server.answers = [answer]
    client.post(server.webhook, MESSAGE, soon())
    assert clock.slept == [seconds]
    assert len(server.posted) == 2


def test_a_long_rest_goes_back_to_the_queue_and_nobody_asks_before_it_is_over(
    server: Discord, client: Webhooks, clock: Time
):
    server.answers = [say(429, retry_after="90")]
    begun = time.perf_counter()
    for _ in range(3):
        with pytest.raises(TryAgain, match=r"90\.0 s"):
            client.post(server.webhook, MESSAGE, soon())
    assert (len(server.posted), clock.slept) == (1, [])
    assert time.perf_counter() - begun < 60
    clock.now += 91
    client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 2


@pytest.mark.parametrize("answer", [say(429), say(429, "<html>", retry_after="soon"), say(429, {"retry_after": "NaN"})])
def test_who_blocks_us_without_saying_for_how_long_is_left_alone_for_a_minute(
    server: Discord, client: Webhooks, clock: Time, answer: Answer
):
    server.answers = [answer]
    for _ in range(3):
        with pytest.raises(TryAgain, match=r"60\.0 s"):
            client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 1
    clock.now += webhooks.BLOCKED_FOR + 1
    client.post(server.webhook, MESSAGE, soon())


def test_a_rest_beyond_all_reason_is_an_hour(server: Discord, client: Webhooks, clock: Time):
    server.answers = [say(429, retry_after="inf")]
    with pytest.raises(TryAgain):
        client.post(server.webhook, MESSAGE, soon())
    clock.now += 3601
    client.post(server.webhook, MESSAGE, soon())


@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_a_webhook_that_is_gone_is_left_alone_for_a_while_and_told_once(
    server: Discord, client: Webhooks, clock: Time, caplog: pytest.LogCaptureFixture, status: int
):
    server.answers = [say(status, UNKNOWN)]
    for _ in range(5):
        with pytest.raises(WebhookGone, match="Unknown Webhook"):
            client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    clock.now += webhooks.GONE_FOR + 1
    client.post(server.webhook, MESSAGE, soon())


def test_another_webhook_is_not_left_alone_with_it(server: Discord, client: Webhooks):
    server.answers = [say(404, UNKNOWN)]
    with pytest.raises(WebhookGone):
        client.post(server.webhook, MESSAGE, soon())
    client.post(f"{server.webhook}2", MESSAGE, soon())


def test_a_message_that_discord_refuses_is_not_tried_again(server: Discord, client: Webhooks):
    server.answers = [say(400, {"message": "Cannot send an empty message", "code": 50006})]
    with pytest.raises(MessageRefused, match="Cannot send an empty message"):
        client.post(server.webhook, MESSAGE, soon())
    assert len(server.posted) == 1


# --- what is a URL of a webhook ---

HOOK = f"https://discord.com/api/webhooks/1234567890/{TOKEN}"


@pytest.mark.parametrize(
    "stored",
    [
        HOOK,
        f"  {HOOK}\n",
        f"{HOOK}/",
        f"<{HOOK}>",
        f'"{HOOK}"',
        f"'{HOOK}'",
        f"`{HOOK}`",
        f"[{HOOK}]",
        f'"<{HOOK}/>"\r\n',
        f"{HOOK}?wait=true",
        f"{HOOK}/?wait=false&",
        HOOK.replace("discord.com", "Discord.com"),
        HOOK.replace("discord.com", "discordapp.com"),
        HOOK.replace("https://", "HTTPS://"),
        HOOK.replace("discord.com", "discord.com:443"),
    ],
)
def test_a_webhook_is_known_whatever_was_copied_with_it(stored: str):
    assert webhooks.webhook_url(stored) == HOOK


@pytest.mark.parametrize("query", ["thread_id=42", "wait=true&thread_id=42", "thread_id=42&wait=true"])
def test_of_a_query_the_thread_is_kept(query: str):
    assert webhooks.webhook_url(f"{HOOK}/?{query}") == f"{HOOK}?thread_id=42"


@pytest.mark.parametrize(
    "place",
    [
        "https://ptb.discord.com",
        "https://canary.discord.com",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/a-secret",
    ],
)
def test_discords_other_hosts_and_this_machine_have_webhooks_too(place: str):
    url = HOOK.replace("https://discord.com", place).replace("/api/", "/api/v10/")
    assert webhooks.webhook_url(f"{url}/") == url


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "https://",
        "https://discord.com/channels/1/2",
        "https://discord.com/api/webhooks/1234567890",
        f"webhooks/1/{TOKEN}",
        f"{HOOK} and more",
        f"{HOOK}\r\nX-More: header",
        f"{HOOK}/slack",
        f"{HOOK}/github",
        HOOK.replace("https://", "http://"),
        HOOK.replace("https://", "ftp://"),
        HOOK.replace("https://", "https://user:secret@"),
        HOOK.replace("discord.com", "discord.com.evil.example"),
        HOOK.replace("discord.com", "example.org"),
        HOOK.replace("discord.com", "discord.com:8443"),
        HOOK.replace("discord.com", "[discord.com"),
        HOOK.replace("/api", "/a pi"),
        HOOK.replace("/api", "/a-secret/api"),
        HOOK.replace("https://discord.com", "https://127.0.0.1:8080"),
        HOOK.replace("https://discord.com", "http://127.0.0.1"),
    ],
)
def test_what_is_no_url_of_a_webhook_is_none(stored: str):
    assert webhooks.webhook_url(stored) is None


@pytest.mark.parametrize("trouble", [say(429, retry_after="90"), say(404), say(500), say(400, {"x": 1}), hang_up])
def test_no_error_tells_the_url(server: Discord, client: Webhooks, trouble: Answer):
    server.always = trouble
    with pytest.raises((Unavailable, TryAgain, MessageRefused)) as caught:
        client.post(server.webhook, MESSAGE, soon())
    assert TOKEN not in repr(caught.value)
    assert "/api/webhooks" not in repr(caught.value)
