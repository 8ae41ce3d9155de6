"""Posting to Discord's webhooks within Discord's rate limits: it waits and stops when Discord says so.

Source: "Execute Webhook" and "Rate Limits" in Discord's documentation.
"""

from __future__ import annotations

import json
import logging
import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from mastermind import __version__
from mastermind.deadline import Deadline
from mastermind.errors import MessageRefused, NoWebhook, TryAgain, Unavailable, WebhookGone
from mastermind.gateways import http

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.gateways.discord_api import Upload
    from mastermind.gateways.parameters import Parameters

log = logging.getLogger(__name__)

USER_AGENT = f"DiscordBot (https://discord.com/developers/docs/resources/webhook, {__version__})"
"""Discord wants a URL and a version; the game has no page of its own."""

JSON = "application/json"

TRIES = 3
ONE_TRY = 4.0  # seconds; a try given up too early may have posted all the same
LEAST = 0.3  # seconds without which no try is begun
PAUSE = 0.4  # seconds after the first failure, more or less; twice that after the second
GONE_FOR = 900.0  # seconds for which a webhook that Discord does not know is left alone
BLOCKED_FOR = 60.0  # seconds; a 429 that names none is of a blocked address, and each further request prolongs that
LONGEST_WAIT = 3600.0  # seconds; what Discord asks for beyond is asked for again
UNKNOWN = {301, 302, 307, 308, 401, 403, 404}
"""Discord does not know the webhook or its token; 10 000 such answers in ten minutes ban the caller's address."""

HOSTS = {"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"}
_AROUND = " \t\r\n<>()[]\"'`"
"""What people copy with a URL."""

_PATH = re.compile(r"(/api/(?:v\d+/)?webhooks/[\w-]+/[\w-]+)/?", flags=re.ASCII)
_LOCAL_PATH = re.compile(rf"(?P<secret>/[\w-]+)?{_PATH.pattern}", flags=re.ASCII)
_THREAD = re.compile(r"(?:.*&)?(thread_id=\d+)(?:&.*)?", flags=re.ASCII)


def webhook_url(text: str) -> str | None:
    """The URL of a webhook of Discord as it is called, from what somebody stored; None for anything else.

    Of a query only the thread is kept. On this machine a stand-in may take Discord's place, behind a secret of its own.
    """
    try:
        parts = urlsplit(text.strip(_AROUND))
        place, port = (parts.scheme, parts.hostname), parts.port
    except ValueError:
        return None
    is_local = place == ("http", "127.0.0.1") and port
    path = (_LOCAL_PATH if is_local else _PATH).fullmatch(parts.path)
    thread = _THREAD.fullmatch(parts.query)
    if path is None or parts.username or parts.password:
        return None
    query = f"?{thread[1]}" if thread else ""
    if is_local:
        return f"http://127.0.0.1:{port}{path[0].rstrip('/')}{query}"
    if place[0] != "https" or place[1] not in HOSTS or port not in {None, 443}:
        return None
    return f"https://{place[1].replace('discordapp', 'discord')}{path[1]}{query}"


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came back: a status (0 when nothing came), the seconds to wait, the trouble in words, a message's id."""

    status: int
    trouble: str
    retry_after: float = 0.0
    message_id: str = ""


