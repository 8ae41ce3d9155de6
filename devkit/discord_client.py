"""Discord's side of an interaction: payloads as Discord builds them, signed and posted as Discord does.

The functions are pure except for fresh ids. `DiscordClient` posts what they build and returns the answer.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from itertools import count
from secrets import randbits
from typing import TYPE_CHECKING, Self, cast

import httpx
from nacl.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from devkit.json_types import Json

DISCORD_EPOCH = 1_420_070_400_000  # milliseconds, the first of January 2015
_numbers = count(randbits(22))  # so that two processes do not create the same ids at the same time


@dataclass(frozen=True, slots=True)
class User:
    """A Discord user; with permissions (a bit set) and roles, a member of a server. `bot`: no person."""

    id: int
    name: str = "Alex"
    permissions: int = 0
    roles: tuple[int, ...] = ()
    nick: str | None = None
    bot: bool = False
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role that an option names, as Discord describes it."""

    id: int
    name: str = "Explorer"
    permissions: int = 0
    position: int = 1
    managed: bool = False


@dataclass(frozen=True, slots=True)
class NamedChannel:
    """A channel that is chosen, as Discord describes it; `kind` is 0 for one with texts."""

    id: int
    kind: int = 0
    name: str = "news"
    permissions: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interaction happens: the application, and the server (None: a direct message)."""

    application_id: int
    guild_id: int | None


type Value = str | int | float | bool | User | NamedRole
type Written = str | bool | tuple[str, ...]


# --- payloads ---


def snowflake(at: float | None = None) -> int:
    """A fresh Discord id for a time in seconds since 1970 (default: now)."""
    milliseconds = int((time.time() if at is None else at) * 1000) - DISCORD_EPOCH
    return milliseconds << 22 | next(_numbers) & 0x3FFFFF


def ping(place: Place) -> Json:
    """What Discord sends to check the endpoint."""
    return {**_envelope(place, 1), "user": _user(User(snowflake(), "discord"))}


def command(place: Place, user: User, name: str, options: Mapping[str, Value] | None = None) -> Json:
    """A slash command; `name` is what a member types, subcommands included: "security health"."""
    return {**_interaction(place, user, 2), "data": _command_data(place, name, options or {}, None)}


def autocomplete(place: Place, user: User, name: str, focused: str, options: Mapping[str, Value] | None = None) -> Json:
    """The member is typing the option `focused`; its value among the options is what was typed so far."""
    typed = {focused: "", **(options or {})}
    return {**_interaction(place, user, 4), "data": _command_data(place, name, typed, focused)}


def component(
    place: Place, user: User, custom_id: str, values: Sequence[str] | None = None, *, shown: Sequence[Json] = ()
) -> Json:
    """A tap on a button, or with `values` a choice in a select; `shown` are the components of its message."""
    data: Json = {"id": 1, "custom_id": custom_id, "component_type": 2 if values is None else 3}
    if values is not None:
        data["values"] = list(values)
    message: Json = {"id": str(snowflake()), "type": 0, "flags": 1 << 15, "components": list(shown)}
    return {**_interaction(place, user, 3), "data": data, "message": message}


def pick(place: Place, user: User, custom_id: str, chosen: NamedRole | NamedChannel) -> Json:
    """A choice in one of Discord's own lists of roles and channels."""
    is_role = isinstance(chosen, NamedRole)
    sent = component(place, user, custom_id, [str(chosen.id)])
    found = resolved_roles([chosen]) if is_role else resolved_channels([chosen])
    return sent | {"data": {**sent["data"], "component_type": 6 if is_role else 8, "resolved": found}}


def modal(place: Place, user: User, custom_id: str, fields: Mapping[str, Written]) -> Json:
    """A submitted form: texts, choices (tuples) and ticks (booleans) by custom_id."""
    parts = [
        {"type": 18, "id": 2 * n + 1, "component": _written(2 * n + 2, *it)} for n, it in enumerate(fields.items())
    ]
    return {**_interaction(place, user, 5), "data": {"custom_id": custom_id, "components": parts}}


def interaction(place: Place, user: User, kind: int, data: Json) -> Json:
    """An interaction with the `data` of its kind: 2 command, 3 component, 4 autocomplete, 5 modal."""
    return {**_interaction(place, user, kind), "data": data}


def resolved(users: Iterable[User]) -> Json:
    """What Discord adds to data that names users."""
    people = list(users)
    return {
        "users": {str(user.id): _user(user) for user in people},
        "members": {str(user.id): _membership(user) for user in people},
    }


