"""Which roles may be given: none with rights over others, and none at or above the admin who added it, or the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.permissions import ADMINISTRATOR, MANAGE_ROLES
from mastermind.discord.requests import CheckRole, Outcome
from mastermind.game.outreach.rights import NO_PERMISSION
from mastermind.game.roles.rules import objection
from mastermind.game.server_settings.rules import objection as moderators_objection
from mastermind.operations.outbox.rules import Standing, above
from mastermind.operations.outbox.server import member, server, standing

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.discord.interactions import Role
    from mastermind.discord.requests import AddRole
    from mastermind.operations.outbox.server import Server
    from mastermind.operations.outbox.session import Session

UNKNOWN_MEMBER, UNKNOWN_ROLE = 10007, 10011
"""Discord's codes for what is answered here without asking for the role itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a request without the role being asked for; `roles` are those that the member has."""

    outcome: Outcome
    code: int = 0
    reason: str = ""
    roles: tuple[int, ...] = ()


def verdict(
    request: AddRole | CheckRole,
    guild_id: int,
    bot_id: int,
    own: Collection[int],
    session: Session,
    *,
    was_asked: bool = False,
) -> Verdict | None:
    """Why the role is not given, or need not be; None if it is to be. Raises Unclear.

    `own` are the roles that make admins and moderators of the game. `was_asked`: it was asked for before, when the
    member did not have it; then it is there because of that.
    """
    place = server(guild_id, session)
    role = place.roles.get(request.role_id)
    if role is None:
        return Verdict(Outcome.GONE, UNKNOWN_ROLE, "it was deleted in Discord")
    if isinstance(request, CheckRole) and request.for_moderators:
        return _of_moderators(role, request.admin_id, place, session)
    if reason := objection(role, guild_id, own):
        return Verdict(Outcome.REFUSED, reason=reason)
    if refused := _of_admin(role, request.admin_id, place, session) or _of_bot(role, bot_id, place, session):
        return refused
    if isinstance(request, CheckRole):
        return Verdict(Outcome.DONE)
    return _of_member(request, guild_id, session, was_asked=was_asked)


def _of_moderators(role: Role, admin_id: int, place: Server, session: Session) -> Verdict:
    if reason := moderators_objection(role, place.guild_id):
        return Verdict(Outcome.REFUSED, reason=reason)
    refused = _of_admin(role, admin_id, place, session) if admin_id else None
    return refused or Verdict(Outcome.DONE)


def _of_admin(role: Role, admin_id: int, place: Server, session: Session) -> Verdict | None:
    admin = _somebody(admin_id, place.guild_id, session)
    if admin is None:
        return Verdict(Outcome.REFUSED, reason="the admin who added it is no longer in the server")
    if admin_id != place.owner_id and not _is_below(role, admin, place):
        return Verdict(Outcome.REFUSED, reason="it is not below the highest role of the admin who added it")
    return None


def _of_bot(role: Role, bot_id: int, place: Server, session: Session) -> Verdict | None:
    bot = _somebody(bot_id, place.guild_id, session)
    if bot is None or not _is_below(role, bot, place):
        return Verdict(Outcome.REFUSED, NO_PERMISSION, "it is not below the highest role of the bot")
    if not place.rights(bot) & (MANAGE_ROLES | ADMINISTRATOR):
        return Verdict(Outcome.REFUSED, NO_PERMISSION, "the bot lacks the permission Manage Roles")
    return None


def _is_below(role: Role, person: Standing, place: Server) -> bool:
    return above(person, Standing(0, frozenset({role.role_id})), place.positions, owner_id=-1)


def _somebody(user_id: int, guild_id: int, session: Session) -> Standing | None:
    found = member(user_id, guild_id, session)
    return None if found is None else standing(user_id, found)


def _of_member(request: AddRole, guild_id: int, session: Session, *, was_asked: bool) -> Verdict | None:
    person = _somebody(request.user_id, guild_id, session)
    if person is None:
        return Verdict(Outcome.GONE, UNKNOWN_MEMBER, "they are not in the server")
    if request.role_id in person.roles and not was_asked:
        return Verdict(Outcome.DONE, roles=tuple(sorted(person.roles)))
    return None
