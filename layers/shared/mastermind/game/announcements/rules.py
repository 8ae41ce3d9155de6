"""What is announced to the whole server, each once: milestones and levels of a member, raids that begin and end."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

MILESTONES = (10, 50, 100, 200)
"""Numbers of challenges that are milestones in every list that is longer (docs/rules/challenges.md, Milestones)."""

NAMED_FOR = 7_200
"""Seconds in which somebody may be named: longer than a message is tried, shorter than a dead letter is kept."""

LEVELS = (5, 10, 25, 50)
"""Levels that are announced (docs/rules/announcements.md); if several are reached at once, only the highest."""


class AnnouncementKind(StrEnum):
    """The kinds of announcements, as the database and the queue name them."""

    MILESTONE = "milestone"
    LEVEL_UP = "level_up"
    RAID_STARTED = "raid_started"
    RAID_COMPLETED = "raid_completed"
    RAID_FAILED = "raid_failed"


RAIDS = frozenset({AnnouncementKind.RAID_STARTED, AnnouncementKind.RAID_COMPLETED, AnnouncementKind.RAID_FAILED})


@dataclass(frozen=True, slots=True)
class Milestone:
    """A member has done this many challenges, for the first time; the list had `listed` of them."""

    user_id: int
    display_name: str
    challenges: int
    listed: int
    kind: Literal[AnnouncementKind.MILESTONE] = AnnouncementKind.MILESTONE


@dataclass(frozen=True, slots=True)
class LevelUp:
    """A member has reached this level, for the first time."""

    user_id: int
    display_name: str
    level: int
    kind: Literal[AnnouncementKind.LEVEL_UP] = AnnouncementKind.LEVEL_UP


@dataclass(frozen=True, slots=True)
class RaidStarted:
    """A raid has started; it ends at `ends_at`, in seconds since 1970."""

    raid_id: int
    type: str
    target: int
    ends_at: int
    kind: Literal[AnnouncementKind.RAID_STARTED] = AnnouncementKind.RAID_STARTED


@dataclass(frozen=True, slots=True)
class RaidCompleted:
    """A raid has reached its target. `top` is the top contributor's name; "" if they are not named in public."""

    raid_id: int
    type: str
    target: int
    total: int
    contributors: int
    top: str
    kind: Literal[AnnouncementKind.RAID_COMPLETED] = AnnouncementKind.RAID_COMPLETED


@dataclass(frozen=True, slots=True)
class RaidFailed:
    """A raid's time is over, and its target was not reached."""

    raid_id: int
    type: str
    target: int
    total: int
    contributors: int
    kind: Literal[AnnouncementKind.RAID_FAILED] = AnnouncementKind.RAID_FAILED


type Announcement = Milestone | LevelUp | RaidStarted | RaidCompleted | RaidFailed


@dataclass(frozen=True, slots=True)
class Queued:
    """An announcement in the queue, as it was true at `read_at`, in seconds since 1970."""

    announcement: Announcement
    read_at: int


def milestones(listed: int) -> tuple[int, ...]:
    """The milestones of a list of so many challenges; its length is the last of them."""
    return (*(each for each in MILESTONES if each < listed), listed)


def following(challenges: int, listed: int) -> int | None:
    """The next milestone of somebody who has done this many; None when there is none left."""
    return next((milestone for milestone in milestones(listed) if milestone > challenges), None)


def postable(queued: Queued, now: float) -> Announcement | None:
    """What of it is still to be posted at `now`, in seconds since 1970; None for nothing."""
    announcement = queued.announcement
    may_name = now - queued.read_at <= NAMED_FOR
    match announcement:
        case Milestone() | LevelUp():
            return announcement if may_name else None
        case RaidStarted():
            return announcement if now < announcement.ends_at else None
        case RaidCompleted():
            return announcement if may_name else replace(announcement, top="")
        case RaidFailed():
            return announcement
