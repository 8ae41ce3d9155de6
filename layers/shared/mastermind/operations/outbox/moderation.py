"""Whom moderation may touch: nobody at or above the person who confirmed it, or above the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.operations.outbox import calls
from mastermind.operations.outbox.rules import Standing, above

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mastermind.discord.requests import Ban, TimeOut, Unban
    from mastermind.gateways.discord_api import Answer
    from mastermind.operations.outbox.session import Session


class Unclear(Exception):
    """Discord did not say what must be known first."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def objection(request: TimeOut | Ban | Unban, guild_id: int, bot_id: int, session: Session) -> str:
    """Why nobody may do that, in words for admins; empty if they may. Raises Unclear."""
    guild = _known(session.ask(calls.guild(guild_id)))
    owner_id = int(guild["owner_id"])
    positions = {int(role["id"]): int(role["position"]) for role in guild["roles"]}
    target = _standing(request.user_id, guild_id, session)
    for other, words in ((request.confirmer_id, "the one who confirmed it"), (bot_id, "the bot")):
        standing = _standing(other, guild_id, session)
        if standing is None:
            return f"{words} is not in the server"
        if not above(standing, target or Standing(request.user_id, frozenset()), positions, owner_id):
            return f"{words} is not above that member in the list of roles"
    return ""


def _standing(user_id: int, guild_id: int, session: Session) -> Standing | None:
    """None for somebody who is not in the server."""
    answer = session.ask(calls.member(guild_id, user_id))
    if answer.status == 404:
        return None
    return Standing(user_id, frozenset(int(role) for role in _known(answer)["roles"]))


def _known(answer: Answer) -> Mapping[str, Any]:
    if not answer.is_done:
        raise Unclear(answer)
    return answer.body
