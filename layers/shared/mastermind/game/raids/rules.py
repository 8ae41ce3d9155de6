"""Raids: a shared target in a short time; what members do anyway contributes to it (docs/rules/raids.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.catalogue.rules import TENSEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.catalogue.rules import Catalogue, Stat

SHORTEST, LONGEST, USUAL_DURATION = 15, 240, 60
"""Minutes."""

LOWEST_TARGET, HIGHEST_TARGET, USUAL_TARGET = 100, 10_000, 1_000
"""Points."""

REWARD = 250
"""XP for everybody who has contributed to a raid that was completed, and as much again for who contributed most.

A raid that failed or was cancelled brings no reward: the XP of what was logged are everybody's in any case.
"""


class RaidType(StrEnum):
    """What a raid is about; each stat counts in at most the types that the catalogue names."""

    WARRIOR = "warrior"
    MAGE = "mage"


class RaidStatus(StrEnum):
    """How a raid stands: it runs, its target was reached, its time is over, or an admin ended it."""

    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATUSES = {
    RaidStatus.ACTIVE: "running",
    RaidStatus.COMPLETED: "won",
    RaidStatus.FAILED: "time is over",
    RaidStatus.CANCELLED: "cancelled",
}
"""What members read of it."""


class Stage(StrEnum):
    """The progress of a raid, as the post about its start shows it."""

    HALF = "half"
    NEARLY = "nearly"
    ENDED = "ended"


def stage(status: RaidStatus, total: int, target: int) -> Stage | None:
    """Half of the target, nine tenths of it, or the end; None before that."""
    if status is not RaidStatus.ACTIVE:
        return Stage.ENDED
    if 10 * total >= 9 * target:
        return Stage.NEARLY
    return Stage.HALF if 2 * total >= target else None


def points(catalogue: Catalogue, raid_type: str, counts: Mapping[str, int]) -> dict[str, int]:
    """The points that these units of stats make in a raid of that type, by stat; negative for what is taken back.

    Stats that do not count in it are left out, as is whatever the catalogue does not know.
    """
    made = {stat.key: count * stat.raid.get(raid_type, 0) for stat, count in catalogue.known(counts)}
    return {stat: each for stat, each in made.items() if each}


def tick_points(catalogue: Catalogue, raid_type: str) -> int:
    """The points of one completed challenge in a raid of that type."""
    return catalogue.stat(TENSEY).raid.get(raid_type, 0)


def counting(catalogue: Catalogue, raid_type: str) -> tuple[tuple[Stat, int], ...]:
    """What counts in a raid of that type, with its points per unit; the most valuable first."""
    counted = [(stat, stat.raid[raid_type]) for stat in catalogue.by_key.values() if stat.raid.get(raid_type)]
    return tuple(sorted(counted, key=lambda each: -each[1]))
