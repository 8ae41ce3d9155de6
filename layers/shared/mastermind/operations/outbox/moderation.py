"""Who may be timed out or banned: nobody at or above the confirmer or the bot; the bot lifts only its own penalties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MODERATE_MEMBERS
from mastermind.discord.requests import TimeOut, Unban
from mastermind.game.outreach.rights import NO_PERMISSION
from mastermind.operations.outbox import calls
from mastermind.operations.outbox.rules import above
from mastermind.operations.outbox.server import known, member, server, standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mastermind.discord.requests import Ban
    from mastermind.operations.outbox.session import Session


@dataclass(frozen=True, slots=True)
class Objection:
    """Why nobody may do that, in words for admins; `code` is Discord's where it would refuse it for that."""

    words: str
    code: int = 0


def objection(request: TimeOut | Ban | Unban, guild_id: int, bot_id: int, session: Session) -> Objection | None:
    """Why nobody may do that; None if they may. Raises Unclear."""
    place = server(guild_id, session)
    accused = member(request.user_id, guild_id, session)
    target = standing(request.user_id, accused or {})
    for other, words in ((request.confirmer_id, "the one who confirmed it"), (bot_id, "the bot")):
        found = member(other, guild_id, session)
        if found is None:
            return Objection(f"{words} is not in the server")
        person = standing(other, found)
        if not above(person, target, place.positions, place.owner_id):
            return Objection(f"{words} is not above that member in the list of roles")
        if other == bot_id and not place.rights(person) & (_right(request) | ADMINISTRATOR):
            return Objection("the bot lacks the permission", NO_PERMISSION)
    if isinstance(request, TimeOut) and request.until and place.rights(target) & ADMINISTRATOR:
        return Objection("that member is an administrator, and Discord times out none")
    return _not_ours(request, accused, guild_id, session)


def _right(request: TimeOut | Ban | Unban) -> int:
    return MODERATE_MEMBERS if isinstance(request, TimeOut) else BAN_MEMBERS


def _not_ours(
    request: TimeOut | Ban | Unban, accused: Mapping[str, Any] | None, guild_id: int, session: Session
) -> Objection | None:
    """Why something is not lifted: somebody else has set it, or changed it since."""
    if isinstance(request, TimeOut) and not request.until and accused is not None:
        until = cast("str | None", accused.get("communication_disabled_until"))
        if until is None or int(datetime.fromisoformat(until).timestamp()) != request.ours:
            return Objection("the time-out that was set here is over, or somebody has changed it")
    if isinstance(request, Unban):
        answer = session.ask(calls.ban(guild_id, request.user_id))
        if answer.status != 404 and known(answer).get("reason") != request.ours:
            return Objection("that ban is another one than was set here")
    return None
