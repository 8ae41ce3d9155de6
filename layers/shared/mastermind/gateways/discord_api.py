"""Discord's REST API: one request and its answer, of any kind, and the rate limits in its headers.

Source: "Rate Limits" and "Reference" in Discord's documentation.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from mastermind import __version__
from mastermind.errors import Unavailable
from mastermind.gateways import tls
from mastermind.gateways.http import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.deadline import Deadline
    from mastermind.json_types import Json

USER_AGENT = f"DiscordBot (https://discord.com/developers/docs, {__version__})"

BLOCKED_FOR = 60.0
"""Seconds; a 429 without Discord's own body is of a blocked address, and each further request prolongs that."""

LONGEST_WAIT = 3600.0
"""Seconds; what Discord asks for beyond is asked for again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is 0 when nothing came: then nobody knows whether the request took effect."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Json = field(default_factory=dict[str, object])

    @property
    def is_done(self) -> bool:
        return self.status in range(200, 300)

    @property
    def is_lost(self) -> bool:
        """Whether it may have taken effect, and may not."""
        return self.status == 0 or self.status >= 500

    @property
    def code(self) -> int:
        """Discord's own number for an error, 0 for none."""
        found = self.said("code")
        return found if isinstance(found, int) else 0

    def said(self, key: str) -> object:
        """A value of the body."""
        return self.body.get(key)

    def id(self, key: str = "id") -> int:
        """A snowflake of the body, 0 for none."""
        found = str(self.said(key) or "")
        return int(found) if found.isascii() and found.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Patience:
    """What a 429 asks for. `of_address`: it holds for every request from this address; then it is Cloudflare's."""

    seconds: float
    scope: str

    @property
    def of_address(self) -> bool:
        return self.scope == "address"

    @property
    def counts(self) -> bool:
        """Whether Discord counts it towards a block of our address; what is shared by all bots it does not."""
        return self.scope != "shared"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a request; the request's `attachments` name it by its position."""

    name: str
    kind: str
    content: bytes


def patience_of(answer: Answer) -> Patience:
    """How long a 429 wants us to wait, from its header or else its body."""
    is_discords = answer.said("retry_after") is not None
    asked = (_seconds(answer.said("retry_after")), _seconds(answer.headers.get("retry-after")))
    known = [seconds for seconds in asked if seconds is not None]
    if not is_discords:
        return Patience(min(max([*known, BLOCKED_FOR]), LONGEST_WAIT), "address")
    is_global = answer.said("global") is True or "x-ratelimit-global" in answer.headers
    scope = "global" if is_global else answer.headers.get("x-ratelimit-scope", "user")
    return Patience(min(max([*known, 0.0]), LONGEST_WAIT), scope)


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


class Limits:
    """What the headers of answers said: how long each route has to wait before its next request."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, str] = {}
        self._full: dict[tuple[str, str], float] = {}

    def wait(self, route: str, place: str) -> float:
        """Seconds until the route may be used again; `place` is the channel or server that its limit is of."""
        return max(0.0, self._full.get((self._buckets.get(route, route), place), 0.0) - self._clock())

    def note(self, route: str, place: str, headers: Mapping[str, str]) -> None:
        bucket, after = headers.get("x-ratelimit-bucket"), _seconds(headers.get("x-ratelimit-reset-after"))
        if bucket is None or after is None:
            return
        self._buckets[route] = bucket
        if headers.get("x-ratelimit-remaining") == "0":
            self._full[bucket, place] = self._clock() + min(after, LONGEST_WAIT)
        now = self._clock()
        self._full = {key: until for key, until in self._full.items() if until > now}


class DiscordApi:
    """Sends requests on one connection; not for several threads at once. It shows and logs no path: some are secrets.

    `url` is up to the version, such as https://discord.com/api/v10.
    """

    def __init__(self, url: str) -> None:
        self._client, self._base = Client(url, tls.of_system()), urlsplit(url).path.rstrip("/")

    def ask(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        body: object = None,
        *,
        bot_token: str | None = None,
        reason: str = "",
        files: Sequence[Upload] = (),
    ) -> Answer:
        """Ask once. `reason` stands in Discord's audit log."""
        kind, sent = form(body, files) if files else ("application/json", _json(body))
        headers = {"User-Agent": USER_AGENT, "Content-Type": kind}
        if bot_token:
            headers["Authorization"] = f"Bot {bot_token}"
        if reason:
            headers["X-Audit-Log-Reason"] = quote(reason[:400], safe=" ")[:512]
        try:
            got = self._client.send(method, f"{self._base}{path}", sent, headers, deadline)
        except Unavailable:
            return Answer(0)
        return Answer(got.status, got.headers, _read(got.body))

    def close(self) -> None:
        """Close the connection; the next `ask` connects again."""
        self._client.close()


def _json(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def form(body: object, files: Sequence[Upload]) -> tuple[str, bytes]:
    """The media type and the bytes of a form: the JSON in the field `payload_json`, the files in `files[0]` ..."""
    from urllib3.filepost import encode_multipart_formdata  # few requests bring files

    uploads = {f"files[{place}]": (file.name, file.content, file.kind) for place, file in enumerate(files)}
    form, kind = encode_multipart_formdata({"payload_json": _json(body), **uploads})
    return kind, form


def _read(body: bytes) -> Json:
    """A JSON object; an empty one for anything else, such as Cloudflare's HTML."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}
