"""Discord's data about our server, read before somebody is given a role, timed out or banned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.interactions import Role
from mastermind.operations.outbox import calls
from mastermind.operations.outbox.rules import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mastermind.gateways.discord_api import Answer
    from mastermind.operations.outbox.session import Session


class Unclear(Exception):
    """Discord did not say what must be known first."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Server:
    """Its owner, and its roles by their ids; @everyone has the server's id."""

    guild_id: int
    owner_id: int
    roles: Mapping[int, Role]

    @property
    def positions(self) -> Mapping[int, int]:
        return {role.role_id: role.position for role in self.roles.values()}

    def rights(self, person: Standing) -> int:
        """The permissions that somebody has in the whole server."""
        found = 0
        for role_id in (self.guild_id, *person.roles):
            found |= self.roles[role_id].permissions if role_id in self.roles else 0
        return found


def server(guild_id: int, session: Session) -> Server:
    """Raises Unclear."""
    guild = known(session.ask(calls.guild(guild_id)))
    roles = (
        Role(int(role["id"]), int(role["permissions"]), int(role["position"]), bool(role["managed"]))
        for role in guild["roles"]
    )
    return Server(guild_id, int(guild["owner_id"]), {role.role_id: role for role in roles})


def member(user_id: int, guild_id: int, session: Session) -> Mapping[str, Any] | None:
    """None for somebody who is not in the server. Raises Unclear."""
    answer = session.ask(calls.member(guild_id, user_id))
    return None if answer.status == 404 else known(answer)


def standing(user_id: int, found: Mapping[str, Any]) -> Standing:
    """Somebody with the roles that were found for them."""
    return Standing(user_id, frozenset(int(role) for role in found.get("roles", ())))


def known(answer: Answer) -> Mapping[str, Any]:
    """What it says; raises Unclear."""
    if not answer.is_done:
        raise Unclear(answer)
    return answer.body
