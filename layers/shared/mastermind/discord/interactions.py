"""Parses what Discord sends us, strictly, into one frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from mastermind.discord import limits, options, wire
from mastermind.discord.options import OptionValue
from mastermind.errors import BadRequest
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypedDict

    from mastermind.discord.wire import Record

    class _Content(TypedDict, total=False):
        """The parts of an Interaction that depend on its kind."""

        name: str
        path: tuple[str, ...]
        options: Mapping[str, OptionValue]
        focused: str | None
        custom_id: str
        values: tuple[str, ...]
        fields: Mapping[str, FieldValue]


type FieldValue = str | tuple[str, ...]

LONGEST_TOKEN = 512
LANGUAGE = 32  # characters of a language's name
SNOWFLAKE = 32  # digits of an id; it has 20 at most
PERSON_NAME = 100  # characters; Discord allows 32, and a larger limit here does no harm
HASH, HEXADECIMAL = 32, "0123456789abcdef"  # digits of an avatar's hash


class InteractionType(IntEnum):
    """Discord's interaction types."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts or is named: a member of a server, or a user without permissions and roles, who is none.

    `permissions` are those in the channel of the interaction, its overwrites included. `avatar` is the hash under which
    Discord has their picture, "" for none.
    """

    user_id: int
    display_name: str
    permissions: int = 0
    role_ids: frozenset[int] = frozenset()
    is_bot: bool = False
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that an option names; `is_managed` belongs to a bot, an integration or a booster."""

    role_id: int
    permissions: int = 0
    position: int = 0
    is_managed: bool = False


