"""The stand-in's HTTP: Discord's paths, its authorization, its errors and its rate limits' headers."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from devkit.discord_server import portal
from devkit.discord_server.portal import Application, way
from devkit.discord_server.records import Refused, Upload
from devkit.discord_server.trouble import Script, Trouble, limited
from devkit.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_server.community import Community
    from devkit.json_types import Json

API = "/api/v10"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; `numbers` are the ids in its path, in their order."""

    community: Community
    application: Application
    numbers: tuple[int, ...]
    body: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


class DiscordServer:
    """Discord's API at `url`, for bots that have one of the `tokens`; `limit` holds for each route by itself."""

    def __init__(self, community: Community, *tokens: str, limit: Limit | None = None) -> None:
        self.community, self.tokens, self.limit, self.script = community, set(tokens), limit, Script()
        self.main = Application(community.bot_id, "Mastermind", guilds={community.guild_id: community.name})
        self.applications: dict[str, Application] = {}
        self.reach: Callable[[str], str] = lambda url: url
        self.requests: deque[tuple[str, str]] = deque(maxlen=10_000)
        self.invalid = 0  # answers of 401, 403 and 429, as Discord counts them before it blocks an address
        self._used: defaultdict[str, deque[float]] = defaultdict(deque)
        self._listener = Listener(_Request, self)

    @property
    def url(self) -> str:
        """What a client takes for https://discord.com/api/v10; it has the secret of this server."""
        return f"{self._listener.url}{API}"

    def stop(self) -> None:
        self._listener.stop()

    def application(self, token: str) -> Application | None:
        """Whose bot has that token; those of `tokens` are the community's own bot's."""
        return self.main if token in self.tokens else self.applications.get(token)

    def asked(self, method: str, path: str = "") -> int:
        """How many requests of that method had such a path."""
        return sum(it[0] == method and path in it[1] for it in self.requests)

    def use(self, route: str, now: float) -> tuple[int, float]:
        """Count a request: how many more are allowed at once (-1: this one is too many), and when all are again."""
        if self.limit is None:
            return 1_000, 0.0
        used = self._used[route]
        while used and used[0] <= now - self.limit.seconds:
            used.popleft()
        after = used[0] + self.limit.seconds - now if used else self.limit.seconds
        if len(used) >= self.limit.requests:
            return -1, after
        used.append(now)
        return self.limit.requests - len(used), after


class _Request(Request):
    @property
    def owner(self) -> DiscordServer:
        owner = super().owner
        assert isinstance(owner, DiscordServer)
        return owner

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        self._serve("GET")

    def do_POST(self) -> None:  # noqa: N802 (the same)
        self._serve("POST")

    def do_PUT(self) -> None:  # noqa: N802 (the same)
        self._serve("PUT")

    def do_PATCH(self) -> None:  # noqa: N802 (the same)
        self._serve("PATCH")

    def do_DELETE(self) -> None:  # noqa: N802 (the same)
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        body, path = self.body(), self.path.partition("?")[0].removeprefix(API)
        self.owner.requests.append((method, path))
        left, after = self.owner.use(f"{method} {path}", time.time())
        trouble = limited(after) if left < 0 else self.owner.script.take(method, path)
        if trouble is not None:
            return self._suffer(trouble, method, path, body)
        status, said = self._do(method, path, body)
        return self._say(status, b"" if said is None else json.dumps(said).encode(), self._limits(path, left, after))

    def _suffer(self, trouble: Trouble, method: str, path: str, body: bytes) -> None:
        if trouble.done:
            self._do(method, path, body)
        if trouble.status == 0:
            time.sleep(trouble.silence)
            self.close_connection = True
            return
        self._say(trouble.status, trouble.body, dict(trouble.headers))

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        if status in {401, 403, 429} and headers.get("X-RateLimit-Scope") != "shared":
            self.owner.invalid += 1
        self.answer(status, body, headers)

    def _limits(self, path: str, left: int, after: float) -> dict[str, str]:
        if self.owner.limit is None:
            return {}
        return {
            "X-RateLimit-Limit": str(self.owner.limit.requests),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": f"bucket of {path}",
        }

    def _do(self, method: str, path: str, body: bytes) -> tuple[int, object]:
        """What becomes of a request that meets no trouble."""
        try:
            said, files = read_body(self.headers.get("Content-Type", ""), body)
            self.owner.community.files.take(said, files)
            return (
                self._of_answers(method, path, said)
                or self._of_webhook(method, path, said)
                or self._of_bot(method, path, said)
            )
        except ValueError:
            return 400, {"message": "The request body contains invalid JSON.", "code": 50109}
        except Refused as refused:
            return refused.status, refused.body

    def _of_answers(self, method: str, path: str, body: Json) -> tuple[int, object] | None:
        """An answer to an interaction, which anybody who knows its token can read and edit."""
        match, community = ANSWERS.fullmatch(f"{method} {path}"), self.owner.community
        if match is None:
            return None
        if method == "GET":
            return 200, community.original(match["application"], match["token"]).message
        return 200, community.edit_original(match["application"], match["token"], body)

    def _of_webhook(self, method: str, path: str, body: Json) -> tuple[int, object] | None:
        """What anybody may do who knows the URL of a webhook."""
        match = portal.WEBHOOK.fullmatch(f"{method} {path}")
        if match is None:
            return None
        return 200, portal.call_webhook(self.owner.community, method, int(match["id"]), match["token"], body)

    def _of_bot(self, method: str, path: str, body: Json) -> tuple[int, object]:
        application = self.owner.application(self._token())
        if application is None:
            return 401, {"message": "401: Unauthorized", "code": 0}
        for known, visit in portal.ROUTES:
            if match := known.fullmatch(f"{method} {path}"):
                numbers = tuple(int(each) for each in match.groups())
                said = visit(portal.Visit(self.owner.community, application, numbers, body, self.owner.reach))
                return (204, None) if said is None else (200, said)
        for known, work in ROUTES:
            if match := known.fullmatch(f"{method} {path}"):
                numbers = tuple(int(each) for each in match.groups())
                reason = unquote(self.headers.get("X-Audit-Log-Reason", ""))
                said = work(Asked(self.owner.community, application, numbers, body, reason))
                return (204, None) if said is None else (200, said)
        return 404, {"message": "404: Not Found", "code": 0}

    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bot ")