class Webhooks:
    """Posts messages; keeps which webhook must not be called, and until when. Never shows a URL: it is a secret."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._left_alone: dict[str, tuple[float, Unavailable | TryAgain]] = {}

    def post(self, url: str, message: Mapping[str, object], deadline: Deadline, files: Sequence[Upload] = ()) -> str:
        """Post to a `webhook_url`; once if all goes well, and again when it is not known whether it arrived.

        Returns the message's id.

        Raises WebhookGone, TryAgain when Discord wants us to wait for longer than there is time, MessageRefused when it
        refuses the message, Unavailable when it does not answer as it should before `deadline`.
        """
        return self._send("POST", url, _body(message, files), deadline)

    def edit(self, url: str, message_id: str, message: Mapping[str, object], deadline: Deadline) -> None:
        """Replace a message of this webhook, which notifies nobody; raises as `post`, WebhookGone for a deleted one."""
        path, _, query = url.partition("?")
        self._send("PATCH", f"{path}/messages/{message_id}{query and f'?{query}'}", _body(message, ()), deadline)

    def _send(self, method: str, url: str, body: Body, deadline: Deadline) -> str:
        self._refuse_if_left_alone(url)
        trouble, pause = "there was no time to ask", 0.0
        for number in range(TRIES):
            self._sleep(min(pause, deadline.remaining()))
            if deadline.remaining() < LEAST:
                break
            answer = _ask(method, url, body, Deadline.after(min(ONE_TRY, deadline.remaining())))
            if answer.status in range(200, 300):
                return answer.message_id
            trouble, pause = answer.trouble, self._pause(url, answer, number, deadline)
        raise Unavailable(f"Discord did not take the message: {trouble}")

    def _refuse_if_left_alone(self, url: str) -> None:
        until, reason = self._left_alone.get(url, (0.0, None))
        if reason is not None and self._clock() < until:
            raise type(reason)(*reason.args)

    def _pause(self, url: str, answer: WebhookAnswer, number: int, deadline: Deadline) -> float:
        """Seconds before the next try; raises when there must be none."""
        if answer.status == 429:
            if answer.retry_after + LEAST > deadline.remaining():
                self._leave_alone(
                    url, answer.retry_after, TryAgain(f"Discord wants {answer.retry_after:.1f} s of rest")
                )
            return answer.retry_after
        if answer.status in UNKNOWN:
            log.error("Discord does not know the webhook; its URL must be replaced", extra={"status": answer.status})
            self._leave_alone(url, GONE_FOR, WebhookGone(f"Discord does not know the webhook: {answer.trouble}"))
        if answer.status in range(400, 500):
            raise MessageRefused(f"Discord refuses the message: {answer.trouble}")
        return PAUSE * 2**number * (0.5 + self._chance())

    def _leave_alone(self, url: str, seconds: float, reason: Unavailable | TryAgain) -> None:
        self._left_alone[url] = (self._clock() + seconds, reason)
        raise reason


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of Discord: its webhook's URL is the SecureString `name` in SSM."""

    parameters: Parameters
    name: str
    webhooks: Webhooks

    def post(self, message: Mapping[str, object], deadline: Deadline, files: Sequence[Upload] = ()) -> str:
        """As `Webhooks.post`; raises NoWebhook as well."""
        return self._at_present(lambda url: self.webhooks.post(url, message, deadline, files), deadline)

    def edit(self, message_id: str, message: Mapping[str, object], deadline: Deadline) -> None:
        """As `Webhooks.edit`; raises NoWebhook as well."""
        self._at_present(lambda url: self.webhooks.edit(url, message_id, message, deadline), deadline)

    def _at_present[T](self, ask: Callable[[str], T], deadline: Deadline) -> T:
        """With a webhook that Discord does not know any more it asks again with the one that has replaced it."""
        known = self._url(deadline)
        try:
            return ask(known)
        except WebhookGone:
            present = self._url(deadline, fresh=True)
            if present == known:
                raise
            return ask(present)

    def _url(self, deadline: Deadline, *, fresh: bool = False) -> str:
        stored = self.parameters.secret(self.name, deadline, fresh=fresh)
        if stored is None:
            raise NoWebhook(f"no webhook is stored as {self.name}")
        url = webhook_url(stored)
        if url is None:
            raise WebhookGone(f"what is stored as {self.name} is not the URL of a Discord webhook")
        return url


type Body = tuple[str, bytes]
"""A media type, and what is sent."""


def _body(message: Mapping[str, object], files: Sequence[Upload]) -> Body:
    if not files:
        return JSON, json.dumps(message).encode()
    from mastermind.gateways.discord_api import form  # few messages bring files

    return form(message, files)


def _ask(method: str, url: str, body: Body, deadline: Deadline) -> WebhookAnswer:
    """One try, with `wait`: only then does the answer say whether the message was saved."""
    waiting = f"{url}{'&' if '?' in url else '?'}wait=true"
    try:
        kind, sent = body
        response = http.send(method, waiting, sent, {"Content-Type": kind, "User-Agent": USER_AGENT}, deadline)
    except Unavailable as error:
        return WebhookAnswer(0, str(error))
    pause = _retry_after(response.headers.get("retry-after"), response.body)
    return WebhookAnswer(response.status, response.words, pause, _message_id(response.body))


def _message_id(said: bytes) -> str:
    """The id of the message that Discord has saved; empty when it does not say."""
    try:
        return str(cast("dict[str, object]", json.loads(said))["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def _retry_after(header: str | None, said: bytes) -> float:
    """Seconds to wait, from the header or else from the body; `BLOCKED_FOR` when neither says it."""
    for read in (lambda: header, lambda: cast("dict[str, object]", json.loads(said))["retry_after"]):
        try:
            seconds = float(str(read()))
        except (ValueError, KeyError, TypeError):
            continue
        if seconds >= 0:
            return min(seconds, LONGEST_WAIT)
    return BLOCKED_FOR
