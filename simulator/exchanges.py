"""Exchanges with the game: an action of a persona becomes a signed interaction, and the answer is validated.

Nothing here knows the game: the page sends what was typed or tapped, and Discord's rules validate the answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from devkit import discord_client
from devkit.discord_api.schema import response_problems
from devkit.discord_client import Answer, DiscordClient, NamedChannel, NamedRole, signed_headers
from devkit.inspection import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from devkit.discord_client import User
    from devkit.discord_server.community import Community
    from devkit.discord_server.records import Role
    from devkit.json_types import Json
    from simulator.personas import Persona, Personas

KINDS = (2, 3, 4, 5)  # command, component, autocomplete, modal
KEPT = 500  # exchanges; older ones are forgotten
FILES_KEPT = 20  # answers that brought files, which may be large
BUDGET = 3.0  # seconds until Discord gives up (docs/rules/discord.md, Requests to us)
TEXT = 9000  # bytes of text that a message carries safely (docs/rules/discord.md, Components)
USER_OPTION, ROLE_OPTION = 6, 8
ROLE_PICKER, CHANNEL_PICKER = 6, 8
FORGED = 401


class ExchangeError(ValueError):
    """The page sent something that is not an interaction; says why."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The last interaction: enough to deliver it again or to forge it."""

    persona: Persona
    app: str
    payload: Json


class Exchanges:
    """Signs, posts, validates and records. `cold_calls` returns how many cold starts the function of an app had."""

    def __init__(
        self,
        endpoints: Mapping[str, Any],
        personas: Personas,
        cold_calls: Callable[[str], int],
        community: Community,
    ) -> None:
        self._clients = {app: DiscordClient.from_endpoints(endpoints, app) for app in endpoints["apps"]}
        self._guild_id, self._personas, self._cold_calls = int(endpoints["guild_id"]), personas, cold_calls
        self._lock, self._community = threading.Lock(), community
        self._made: deque[Json] = deque(maxlen=KEPT)
        self._files: deque[tuple[int, Mapping[str, bytes]]] = deque(maxlen=FILES_KEPT)
        self._number = 0
        self._last: Sent | None = None

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def after(self, number: int) -> list[Json]:
        """The exchanges with a higher number, oldest first."""
        with self._lock:
            return [each for each in self._made if each["number"] > number]

    def file(self, number: int, name: str) -> bytes:
        """A file attached to the answer of that exchange; raises KeyError if it is no longer stored."""
        with self._lock:
            return dict(self._files)[number][name]

    def make(self, asked: Mapping[str, Any]) -> Json:
        """Send an action of a persona: {"persona", "app", "type", "data", "message"}; raises ExchangeError."""
        persona, app = self._personas.find(asked.get("persona")), str(asked.get("app"))
        client, data = self._client(app), asked.get("data")
        if asked.get("type") not in KINDS or not isinstance(data, dict):
            raise ExchangeError("an interaction has a type of 2, 3, 4 or 5, and data")
        guild_id = None if asked.get("direct") else self._guild_id
        place = persona.place(client.application_id, guild_id)
        user = self._as_member(persona.user)
        payload = discord_client.interaction(place, user, asked["type"], self._resolved(cast("Json", data)))
        if isinstance(asked.get("message"), dict):
            payload["message"] = asked["message"]
        self._last = Sent(persona, app, payload)
        return self._post(self._last, signed_headers)

    def repeat(self) -> Json:
        """Deliver the last interaction again, as Discord may; raises ExchangeError if there was none."""
        return self._post(self._sent(), signed_headers)

    def forge(self) -> Json:
        """Send the last interaction again, signed with another key."""
        stranger = discord_client.new_private_key()
        return self._post(self._sent(), lambda _, body, now: signed_headers(stranger, body, now), forged=True)

    def _sent(self) -> Sent:
        if self._last is None:
            raise ExchangeError("nothing was sent yet: type a command first")
        return self._last

    def _as_member(self, user: User) -> User:
        """With the roles that they have in the server by now."""
        member = self._community.members.get(user.id)
        return replace(user, roles=tuple(sorted({*user.roles, *member.roles}))) if member else user

    def _keep_answer(self, sent: Sent, answer: Answer, number: int) -> None:
        """What Discord does with an answer: the token of its interaction may edit it from now on."""
        client, body = self._client(sent.app), answer.body
        application_id, token = str(client.application_id), str(sent.payload["token"])
        message, before = cast("Json", body.get("data") or {}), cast("Json", sent.payload.get("message") or {})
        match body.get("type"):
            case 4:  # a new message
                self._community.note_answer(application_id, token, message, number)
            case 5:  # one that follows: until it is edited, the application thinks
                self._community.note_answer(application_id, token, {**message, "components": []}, number)
            case 6:  # a change that follows
                self._community.note_update(application_id, token, before.get("components"), before, number)
            case 7:  # a change of the message
                self._community.note_update(application_id, token, before.get("components"), message, number)
                self._community.note_change(str(before.get("id")), message)
            case _:
                pass

    def _client(self, app: str) -> DiscordClient:
        if app not in self._clients:
            raise ExchangeError(f"there is no application {app!r}")
        return self._clients[app]

    def _resolved(self, data: Json) -> Json:
        """The data with the users and roles that it names, as Discord adds them."""
        people = {persona.user_id: persona.user for persona in self._personas.all()}
        users = [people[value] for value in _named(data, USER_OPTION) if value in people]
        known = {str(role.id): role for role in self._community.roles.values()}
        roles = [_described(known[value]) for value in _named(data, ROLE_OPTION) if value in known]
        if data.get("component_type") == ROLE_PICKER:
            roles = [_described(known[value]) for value in _values(data) if value in known]
        channels = self._picked_channels(data) if data.get("component_type") == CHANNEL_PICKER else []
        found = (
            (discord_client.resolved(users) if users else {})
            | (discord_client.resolved_roles(roles) if roles else {})
            | (discord_client.resolved_channels(channels) if channels else {})
        )
        return {**data, "resolved": found} if found else data

    def _picked_channels(self, data: Json) -> list[NamedChannel]:
        known = self._community.channels
        ids = [int(value) for value in _values(data) if value.isdecimal()]
        return [NamedChannel(one, self._community.kinds.get(one, 0), known[one]) for one in ids if one in known]

    def _post(
        self, sent: Sent, headers: Callable[[bytes, bytes, float], dict[str, str]], *, forged: bool = False
    ) -> Json:
        client, cold = self._client(sent.app), self._cold_calls(sent.app)
        body = json.dumps(sent.payload, ensure_ascii=False).encode()
        at = datetime.now(UTC)
        answer = client.post(body, headers(client.private_key, body, time.time()))
        exchange: Json = {
            "persona": sent.persona.id,
            "app": sent.app,
            "at": at.isoformat(timespec="milliseconds"),
            "seconds": round(answer.seconds, 4),
            "cold": self._cold_calls(sent.app) > cold,
            "status": answer.status,
            "request": {name: value for name, value in sent.payload.items() if name != "token"},
            "response": answer.body or None,
            "violations": list(_accepted(answer) if forged else _wrong(answer, sent.payload["type"])),
            "bytes": text_bytes(answer.body),
        }
        with self._lock:
            self._number += 1
            exchange["number"] = self._number
            self._made.append(exchange)
            if answer.files:
                self._files.append((self._number, answer.files))
        if answer.status == 200 and not forged:
            self._keep_answer(sent, answer, exchange["number"])
        return exchange


