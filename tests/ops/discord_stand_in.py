"""A stand-in for the part of Discord's API that registers commands: it keeps what it is told, as Discord shows it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING, cast, override

from tests.discord_schema import registration_problems

if TYPE_CHECKING:
    from collections.abc import Generator

type Json = dict[str, object]

TOKEN = "not.a.token"


@dataclass
class StandIn:
    """What is registered (by path, then by id), what was asked, and how it shall answer next."""

    url: str = ""
    registered: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    asked: list[str] = field(default_factory=list[str])
    agents: set[str] = field(default_factory=set[str])
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    ids: count[int] = field(default_factory=lambda: count(9000))

    def names(self, path: str) -> set[str]:
        return {str(command["name"]) for command in self.registered.get(path, {}).values()}

    def answer(self, method: str, path: str, body: Json) -> tuple[int, object]:
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

    class Answer(BaseHTTPRequestHandler):
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
                self._say(*state.answer(self.command, path, body))

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

        def _say(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
            written = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(written))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/api/v10"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