def resolved_roles(roles: Iterable[NamedRole]) -> Json:
    """What Discord adds to data that names roles."""
    return {"roles": {str(role.id): _role(role) for role in roles}}


def resolved_channels(channels: Iterable[NamedChannel]) -> Json:
    """What Discord adds to data that names channels."""
    return {"channels": {str(one.id): _channel(one) for one in channels}}


def _channel(channel: NamedChannel) -> Json:
    return {"id": str(channel.id), "type": channel.kind, "name": channel.name, "permissions": str(channel.permissions)}


def _role(role: NamedRole) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "managed": role.managed,
        "mentionable": False,
        "hoist": False,
        "color": 0,
    }


def _envelope(place: Place, kind: int) -> Json:
    identity = snowflake()
    return {
        "id": str(identity),
        "application_id": str(place.application_id),
        "type": kind,
        "token": f"secret-token-of-{identity}",
        "version": 1,
    }


def _interaction(place: Place, user: User, kind: int) -> Json:
    shared: Json = {
        **_envelope(place, kind),
        "channel_id": str(place.application_id + 1),
        "locale": "en-US",
        "app_permissions": "442368",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "attachment_size_limit": 524288000,
        "context": 1 if place.guild_id is None else 0,
    }
    if place.guild_id is None:
        return {**shared, "user": _user(user)}
    return {**shared, "guild_id": str(place.guild_id), "guild_locale": "en-US", "member": _member(user)}


def _user(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name.lower().replace(" ", "_"),
        "global_name": user.name,
        "discriminator": "0",
        "avatar": user.avatar or None,
        "public_flags": 0,
        **({"bot": True} if user.bot else {}),
    }


def _member(user: User) -> Json:
    return {"user": _user(user), **_membership(user), "mute": False, "deaf": False}


def _membership(user: User) -> Json:
    return {
        "nick": user.nick,
        "roles": [str(role) for role in user.roles],
        "permissions": str(user.permissions),
        "joined_at": "2025-01-01T00:00:00.000000+00:00",
        "flags": 0,
        "pending": False,
    }


def _command_data(place: Place, name: str, options: Mapping[str, Value], focused: str | None) -> Json:
    root, *path = name.split()
    leaves = [_option(key, value, focused) for key, value in options.items()]
    data: Json = {"id": str(place.application_id + 2), "name": root, "type": 1, "options": _nested(path, leaves)}
    if place.guild_id is not None:
        data["guild_id"] = str(place.guild_id)
    people = [value for value in options.values() if isinstance(value, User)]
    if people:
        data["resolved"] = resolved(people)
    if roles := [value for value in options.values() if isinstance(value, NamedRole)]:
        data["resolved"] = {**data.get("resolved", {}), **resolved_roles(roles)}
    return data


def _nested(path: Sequence[str], leaves: list[Json]) -> list[Json]:
    if not path:
        return leaves
    return [{"name": path[0], "type": 1 if len(path) == 1 else 2, "options": _nested(path[1:], leaves)}]


def _option(name: str, value: Value, focused: str | None) -> Json:
    shown: Json = {
        "name": name,
        "type": _option_type(value),
        "value": str(value.id) if isinstance(value, User | NamedRole) else value,
    }
    return {**shown, "focused": True} if name == focused else shown


def _option_type(value: Value) -> int:
    match value:
        case bool():
            return 5
        case str():
            return 3
        case int():
            return 4
        case float():
            return 10
        case User():
            return 6
        case NamedRole():
            return 8


def _written(number: int, custom_id: str, value: Written) -> Json:
    shown: Json = {"id": number, "custom_id": custom_id}
    match value:
        case bool():
            return {**shown, "type": 23, "value": value}
        case str():
            return {**shown, "type": 4, "value": value}
        case tuple():
            return {**shown, "type": 3, "values": list(value)}


# --- signatures ---


def new_private_key() -> bytes:
    """32 random bytes that stand for Discord's private key in one local game or test."""
    return bytes(SigningKey.generate())


def public_key(private_key: bytes) -> bytes:
    """The 32 bytes that the Developer Portal shows as the application's public key."""
    return bytes(SigningKey(private_key).verify_key)


def signed_headers(private_key: bytes, body: bytes, now: float) -> dict[str, str]:
    """The headers Discord sends with a body at a time in seconds since 1970."""
    timestamp = str(int(now))
    signature = SigningKey(private_key).sign(timestamp.encode() + body).signature
    return {
        "X-Signature-Ed25519": signature.hex(),
        "X-Signature-Timestamp": timestamp,
        "Content-Type": "application/json",
        "User-Agent": "Discord-Interactions/1.0 (+https://discord.com)",
    }


