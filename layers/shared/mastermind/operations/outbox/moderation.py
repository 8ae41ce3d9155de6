"""Whom moderation may touch: nobody at or above who confirmed it, or the bot; and it lifts only what it has set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MODERATE_MEMBERS
from mastermind.discord.requests import TimeOut, Unban
from mastermind.game.outreach.rights import NO_PERMISSION
from mastermind.operations.outbox import calls
from mastermind.operations.outbox.rules import Standing, above

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mastermind.discord.requests import Ban
    from mastermind.gateways.discord_api import Answer
    from mastermind.operations.outbox.session import Session


class Unclear(Exception):
    """Discord did not say what must be known first."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Objection:
    """Why nobody may do that, in words for admins; `code` is Discord's where it would refuse it for that."""

    words: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class _Server:
    """The roles of the server by their ids, and its owner."""

    owner_id: int
    guild_id: int
    positions: Mapping[int, int]
    permissions: Mapping[int, int]

    def rights(self, person: Standing) -> int:
        """The permissions that somebody has in the whole server; @everyone has the server's id."""
        found = 0
        for role in (self.guild_id, *person.roles):
            found |= self.permissions.get(role, 0)
        return found


def objection(request: TimeOut | Ban | Unban, guild_id: int, bot_id: int, session: Session) -> Objection | None:
    """Why nobody may do that; None if they may. Raises Unclear."""
    server = _server(_known(session.ask(calls.guild(guild_id))), guild_id)
    member = _member(request.user_id, guild_id, session)
    target = _standing(request.user_id, member or {})
    for other, words in ((request.confirmer_id, "the one who confirmed it"), (bot_id, "the bot")):
        found = _member(other, guild_id, session)
        if found is None:
            return Objection(f"{words} is not in the server")
        standing = _standing(other, found)
        if not above(standing, target, server.positions, server.owner_id):
            return Objection(f"{words} is not above that member in the list of roles")
        if other == bot_id and not server.rights(standing) & (_right(request) | ADMINISTRATOR):
            return Objection("the bot lacks the permission", NO_PERMISSION)
    if isinstance(request, TimeOut) and request.until and server.rights(target) & ADMINISTRATOR:
        return Objection("that member is an administrator, and Discord times out none")
    return _not_ours(request, member, guild_id, session)


def _right(request: TimeOut | Ban | Unban) -> int:
    return MODERATE_MEMBERS if isinstance(request, TimeOut) else BAN_MEMBERS


def _not_ours(
    request: TimeOut | Ban | Unban, member: Mapping[str, Any] | None, guild_id: int, session: Session
) -> Objection | None:
    """Why something is not lifted: somebody else has set it, or changed it since."""
    if isinstance(request, TimeOut) and not request.until and member is not None:
        until = cast("str | None", member.get("communication_disabled_until"))
        if until is None or int(datetime.fromisoformat(until).timestamp()) != request.ours:
            return Objection("the time-out that was set here is over, or somebody has changed it")
    if isinstance(request, Unban):
        answer = session.ask(calls.ban(guild_id, request.user_id))
        if answer.status != 404 and _known(answer).get("reason") != request.ours:
            return Objection("that ban is another one than was set here")
    return None


def _server(guild: Mapping[str, Any], guild_id: int) -> _Server:
    return _Server(
        int(guild["owner_id"]),
        guild_id,
        {int(role["id"]): int(role["position"]) for role in guild["roles"]},
        {int(role["id"]): int(role["permissions"]) for role in guild["roles"]},
    )


def _member(user_id: int, guild_id: int, session: Session) -> Mapping[str, Any] | None:
    """None for somebody who is not in the server."""
    answer = session.ask(calls.member(guild_id, user_id))
    return None if answer.status == 404 else _known(answer)


def _standing(user_id: int, member: Mapping[str, Any]) -> Standing:
    return Standing(user_id, frozenset(int(role) for role in member.get("roles", ())))


def _known(answer: Answer) -> Mapping[str, Any]:
    if not answer.is_done:
        raise Unclear(answer)
    return answer.body
