"""Which roles members have for what they reach, and which may be roles of the game (docs/rules/roles.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.discord import permissions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mastermind.discord.interactions import Role


class RoleKind(StrEnum):
    """What a role is for, as the database names it."""

    LEVEL = "level"
    CLASS = "class"
    FACTION = "faction"
    STREAK = "streak"
    CHALLENGES = "challenges"


NAMED = frozenset({RoleKind.CLASS, RoleKind.FACTION})
"""The kinds whose roles are for a name; the others are for a number or more."""

MOST = {RoleKind.LEVEL: 50, RoleKind.STREAK: 3650, RoleKind.CHALLENGES: 1000}
"""The most that a role can be for, by kind."""

MOST_ROLES = 20
"""Roles of the game: what a list of them shows in one message, with why each is refused."""

PREFIX = "the game: "
"""How Discord's audit log begins the reason for a role that is given or taken."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a member stands: their level with the class it belongs to, and the classes below; `faction` may be ""."""

    level: int
    classes: tuple[str, ...]
    faction: str
    streak: int
    challenges: int


@dataclass(frozen=True, slots=True)
class GameRole:
    """A role of the game: for `least` or more of a number, or for a `name`.

    `keeps_lower`: members keep those of their kind that they have passed. `refused` is why it is not given, "" if it
    is.
    """

    role_id: int
    kind: RoleKind
    least: int
    name: str
    keeps_lower: bool
    added_by: int
    refused: str = ""


def wanted(roles: Iterable[GameRole], reached: Reached) -> frozenset[int]:
    """The roles that somebody should have. Of each kind the highest alone, unless it keeps the lower ones."""
    by_kind: dict[RoleKind, list[tuple[int, GameRole]]] = {}
    for role in roles:
        height = _height(role, reached)
        if height is not None and not role.refused:
            by_kind.setdefault(role.kind, []).append((height, role))
    return frozenset(
        role.role_id
        for earned in by_kind.values()
        for height, role in earned
        if role.keeps_lower or height == max(height for height, _ in earned)
    )


def _height(role: GameRole, reached: Reached) -> int | None:
    """How high it stands among those of its kind; None when the member has not reached it."""
    match role.kind:
        case RoleKind.CLASS:
            return reached.classes.index(role.name) if role.name in reached.classes else None
        case RoleKind.FACTION:
            return 0 if role.name == reached.faction else None
        case RoleKind.LEVEL:
            number = reached.level
        case RoleKind.STREAK:
            number = reached.streak
        case RoleKind.CHALLENGES:
            number = reached.challenges
    return role.least if number >= role.least else None


@dataclass(frozen=True, slots=True)
class Held:
    """What a member has of these roles: `given` by the game, `kept` are those that they had without it."""

    given: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """The next role to be given or taken."""

    role_id: int
    gives: bool


def next_step(wanted: frozenset[int], held: Held) -> Step | None:
    """What is to be done next, if anything: first what is given, so that nobody is without in between."""
    missing, over = wanted - held.given - held.kept, held.given - wanted
    if missing:
        return Step(min(missing), gives=True)
    return Step(min(over), gives=False) if over else None


# --- which roles may be given ---

DANGEROUS: Mapping[str, int] = {
    "Administrator": permissions.ADMINISTRATOR,
    "Manage Server": permissions.MANAGE_GUILD,
    "Manage Roles": permissions.MANAGE_ROLES,
    "Manage Channels": permissions.MANAGE_CHANNELS,
    "Manage Webhooks": permissions.MANAGE_WEBHOOKS,
    "Manage Messages": permissions.MANAGE_MESSAGES,
    "Manage Threads": permissions.MANAGE_THREADS,
    "Manage Nicknames": permissions.MANAGE_NICKNAMES,
    "Manage Expressions": permissions.MANAGE_EXPRESSIONS,
    "Manage Events": permissions.MANAGE_EVENTS,
    "Mention Everyone": permissions.MENTION_EVERYONE,
    "View Audit Log": permissions.VIEW_AUDIT_LOG,
    "Kick Members": permissions.KICK_MEMBERS,
    "Ban Members": permissions.BAN_MEMBERS,
    "Time out members": permissions.MODERATE_MEMBERS,
    "Mute Members": permissions.MUTE_MEMBERS,
    "Deafen Members": permissions.DEAFEN_MEMBERS,
    "Move Members": permissions.MOVE_MEMBERS,
}
"""Rights over others: nobody gets them for playing."""


def objection(role: Role, guild_id: int, own: Collection[int]) -> str:
    """Why it may not be a role of the game, "" if it may; `own` are the game's admin and moderator roles."""
    if role.role_id == guild_id:
        return "it is @everyone, which everybody has"
    if role.role_id in own:
        return "it makes members admins or moderators of the game"
    if role.is_managed:
        return "Discord gives it to a bot, an integration or boosters, and to nobody else"
    if found := [name for name, bit in DANGEROUS.items() if role.permissions & bit]:
        return f"it has rights over others: {', '.join(found[:3])}{' and more' if len(found) > 3 else ''}"
    return ""
