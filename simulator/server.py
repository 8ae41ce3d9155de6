"""Serves the page of `make run` and its JSON API on 127.0.0.1, for the page itself and nobody else.

The keys that sign interactions never leave this process; tokens are not shown either.
"""

from __future__ import annotations

import json
import queue
import secrets
from dataclasses import asdict
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote, urlsplit

from devkit.listener import Listener, Request
from mastermind import strict_json
from simulator import address, guild, served
from simulator.clockwork import Clockwork
from simulator.exchanges import BUDGET, TEXT, ExchangeError, Exchanges
from simulator.mischief import Mischief, MischiefError
from simulator.personas import PersonaError, Personas
from simulator.sample.people import PEOPLE
from simulator.served import SAFE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from devkit.discord_server.files import Files
    from devkit.json_types import Json
    from local.cloud import Cloud
    from local.logs import LogReader
    from simulator.personas import Persona

GUILD = "The Courage Club"

FILES = "/api/files/"  # <number of the exchange>/<name>: a file attached to an answer
UPLOADS = "/api/attachments/"  # <its number>/<name>: a file that the bot uploaded, as Discord's CDN has it
LARGEST = 256 * 1024  # bytes of a request
HEARTBEAT = 15.0  # seconds between two keep-alive comments on the log stream
MISTAKES = (ExchangeError, MischiefError, PersonaError)