class ChannelKind(IntEnum):
    """The kinds of Discord's channels that have a list of messages for everybody; 0 to 99 are Discord's."""

    TEXT = 0
    ANNOUNCEMENTS = 5


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction. Its token is a secret (discord.tokens): it is sealed before it goes anywhere.

    `guild_id` is None in a direct message, `caller` is None only for a PING. `path` names subcommand group and
    subcommand; `options` are the leaves (users, roles and channels as ids); `focused` is the option being typed.
    `custom_id`, `values` belong to components, `custom_id`, `fields` to modals: texts as they were written, one choice
    as its value ("" for none), several as a tuple, a checkbox as "true" or "". `message` are the texts of the message
    that a component belongs to, or that a modal was opened from; `message_id` is its id in a direct message, else 0.
    `users` maps the ids of mentioned users to what Discord says of them, `channels` those of channels to their types.
    """

    id: int
    kind: InteractionType
    application_id: int
    guild_id: int | None = None
    caller: Person | None = None
    name: str = ""
    path: tuple[str, ...] = ()
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    focused: str | None = None
    custom_id: str = ""
    values: tuple[str, ...] = ()
    fields: Mapping[str, FieldValue] = field(default_factory=dict[str, FieldValue])
    message: tuple[str, ...] = ()
    message_id: int = 0
    users: Mapping[int, Person] = field(default_factory=dict[int, Person])
    roles: Mapping[int, Role] = field(default_factory=dict[int, Role])
    channels: Mapping[int, int] = field(default_factory=dict[int, int])
    locale: str = ""
    token: str = field(default="", repr=False)


def parse(body: bytes) -> Interaction:
    """Parse the body of a signed request; raises BadRequest if it is not a well-formed interaction."""
    raw = wire.load(body)
    kind = _kind(raw)
    interaction_id, application_id = wire.snowflake(raw, "id"), wire.snowflake(raw, "application_id")
    if kind is InteractionType.PING:
        return Interaction(interaction_id, kind, application_id)
    data = wire.record(raw, "data")
    resolved = wire.optional_record(data, "resolved")
    return Interaction(
        interaction_id,
        kind,
        application_id,
        guild_id=_guild_id(raw),
        caller=_caller(raw),
        message=tuple(_texts(wire.optional_record(raw, "message"))),
        message_id=_message_id(raw),
        users=_users(resolved) if resolved else {},
        roles=_roles(resolved) if resolved else {},
        channels=_channels(resolved) if resolved else {},
        locale=wire.shortened(raw, "locale", LANGUAGE),
        token=wire.shortened(raw, "token", LONGEST_TOKEN),
        **_content(kind, data),
    )


def _content(kind: InteractionType, data: Record) -> _Content:
    if kind is InteractionType.COMPONENT:
        return {"custom_id": _custom_id(data), "values": wire.texts(data, "values", limits.OPTION_VALUE)}
    if kind is InteractionType.MODAL:
        return {"custom_id": _custom_id(data), "fields": _unique("custom_id", map(_answer, _parts(data)))}
    return _command(data, is_typing=kind is InteractionType.AUTOCOMPLETE)


def _command(data: Record, *, is_typing: bool) -> _Content:
    if data.get("type", 1) != 1:
        raise BadRequest("only slash commands are ours")
    path, leaves = options.descend(data)
    return {
        "name": wire.text(data, "name", limits.COMMAND_NAME),
        "path": path,
        "options": _unique("option", (options.read(leaf, is_typing=is_typing) for leaf in leaves)),
        "focused": options.focused(leaves) if is_typing else None,
    }


def _unique[Item](what: str, pairs: Iterable[tuple[str, Item]]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for name, item in pairs:
        if name in found:
            raise BadRequest(f"the {what} {name!r} occurs twice")
        found[name] = item
    return found


def _kind(raw: Record) -> InteractionType:
    number = wire.whole(raw, "type")
    if not InteractionType.PING <= number <= InteractionType.MODAL:
        raise BadRequest("type is not one of Discord's")
    return InteractionType(number)


def _custom_id(source: Record) -> str:
    return wire.text(source, "custom_id", limits.CUSTOM_ID)


def _texts(part: Record) -> Iterator[str]:
    """The content of every text in a message of ours, in the order of reading."""
    for inner in wire.records(part, "components"):
        content = inner.get("content")
        if isinstance(content, str):
            yield content
        yield from _texts(inner)


# --- people ---


def _guild_id(raw: Record) -> int | None:
    """The server, which comes together with `member`; a direct message has `user` instead."""
    if (raw.get("guild_id") is None) != (raw.get("member") is None):
        raise BadRequest("guild_id and member belong together")
    return None if raw.get("guild_id") is None else wire.snowflake(raw, "guild_id")


def _message_id(raw: Record) -> int:
    """Only in a direct message it matters which one it is; 0 elsewhere, and for a command."""
    if raw.get("guild_id") is not None or raw.get("message") is None:
        return 0
    return wire.snowflake(wire.record(raw, "message"), "id")


def _caller(raw: Record) -> Person:
    member = wire.optional_record(raw, "member")
    return _person(wire.record(raw if raw.get("member") is None else member, "user"), member)


def _person(user: Record, member: Record) -> Person:
    return Person(
        user_id=wire.snowflake(user, "id"),
        display_name=_display_name(user, member),
        permissions=wire.bits("permissions", member["permissions"]) if "permissions" in member else 0,
        role_ids=frozenset(wire.to_snowflake("roles", role) for role in wire.texts(member, "roles", SNOWFLAKE)),
        is_bot=user.get("bot") is True,
        avatar=_avatar(user),
    )


def _avatar(user: Record) -> str:
    """The hash of the picture, such as a_ and 32 hexadecimal digits for one that moves; "" for anything else."""
    given = user.get("avatar")
    if not isinstance(given, str):
        return ""
    digits = given.removeprefix("a_")
    return "" if len(digits) != HASH or digits.strip(HEXADECIMAL) else given


def _display_name(user: Record, member: Record) -> str:
    """The name that the server shows: nickname, display name or user name, in that order; "" if none shows anything."""
    names = (wire.shortened(*at, PERSON_NAME) for at in ((member, "nick"), (user, "global_name"), (user, "username")))
    return next(filter(is_visible, names), "").strip()


def _users(resolved: Record) -> dict[int, Person]:
    members = wire.named_records(resolved, "members")
    users = wire.named_records(resolved, "users")
    return {user_id: _person(user, members.get(user_id, {})) for user_id, user in users.items()}


def _roles(resolved: Record) -> dict[int, Role]:
    return {role_id: _role(role_id, role) for role_id, role in wire.named_records(resolved, "roles").items()}


def _channels(resolved: Record) -> dict[int, int]:
    return {
        channel_id: wire.whole(found, "type") for channel_id, found in wire.named_records(resolved, "channels").items()
    }


def _role(role_id: int, role: Record) -> Role:
    permissions = wire.bits("permissions", role["permissions"]) if "permissions" in role else 0
    return Role(role_id, permissions, wire.whole(role, "position"), role.get("managed") is True)


# --- modals ---


def _parts(data: Record) -> Iterator[Record]:
    """The fields of a modal: one in each label, several in a row. Other parts have no answer."""
    for part in wire.records(data, "components"):
        if part.get("component") is not None:
            yield wire.record(part, "component")
        yield from wire.records(part, "components")


def _answer(part: Record) -> tuple[str, FieldValue]:
    return _custom_id(part), _choices(part) if "values" in part else _written(part.get("value"))


def _choices(part: Record) -> tuple[str, ...]:
    return wire.texts(part, "values", limits.OPTION_VALUE)


def _written(value: object) -> str:
    """The value of a field: a text, nothing (null), or the state of a checkbox."""
    if value is None or isinstance(value, bool):
        return "true" if value else ""
    return wire.to_text("value", value, limits.TEXT_INPUT)
