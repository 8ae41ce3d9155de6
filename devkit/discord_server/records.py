"""The stand-in's records: roles, members, messages, and Discord's errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devkit.json_types import Json


class Refused(Exception):
    """An error as Discord answers it."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.body: Json = {"message": words, "code": code}


UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
UNKNOWN_ROLE = (404, 10011, "Unknown Role")
UNKNOWN_USER = (404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
UNKNOWN_BAN = (404, 10026, "Unknown Ban")
CANNOT_WRITE_TO_USER = (403, 50007, "Cannot send messages to this user")

TOO_LARGE = (413, 40005, "Request entity too large")
MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")


@dataclass
class Role:
    """`position` and `permissions` as in Discord; @everyone has position 0."""

    id: int
    name: str
    position: int = 1
    permissions: int = 0
    managed: bool = False
    mentionable: bool = True

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.managed,
            "mentionable": self.mentionable,
        }


@dataclass
class Member:
    """Somebody in the server. `until` is the end of a time-out, as Discord writes it."""

    id: int
    name: str
    roles: set[int] = field(default_factory=set[int])
    until: str | None = None
    is_bot: bool = False
    takes_messages: bool = True

    def json(self) -> Json:
        return {
            "user": {"id": str(self.id), "username": self.name, "bot": self.is_bot},
            "roles": [str(role) for role in sorted(self.roles)],
            "communication_disabled_until": self.until,
        }


@dataclass
class Posted:
    """A message in a channel. `gone` is one that was deleted; people have seen it all the same."""

    id: int
    channel_id: int
    at: str
    message: Json
    nonce: str = ""
    revision: int = 0
    gone: bool = False
    author_id: int = 0
    pinned: bool = False

    def json(self) -> Json:
        return {
            **self.message,
            "author": {"id": str(self.author_id)},
            "pinned": self.pinned,
            "id": str(self.id),
            "channel_id": str(self.channel_id),
            "timestamp": self.at,
            **({"nonce": self.nonce} if self.nonce else {}),
        }


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent along."""

    name: str
    kind: str
    content: bytes


@dataclass
class Answered:
    """The message that answers interactions, which their tokens may read and edit; `exchange` is the page's number."""

    message: Json
    exchange: int = 0
    edits: int = 0
