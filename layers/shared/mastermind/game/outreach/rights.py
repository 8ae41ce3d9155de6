"""The rights in Discord that the bot needs for a request, and the words for one that it lacks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

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
    TimeOut,
    Unban,
)

if TYPE_CHECKING:
    from mastermind.discord.requests import Request

NO_ACCESS, NO_PERMISSION = 50001, 50013
"""Discord's codes for a bot that lacks a right: it does not see the place, or may not do that there."""

REFUSALS = frozenset({NO_ACCESS, NO_PERMISSION})


class Right(StrEnum):
    """What the bot may lack."""

    POST = "post"
    ROLES = "roles"
    TIME_OUT = "time_out"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Needed:
    """A right, in a channel or over a role; 0 is the whole server."""

    right: Right
    target_id: int = 0


def needed(request: Request) -> Needed | None:
    """What the request needs; None for what needs no right."""
    match request:
        case CreateMessage() | EditMessage() | DeleteMessage():
            return Needed(Right.POST, request.channel_id)
        case AddRole() | RemoveRole() | CheckRole():
            return Needed(Right.ROLES, request.role_id)
        case TimeOut():
            return Needed(Right.TIME_OUT)
        case Ban() | Unban():
            return Needed(Right.BAN)
        case DirectMessage() | GetMember():
            return None


def lacks(needed: Needed, code: int, *, is_in_discord: bool = True) -> str:
    """What the bot's role lacks, by its name in Discord; outside Discord with the id of the channel or role."""
    match needed.right:
        case Right.POST:
            name = "View Channel" if code == NO_ACCESS else "Send Messages"
            place = f"<#{needed.target_id}>" if is_in_discord else f"channel {needed.target_id}"
            return f"*{name}* in {place}"
        case Right.ROLES:
            role = f"<@&{needed.target_id}>" if is_in_discord else f"role {needed.target_id}"
            return f"*Manage Roles*, or does not stand above {role}"
        case Right.TIME_OUT:
            return "*Time out members*, or does not stand above who was to be timed out"
        case Right.BAN:
            return "*Ban Members*, or does not stand above who was to be banned"