def read_body(kind: str, body: bytes) -> tuple[Json, list[Upload]]:
    """The JSON of a request and the files that came along, by their positions; raises ValueError."""
    if not kind.startswith("multipart/form-data"):
        return cast("Json", json.loads(body or b"{}")), []
    form = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + body, policy=HTTP)
    parts = list(form.iter_parts())
    said = next(part for part in parts if part.get_param("name", header="content-disposition") == "payload_json")
    files = [
        Upload(part.get_filename() or "", part.get_content_type(), cast("bytes", part.get_payload(decode=True)))
        for part in parts
        if part is not said
    ]
    return cast("Json", json.loads(cast("bytes", said.get_payload(decode=True)))), files


type Work = Callable[[Asked], object]


def _create(it: Asked) -> object:
    if it.numbers[0] in it.community.channels:
        it.community.must_be_allowed(it.numbers[0], it.application.id, SEND_MESSAGES)
    return it.community.create_message(it.numbers[0], it.body, it.application.id)


def _edit(it: Asked) -> object:
    channel, message = it.numbers
    return it.community.edit_message(channel, message, it.body)


def _delete(it: Asked) -> None:
    channel, message = it.numbers
    it.community.delete_message(channel, message)


def _open(it: Asked) -> object:
    return it.community.open_direct_message(int(it.body["recipient_id"]))


def _guild(it: Asked) -> object:
    return it.community.guild()


def _roles(it: Asked) -> object:
    return it.community.guild()["roles"]


def _member(it: Asked) -> object:
    return it.community.member(it.numbers[1]).json()


def _change(it: Asked) -> object:
    return it.community.change_member(it.numbers[1], it.body, it.reason)


def _give(it: Asked) -> None:
    _, user, role = it.numbers
    it.community.give_role(user, role, it.reason)


def _take(it: Asked) -> None:
    _, user, role = it.numbers
    it.community.take_role(user, role, it.reason)


def _ban(it: Asked) -> None:
    it.community.ban(it.numbers[1], it.reason)


def _ban_of(it: Asked) -> object:
    return it.community.ban_of(it.numbers[1])


def _unban(it: Asked) -> None:
    it.community.unban(it.numbers[1], it.reason)


SEND_MESSAGES = 1 << 11

ROUTES: tuple[tuple[re.Pattern[str], Work], ...] = (
    (way("POST /channels/#/messages"), _create),
    (way("PATCH /channels/#/messages/#"), _edit),
    (way("DELETE /channels/#/messages/#"), _delete),
    (way("POST /users/@me/channels"), _open),
    (way("GET /guilds/#"), _guild),
    (way("GET /guilds/#/roles"), _roles),
    (way("GET /guilds/#/members/#"), _member),
    (way("PATCH /guilds/#/members/#"), _change),
    (way("PUT /guilds/#/members/#/roles/#"), _give),
    (way("DELETE /guilds/#/members/#/roles/#"), _take),
    (way("GET /guilds/#/bans/#"), _ban_of),
    (way("PUT /guilds/#/bans/#"), _ban),
    (way("DELETE /guilds/#/bans/#"), _unban),
)

ANSWERS = re.compile(r"(?P<method>GET|PATCH) /webhooks/(?P<application>\d+)/(?P<token>[^/]+)/messages/@original")
