"""The requests of the game as calls of Discord's REST API: method, path, body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from mastermind.discord.requests import (
    AddRole,
    Ban,
    CheckRole,
    CreateMessage,
    DeleteMessage,
    DirectMessage,
    EditMessage,
    GetMember,
    RemoveRole,
    Request,
    TimeOut,
    Unban,
)
from mastermind.operations.outbox.pictures import with_picture

if TYPE_CHECKING:
    from mastermind.gateways.discord_api import Upload
    from mastermind.operations.outbox.pictures import Drawn


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `place` is the channel or server that Discord's limit is of; `way` is the path without it."""

    method: str
    place: str
    way: str = ""
    body: object = None
    reason: str = ""
    files: tuple[Upload, ...] = ()

    @property
    def path(self) -> str:
        return f"{self.place}{self.way}"

    @property
    def route(self) -> str:
        """What has one limit in each place."""
        parts = ("{}" if part.isdigit() else part for part in self.path.split("/"))
        return f"{self.method} {'/'.join(parts)}"


def creates(request: Request) -> bool:
    """Whether doing it twice shows something twice; everything else may be repeated."""
    return isinstance(request, CreateMessage | DirectMessage)


def call(  # noqa: C901, PLR0911 # one for each request
    request: Request, nonce: str, guild_id: int, picture: Drawn | None = None
) -> Call:
    """The call of a request, with its picture if there is one; of a direct message that to its channel."""
    members = f"/guilds/{guild_id}"
    files = (picture.file,) if picture else ()
    match request:
        case CreateMessage(channel_id, message) | DirectMessage(_, channel_id, message):
            body = {**_sent(message, picture), "nonce": nonce, "enforce_nonce": True}
            return Call("POST", f"/channels/{channel_id}", "/messages", body, files=files)
        case EditMessage(channel_id, message_id, message):
            way, body = f"/messages/{message_id}", _sent(message, picture)
            return Call("PATCH", f"/channels/{channel_id}", way, body, files=files)
        case DeleteMessage(channel_id, message_id):
            return Call("DELETE", f"/channels/{channel_id}", f"/messages/{message_id}")
        case AddRole(user_id, role_id, _, reason):
            return Call("PUT", members, f"/members/{user_id}/roles/{role_id}", reason=reason)
        case CheckRole():
            return guild(guild_id)
        case RemoveRole(user_id, role_id, reason):
            return Call("DELETE", members, f"/members/{user_id}/roles/{role_id}", reason=reason)
        case GetMember(user_id):
            return member(guild_id, user_id)
        case TimeOut(user_id, until, _, reason):
            body = {"communication_disabled_until": _moment(until)}
            return Call("PATCH", members, f"/members/{user_id}", body, reason)
        case Ban(user_id, _, reason):
            return Call("PUT", members, f"/bans/{user_id}", {"delete_message_seconds": 0}, reason)
        case Unban(user_id, _, reason):
            return Call("DELETE", members, f"/bans/{user_id}", reason=reason)
        case _:
            assert_never(request)


def subject(request: Request) -> str:
    """What is to blame when Discord refuses: a channel, a role, or a member."""
    match request:
        case CreateMessage(channel_id) | EditMessage(channel_id) | DeleteMessage(channel_id):
            return f"{request.operation}:{channel_id}"
        case AddRole(_, role_id) | RemoveRole(_, role_id) | CheckRole(role_id):
            return f"{request.operation}:{role_id}"
        case DirectMessage(user_id) | GetMember(user_id) | TimeOut(user_id) | Ban(user_id) | Unban(user_id):
            return f"{request.operation}:{user_id}"
        case _:
            assert_never(request)


def opening(user_id: int) -> Call:
    """The channel of somebody's direct messages, which is the same each time."""
    return Call("POST", "/users/@me/channels", body={"recipient_id": str(user_id)})


def member(guild_id: int, user_id: int) -> Call:
    return Call("GET", f"/guilds/{guild_id}", f"/members/{user_id}")


def ban(guild_id: int, user_id: int) -> Call:
    """A ban, with its reason."""
    return Call("GET", f"/guilds/{guild_id}", f"/bans/{user_id}")


def guild(guild_id: int) -> Call:
    """The server, with its owner and its roles."""
    return Call("GET", f"/guilds/{guild_id}")


def _sent(message: dict[str, object], picture: Drawn | None) -> dict[str, object]:
    """Discord notifies everybody named in a text, unless a message says otherwise: ours all do."""
    quiet: dict[str, object] = {**message, "allowed_mentions": {"parse": []}}
    return with_picture(quiet, picture) if picture else quiet


def _moment(until: int) -> str | None:
    return datetime.fromtimestamp(until, UTC).isoformat() if until else None
