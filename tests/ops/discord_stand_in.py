"""A stand-in for what the operator's tool uses of Discord's API: it stores what is sent to it, as Discord does."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

from devkit.discord_api.schema import registration_problems, response_problems
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Generator

type Json = dict[str, object]

TOKEN = "not.a.token"
BOT = "12"
MESSAGE_CREATE = ("nonce", "enforce_nonce")


class Refusal(Exception):
    """A status with Discord's own code."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(status, code)
        self.status, self.code = status, code


@dataclass
class Channels:
    """The messages of each channel by their id, as Discord shows them; `forbidden` are the methods of a path's end."""

    messages: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    forbidden: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    nonces: dict[object, Json] = field(default_factory=dict[object, Json])
    on_a_page: int = 50

    def only(self, channel: str) -> Json:
        """The one message of a channel."""
        (message,) = self.messages[channel].values()
        return message

    def answer(self, method: str, path: str, query: str, body: Json, new_id: str) -> tuple[int, object]:
        channel, _, rest = path.partition("/messages")
        if channel not in self.messages:
            raise Refusal(404, 10003)
        place = "pins" if rest.startswith("/pins") else "message" if rest else ""
        if (method, place) in self.forbidden:
            raise Refusal(403, 50013)
        messages, message_id = self.messages[channel], rest.rpartition("/")[2]
        match method, place:
            case "POST", "":
                return 200, self._created(messages, body, new_id)
            case "GET", "pins":
                return 200, self._pins(list(messages.values()), parse_qs(query).get("before", ["later than any"])[0])
            case _ if message_id not in messages:
                raise Refusal(404, 10008)
            case "GET", "message":
                return 200, messages[message_id]
            case "PATCH", "message":
                messages[message_id] |= _as_message(body)
                return 200, messages[message_id]
            case "PUT", "pins":
                messages[message_id]["pinned"] = True
                return 204, None
            case "DELETE", "message":
                return 204, messages.pop(message_id) and None
            case _:
                raise Refusal(405, 0)

    def _created(self, messages: dict[str, Json], body: Json, new_id: str) -> Json:
        said = {key: value for key, value in body.items() if key not in MESSAGE_CREATE}
        assert body["enforce_nonce"] is True
        assert len(str(body["nonce"])) <= 25
        if body["nonce"] not in self.nonces:
            author: Json = {"id": BOT, "username": "tensey", "bot": True}
            messages[new_id] = {"id": new_id, "author": author, "pinned": False, **_as_message(said)}
            self.nonces[body["nonce"]] = messages[new_id]
        return self.nonces[body["nonce"]]

    def _pins(self, messages: list[Json], before: str) -> Json:
        """Newest first; the id stands for the time, so that the order is plain."""
        pinned = sorted((one for one in messages if one["pinned"] and str(one["id"]) < before), key=_id, reverse=True)
        items = [{"pinned_at": one["id"], "message": one} for one in pinned[: self.on_a_page]]
        return {"items": items, "has_more": len(pinned) > self.on_a_page}


def _id(message: Json) -> str:
    return str(message["id"])


def _as_message(body: Json) -> Json:
    """With the ids, sizes and nulls that Discord adds to each component."""
    assert response_problems({"type": 4, "data": body}) == []
    return {**body, "components": [_as_component(part) for part in cast("list[Json]", body["components"])]}


def _as_component(part: Json) -> Json:
    shown: Json = {"id": 1, "spoiler": False, "accent_color": None, **part}
    if "components" in part:
        shown["components"] = [_as_component(one) for one in cast("list[Json]", part["components"])]
    if "items" in part:
        items = cast("list[dict[str, Json]]", part["items"])
        shown["items"] = [{**item, "spoiler": False, "media": {**item["media"], "width": 900}} for item in items]
    return shown


@dataclass
class StandIn:
    """What is registered (by path, then by id), what was asked, and how it answers next."""

    url: str = ""
    channels: Channels = field(default_factory=Channels)
    endpoint: str | None = "https://example.org/prod/interactions/tensey"
    application: Json = field(default_factory=dict[str, object])
    registered: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    asked: list[str] = field(default_factory=list[str])
    agents: set[str] = field(default_factory=set[str])
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    roles: list[Json] = field(default_factory=list["Json"])
    ids: count[int] = field(default_factory=lambda: count(1_300_000_000_000_009_000))

    def names(self, path: str) -> set[str]:
        return {str(command["name"]) for command in self.registered.get(path, {}).values()}

    def answer(self, method: str, target: str, body: Json) -> tuple[int, object]:
        path, query = urlsplit(target).path, urlsplit(target).query
        if path == "/applications/@me":
            bot = {"id": BOT}
            shown = {"id": "11", "name": "Game", "bot": bot, "interactions_endpoint_url": self.endpoint}
            return 200, {**shown, **self.application}
        if path.startswith("/guilds/") and path.endswith("/roles"):
            return 200, self.roles
        if path.startswith("/channels/"):
            channel = path.removeprefix("/channels/")
            return self.channels.answer(method, channel, query, body, str(next(self.ids)))
        return self._registry(method, path, body)

    def _registry(self, method: str, path: str, body: Json) -> tuple[int, object]:
        place, _, tail = path.partition("/commands")
        commands, command_id = self.registered.setdefault(place, {}), tail.removeprefix("/")
        if method == "GET":
            return 200, list(commands.values())
        if method == "DELETE":
            return 204, commands.pop(command_id) and None
        shown = _as_discord_shows({**commands.get(command_id, {}), **body}, command_id or str(next(self.ids)))
        commands[str(shown["id"])] = shown
        return (200 if command_id else 201), shown


def _as_discord_shows(command: Json, command_id: str) -> Json:
    """With fields of its own, and without what is false or empty."""
    assert registration_problems([command]) == [] or "application_id" in command
    options = [_option(option) for option in cast("list[Json]", command.get("options", []))]
    shown = {key: value for key, value in command.items() if key != "options"} | (
        {"options": options} if options else {}
    )
    return {
        "contexts": None,
        "integration_types": [0],
        "default_member_permissions": None,
        **shown,
        "id": command_id,
        "application_id": "11",
        "version": "1",
        "nsfw": False,
        "name_localizations": None,
        "description_localizations": None,
    }


def _option(option: Json) -> Json:
    shown = {key: value for key, value in option.items() if value not in (False, [])}
    inner = [_option(one) for one in cast("list[Json]", option.get("options", []))]
    return {**shown, "options": inner} if inner else shown


@contextmanager
def discord() -> Generator[StandIn]:
    """The stand-in, listening on this machine alone."""
    state = StandIn()

    class Answer(Quiet, BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(size) or "{}")
            path = self.path.removeprefix("/api/v10")
            state.asked.append(f"{self.command} {path}")
            state.agents.add(self.headers["User-Agent"])
            if self.headers["Authorization"] != f"Bot {TOKEN}":
                self._say(401, {"message": "401: Unauthorized"})
            elif state.refusals:
                status, headers = state.refusals.pop(0)
                self._say(status, {"message": "no"}, headers)
            else:
                try:
                    self._say(*state.answer(self.command, path, body))
                except Refusal as refusal:
                    self._say(refusal.status, {"message": "no", "code": refusal.code})

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def _say(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
            written = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(written))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

    with serving(LocalServer(Answer)) as server:
        state.url = f"{server.url}/api/v10"
        yield state
