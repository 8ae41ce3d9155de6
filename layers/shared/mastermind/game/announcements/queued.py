"""All that is announced, and what of it is still to be posted when it comes out of the queue Notices."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass

from mastermind.game.announcements.rules import Digest, LevelUp, Milestone, RaidCompleted, RaidFailed, RaidStarted
from mastermind.game.weeks.rules import ServerWeek

NAMED_FOR = 7_200
"""Seconds in which somebody may be named: longer than a message is tried, shorter than a dead letter is kept."""

type Announcement = Milestone | LevelUp | Digest | RaidStarted | RaidCompleted | RaidFailed | ServerWeek


@dataclass(frozen=True, slots=True)
class Queued:
    """An announcement in the queue, as it was true at `read_at`, in seconds since 1970."""

    announcement: Announcement
    read_at: int


def postable(queued: Queued, now: float) -> Announcement | None:
    """What of it is still to be posted at `now`, in seconds since 1970; None for nothing."""
    announcement = queued.announcement
    may_name = now - queued.read_at <= NAMED_FOR
    match announcement:
        case Milestone() | LevelUp() | Digest() | ServerWeek():
            return announcement if may_name else None
        case RaidStarted():
            return announcement if now < announcement.ends_at else None
        case RaidCompleted():
            return announcement if may_name else replace(announcement, top="")
        case RaidFailed():
            return announcement
