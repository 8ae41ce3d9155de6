"""What is announced to the whole server, each once: milestones and levels of a member, raids, and the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

MILESTONES = (10, 50, 100, 200)
"""Numbers of challenges that are milestones in every list that is longer (docs/rules/challenges.md, Milestones)."""

LEVELS = (5, 10, 25, 50)
"""Levels that are announced (docs/rules/announcements.md); if several are reached at once, only the highest."""


CURRENT = timedelta(hours=12)
"""How long a week may wait to be announced."""

ALONE = 3
"""So many members are celebrated in `GATHERED`, each in a post of their own; if there are more they are gathered."""

GATHERED = timedelta(minutes=10)
"""How long a digest is open; then it is posted."""

CHEERED = timedelta(days=30)
"""How long one can cheer below a post."""


class AnnouncementKind(StrEnum):
    """The kinds of announcements, as the database and the queue name them."""

    MILESTONE = "milestone"
    LEVEL_UP = "level_up"
    RAID_STARTED = "raid_started"
    RAID_COMPLETED = "raid_completed"
    RAID_FAILED = "raid_failed"
    WEEK = "week"


RAIDS = frozenset({AnnouncementKind.RAID_STARTED, AnnouncementKind.RAID_COMPLETED, AnnouncementKind.RAID_FAILED})


@dataclass(frozen=True, slots=True)
class Milestone:
    """A member of that level has done this many challenges, for the first time; the list had `listed` of them.

    `avatar` is the hash of their picture at Discord, "" where it is not known.
    """

    user_id: int
    display_name: str
    challenges: int
    listed: int
    kind: Literal[AnnouncementKind.MILESTONE] = AnnouncementKind.MILESTONE
    level: int = 1
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class LevelUp:
    """A member has reached this level, for the first time. `avatar` as above."""

    user_id: int
    display_name: str
    level: int
    kind: Literal[AnnouncementKind.LEVEL_UP] = AnnouncementKind.LEVEL_UP
    avatar: str = ""


type Celebration = Milestone | LevelUp
"""What is announced of a member."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Several celebrations in one post, because there were many in a short time."""

    digest_id: int
    celebrated: tuple[Milestone | LevelUp, ...]
    kind: Literal["digest"] = "digest"


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


def milestones(listed: int) -> tuple[int, ...]:
    """The milestones of a list of so many challenges; its length is the last of them."""
    return (*(each for each in MILESTONES if each < listed), listed)


def following(challenges: int, listed: int) -> int | None:
    """The next milestone of somebody who has done this many; None when there is none left."""
    return next((milestone for milestone in milestones(listed) if milestone > challenges), None)