class Simulator:
    """Serves from its creation; the game can be played after `begin`.

    `taken_port` is where the page would be, if another program listens there now; else 0.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.personas = Personas(cloud.folder)
        self._exchanges: Exchanges | None = None
        self._run = secrets.token_hex(8)
        self._listener, self.taken_port = address.listen(cloud.folder, partial(Listener, _Request, self))

    @property
    def url(self) -> str:
        return f"{self._listener.url}/"

    def begin(self) -> None:
        """Start serving the game, which is up now."""
        self.mischief: Mischief
        community = self._cloud.discord.community
        exchanges = Exchanges(self._cloud.endpoints, self.personas, self._cold_calls, community)
        self.mischief = Mischief(self._cloud, exchanges)
        self.clockwork = Clockwork(self._cloud, lambda: self.mischief.postgres, lambda: self.mischief.queue)
        self._exchanges = exchanges

    def stop(self) -> None:
        self._listener.stop()
        if self._exchanges is not None:
            self._exchanges.close()
            self.clockwork.close()

    @property
    def is_up(self) -> bool:
        return self._exchanges is not None

    @property
    def exchanges(self) -> Exchanges:
        if self._exchanges is None:
            raise ExchangeError("the game is still starting: try again in a moment")
        return self._exchanges

    @property
    def logs(self) -> LogReader:
        return self._cloud.logs

    @property
    def uploads(self) -> Files:
        return self._cloud.discord.community.files

    def discord(self) -> Json:
        """What Discord shows of the server: messages of the bot, members, roles, time-outs, bans."""
        return self._cloud.discord.community.json()

    def meet(self, name: object, kind: object) -> Persona:
        """Somebody new, who joins the server; raises PersonaError."""
        made = self.personas.add(name, kind)
        guild.join(self._cloud.discord.community, made)
        return made

    @property
    def has_sample(self) -> bool:
        """Whether the sample community is in the server."""
        return {persona.name for persona in self.personas.all()} >= {person.name for person in PEOPLE}

    def settle(self, names: Iterable[str]) -> dict[str, int]:
        """Make these people members of the server who are none yet; their ids by their names."""
        known = {persona.name: persona for persona in self.personas.all()}
        return {name: int((known.get(name) or self.meet(name, "member")).user_id) for name in names}

    def _cold_calls(self, app: str) -> int:
        return self._cloud.cold_calls(f"interactions-{app}")

    def setup(self) -> Json:
        """What can be played: the server, both applications with their commands as registered, the personas."""
        applications = self._cloud.known["apps"]
        return {
            "guild": {"id": self._cloud.known["guild_id"], "name": GUILD},
            "apps": [
                {
                    "app": app,
                    "application_id": applications[app]["application_id"],
                    "commands": [
                        {**command, "id": str(applications[app]["command_ids"][command["name"]])}
                        for command in self._cloud.commands[app]
                    ],
                }
                for app in applications
            ],
            "personas": [_shown(persona) for persona in self.personas.all()],
            "sample": self.has_sample,
            "run": self._run,
            "budget_seconds": BUDGET,
            "text_bytes": TEXT,
            "ready": self.is_up,
        }


def _shown(persona: Persona) -> Json:
    """A persona for the page, with the permissions by which Discord hides commands."""
    return {**asdict(persona), "permissions": str(persona.user.permissions)}


class _Request(Request):
    @property
    def owner(self) -> Simulator:
        owner = super().owner
        assert isinstance(owner, Simulator)
        return owner

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        place = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(place.query).items()}
        if place.path == "/api/logs":
            return self._stream_logs()
        if place.path.startswith(FILES):
            return self._file_of_answer(*place.path.removeprefix(FILES).partition("/")[::2])
        if place.path.startswith(UPLOADS):
            return self._upload(*place.path.removeprefix(UPLOADS).partition("/")[::2])
        reads: Mapping[str, Callable[[], object]] = {
            "/api/setup": self.owner.setup,
            "/api/exchanges": lambda: self.owner.exchanges.after(_whole(asked.get("after"))),
            "/api/clockwork": lambda: self._clockwork(asked),
            "/api/discord": self.owner.discord,
        }
        if read := reads.get(place.path):
            return self._try(read)
        return self._file(place.path)

    def do_POST(self) -> None:  # noqa: N802 (the same)
        if (refused := self._refusal()) is not None:
            self.close_connection = True
            return self._say(*refused)
        body = self.body()  # always: an unread body would be parsed as the next request
        match self.path.split("/"):
            case ["", "api", "interactions"]:
                return self._try(lambda: self.owner.exchanges.make(_object(body)))
            case ["", "api", "personas"]:
                return self._try(lambda: self._add_persona(_object(body)))
            case ["", "api", "schedules", name]:
                return self._try(partial(self._run, name))
            case ["", "api", "mischief", name]:
                return self._try(partial(self._do, name))
            case _:
                return self._say(404, {"error": "not found"})

    # --- which requests are accepted ---

    def _refusal(self) -> tuple[int, Json] | None:
        """Why a POST is refused before its body is read; None if it is accepted."""
        if (self.headers.get("Content-Type") or "").partition(";")[0] != "application/json":
            return 403, {"error": "only application/json is accepted: no form on another page can send it"}
        size = self.headers.get("Content-Length") or ""
        if not (size.isascii() and size.isdigit()) or int(size) > LARGEST:
            return 413, {"error": f"a request has at most {LARGEST:,} bytes"}
        return None

    # --- requests ---

    def _clockwork(self, asked: Mapping[str, str]) -> Json:
        _ = self.owner.exchanges
        return self.owner.clockwork.look(_whole(asked.get("user_id")) or None)

    def _add_persona(self, asked: Json) -> Json:
        return _shown(self.owner.meet(asked.get("name"), asked.get("kind")))

    def _run(self, name: str) -> Json:
        _ = self.owner.exchanges
        began = perf_counter()
        return {**self.owner.clockwork.run(name), "seconds": round(perf_counter() - began, 3)}

    def _do(self, name: str) -> Json:
        _ = self.owner.exchanges
        return self.owner.mischief.do(name)

    def _try(self, work: Callable[[], object]) -> None:
        """Answer with the result of `work`, or with the error."""
        try:
            found = work()
        except KeyError:
            return self._say(404, {"error": "there is nothing with that name"})
        except (*MISTAKES, json.JSONDecodeError) as error:
            return self._say(400, {"error": str(error)})
        except Exception as error:  # noqa: BLE001 (the page shows what is down)
            return self._say(502, {"error": f"{type(error).__name__}: {error}"})
        return self._say(200, found)

    def _say(self, status: int, value: object) -> None:
        self.answer(status, json.dumps(value, ensure_ascii=False, default=str).encode(), SAFE)

    # --- files and streams ---

    def _file(self, path: str) -> None:
        found = served.page(path.lstrip("/"))
        return self._say(404, {"error": "not found"}) if found is None else self.answer(200, *found)

    def _file_of_answer(self, number: str, name: str) -> None:
        try:
            content = self.owner.exchanges.file(_whole(number), unquote(name))
        except (ExchangeError, KeyError):
            return self._say(404, {"error": "this file is no longer stored: ask the game for it again"})
        return self.answer(200, *served.saved(content))

    def _upload(self, number: str, name: str) -> None:
        try:
            file = self.owner.uploads.read(number, unquote(name))
        except KeyError:
            return self._say(404, {"error": "this file is no longer stored"})
        return self.answer(200, *served.uploaded(file))

    def _stream_logs(self) -> None:
        """Each line of a function's log as it is written, as server-sent events, until the page disconnects."""
        lines: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self.send_response(200)
        for name, value in {"Content-Type": "text/event-stream", "Connection": "close", **SAFE}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        with self.owner.logs.subscribed(lambda function, line: lines.put((function, line))):
            while self._send_line(lines):
                pass

    def _send_line(self, lines: queue.SimpleQueue[tuple[str, str]]) -> bool:
        try:
            function, line = lines.get(timeout=HEARTBEAT)
            event = f"data: {json.dumps({'function': function, 'line': line})}\n\n"
        except queue.Empty:
            event = ":\n\n"
        try:
            self.wfile.write(event.encode())
            self.wfile.flush()
        except OSError:
            return False
        return True


def _object(body: bytes) -> Json:
    """The JSON object of a request; raises ExchangeError."""
    try:
        value = strict_json.loads(body)
    except ValueError as error:
        raise ExchangeError(f"no JSON: {error}") from None
    if not isinstance(value, dict):
        raise ExchangeError("an object is expected")
    return cast("Json", value)


def _whole(text: str | None) -> int:
    """A whole number in a query, 0 when there is none; raises ExchangeError."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ExchangeError("a whole number is expected")
    return int(text)
