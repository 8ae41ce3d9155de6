"""Which settings of the server there are, what they may be, and what holds (docs/rules/settings.md). Pure."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from mastermind.game.announcements.rules import RAIDS, AnnouncementKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mastermind.discord.interactions import Role
    from mastermind.game.members.pace import Limit, Pace

ON, OFF = "on", "off"

CHANNEL, MODERATORS = "channel", "moderators"
"""Where the bot announces, and whose members are moderators: in force once Discord has been asked."""

NONE = 0
"""The deploy has no such channel or role."""


class Switch(StrEnum):
    """What is posted or not, as the database names it: announcements, and the report for the admins."""

    MILESTONES = "milestones"
    LEVEL_UPS = "level_ups"
    RAIDS = "raids"
    WEEKS = "weeks"
    REPORT = "report"


KINDS: Mapping[Switch, frozenset[AnnouncementKind]] = {
    Switch.MILESTONES: frozenset({AnnouncementKind.MILESTONE}),
    Switch.LEVEL_UPS: frozenset({AnnouncementKind.LEVEL_UP}),
    Switch.RAIDS: frozenset(RAIDS),
    Switch.WEEKS: frozenset({AnnouncementKind.WEEK}),
}


class Speed(StrEnum):
    """How many times as fast as the deploy says members may play; nothing else, so the game is never locked or open."""

    HALF = "0.5"
    USUAL = "1"
    DOUBLE = "2"
    FOURFOLD = "4"

    def of(self, limit: Limit) -> Limit:
        """The limit at this speed, as the database applies it (`charge`); a burst is never below 1."""
        factor = float(self)
        return replace(limit, uses=max(1, round(limit.uses * factor)), burst=ceil(limit.burst * factor))


def limit_name(pace: Pace) -> str:
    """The setting of a pace's limit."""
    return f"limit.{pace}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What differs from the deploy: `value` is in force ("" is nothing, so the deploy's is).

    `asked` is what was chosen last, if Discord has not been asked yet, or if it is `refused`, which says why.
    """

    name: str
    value: str = ""
    asked: str = ""
    refused: str = ""

    @property
    def is_pending(self) -> bool:
        return bool(self.asked) and not self.refused


@dataclass(frozen=True, slots=True)
class Choices:
    """All that differs from the deploy, by name."""

    by_name: Mapping[str, Choice]

    def of(self, name: str) -> Choice:
        return self.by_name.get(name) or Choice(name)

    def id(self, name: str, deployed: int) -> int:
        """The channel or role that is in force; 0 for none."""
        value = self.of(name).value
        return int(value) if value else deployed

    def is_on(self, switch: Switch, *, deployed: bool) -> bool:
        value = self.of(switch).value
        return value == ON if value else deployed

    def speed(self, pace: Pace) -> Speed:
        value = self.of(limit_name(pace)).value
        return Speed(value) if value else Speed.USUAL

    def announced(self, deployed: Collection[AnnouncementKind]) -> frozenset[AnnouncementKind]:
        """The kinds of announcements that are made, of which the deploy makes these."""
        return frozenset(
            kind for switch, kinds in KINDS.items() for kind in kinds if self.is_on(switch, deployed=kind in deployed)
        )

    @property
    def differing(self) -> tuple[Choice, ...]:
        """What is in force instead of the deploy's, by name."""
        return tuple(self.by_name[name] for name in sorted(self.by_name) if self.by_name[name].value)


def choices(found: Iterable[Choice]) -> Choices:
    return Choices({choice.name: choice for choice in found})


def objection(role: Role, guild_id: int, admin_role_id: int = NONE) -> str:
    """Why a role cannot be the moderators', "" if it can; Discord says later whether it stands below the admin."""
    if role.role_id == guild_id:
        return "it is @everyone, which everybody has"
    if role.role_id == admin_role_id:
        return "its members are admins of the game already"
    if role.is_managed:
        return "Discord gives it to a bot, an integration or boosters, and to nobody else"
    return ""