# --- the client ---


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, JSON (empty if there was none), time in seconds, and attached files by name."""

    status: int
    body: Json
    seconds: float
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def kind(self) -> int:
        """Discord's type of the response (4 message, 7 update, 8 choices, 9 modal ...), 0 if it has none."""
        return cast("int", self.body.get("type", 0))

    @property
    def is_private(self) -> bool:
        return bool(cast("int", self._content().get("flags", 0)) & 1 << 6)

    @property
    def text(self) -> str:
        """Everything a person reads in it, line by line."""
        return "\n".join(cast("str", part["content"]) for part in self.parts() if "content" in part)

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Label (or emoji, without one) and custom_id of each button that can be tapped, in the order of reading."""
        taps = (part for part in self.parts() if part["type"] == 2 and "custom_id" in part and not part.get("disabled"))
        return [(_label(part), cast("str", part["custom_id"])) for part in taps]

    @property
    def choices(self) -> list[Json]:
        return cast("list[Json]", self._content().get("choices", []))

    @property
    def components(self) -> list[Json]:
        return cast("list[Json]", self._content().get("components", []))

    def parts(self) -> Iterator[Json]:
        """Every component with those inside it, in the order of reading."""
        yield from _walk(self.components)

    def _content(self) -> Json:
        return cast("Json", self.body.get("data") or {})


def _label(part: Json) -> str:
    return cast("str", part.get("label") or cast("Json", part["emoji"])["name"])


def _walk(parts: Sequence[Json]) -> Iterator[Json]:
    for part in parts:
        yield part
        yield from _walk(cast("list[Json]", part.get("components", [])))
        yield from _walk([cast("Json", part[key]) for key in ("accessory", "component") if key in part])


@dataclass
class DiscordClient:
    """One application of Discord's: posts signed interactions to our URL. Close it, or use it in a `with`."""

    interactions_url: str
    application_id: int
    guild_id: int | None
    private_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(timeout=60, trust_env=False)

    @classmethod
    def from_endpoints(cls, endpoints: Mapping[str, object], app: str) -> Self:
        """The client of an application ("main" or "tensey") of a running local cloud, by its endpoints.json."""
        its = cast("dict[str, dict[str, str]]", endpoints["apps"])[app]
        guild_id = int(cast("str", endpoints["guild_id"]))
        return cls(its["interactions_url"], int(its["application_id"]), guild_id, bytes.fromhex(its["private_key"]))

    @property
    def place(self) -> Place:
        return Place(self.application_id, self.guild_id)

    def ping(self) -> Answer:
        return self.send(ping(self.place))

    def command(self, name: str, options: Mapping[str, Value] | None = None, *, user: User) -> Answer:
        return self.send(command(self.place, user, name, options))

    def autocomplete(
        self, name: str, focused: str, options: Mapping[str, Value] | None = None, *, user: User
    ) -> Answer:
        return self.send(autocomplete(self.place, user, name, focused, options))

    def component(self, custom_id: str, values: Sequence[str] | None = None, *, user: User) -> Answer:
        return self.send(component(self.place, user, custom_id, values))

    def modal(self, custom_id: str, fields: Mapping[str, Written], *, user: User) -> Answer:
        return self.send(modal(self.place, user, custom_id, fields))

    def send(self, payload: Json) -> Answer:
        """Sign and post a payload; to repeat a delivery as Discord does, send the same payload again."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self.post(body, signed_headers(self.private_key, body, time.time()))

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post any bytes with any headers, for example forged, old or malformed requests."""
        begun = time.perf_counter()
        response = self._http.post(self.interactions_url, content=body, headers=dict(headers))
        shown, files = read_answer(response.headers.get("content-type", ""), response.content)
        return Answer(response.status_code, shown, time.perf_counter() - begun, files)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_answer(content_type: str, body: bytes) -> tuple[Json, dict[str, bytes]]:
    """The JSON and the attached files of an answer, which is plain JSON or a multipart form."""
    if not content_type.startswith("multipart/form-data"):
        return _json(body), {}
    form = message_from_bytes(f"content-type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    fields = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    shown = _json(cast("bytes", fields.pop("payload_json").get_payload(decode=True)))
    listed = cast("list[dict[str, str]]", cast("Json", shown["data"])["attachments"])
    named = {one["filename"]: fields.pop(f"files[{one['id']}]") for one in listed}
    return shown, {name: cast("bytes", part.get_payload(decode=True)) for name, part in named.items()}


def _json(body: bytes) -> Json:
    try:
        value: object = json.loads(body)
    except ValueError:
        return {}
    return cast("Json", value) if isinstance(value, dict) else {}