def _accepted(answer: Answer) -> Iterator[str]:
    """What is wrong with the answer to a forged signature: Discord removes a URL that accepts one."""
    if answer.status != FORGED:
        yield f"A forged signature was answered with HTTP status {answer.status}: it must be refused with {FORGED}."


def _wrong(answer: Answer, kind: int) -> Iterator[str]:
    """The problems of an answer, by Discord's API description, its limits and our own."""
    if answer.seconds > BUDGET:
        yield f"It took {answer.seconds:.1f} s: Discord gives up after {BUDGET:g}."
    if answer.status != 200 or not answer.body:
        yield f"It was answered with HTTP status {answer.status}: Discord shows that the application did not respond."
        return
    yield from violations(answer.body, kind)
    yield from (f"Discord's description, {problem}" for problem in response_problems(answer.body))
    if (size := text_bytes(answer.body)) > TEXT:
        yield f"It has {size:,} bytes of text: Discord may fail above {TEXT:,}."


def text_bytes(answer: Mapping[str, object]) -> int:
    """The bytes of text in an answer, as Discord seems to count them: every content, in UTF-8."""
    return sum(len(text.encode()) for text in _contents(answer))


def _contents(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in cast("Json", value).items():
            if name == "content" and isinstance(inner, str):
                yield inner
            else:
                yield from _contents(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _contents(inner)


def _named(data: Json, kind: int) -> Iterator[str]:
    """The ids in the options of a kind."""
    for option in cast("list[Json]", data.get("options") or []):
        if option.get("type") == kind:
            yield str(option.get("value"))
        yield from _named(option, kind)


def _values(data: Json) -> list[str]:
    """What was chosen in a select."""
    return [str(value) for value in cast("list[object]", data.get("values") or [])]


def _described(role: Role) -> NamedRole:
    return NamedRole(role.id, role.name, role.permissions, role.position, role.managed)
