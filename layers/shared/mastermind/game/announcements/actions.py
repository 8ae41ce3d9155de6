"""Announcing milestones, levels and raids: each once in effect, whatever fails in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mastermind.game.announcements import table as announcements
from mastermind.game.announcements.rules import (
    Announcement,
    AnnouncementKind,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
)
from mastermind.game.raids import table as raids
from mastermind.postgres.exchange import decision, only

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mastermind.deadline import Deadline
    from mastermind.game.announcements.table import DueAnnouncement
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection

__all__ = ["Announcement", "announce"]


def announce(conn: Connection, send: Callable[[Announcement], None], kinds: Collection[str], deadline: Deadline) -> int:
    """Hand everything that is due to `send`, until `deadline`; returns how much was sent.

    Each is read again just before it is sent, in a transaction of its own: when sending fails, the error is raised and
    the announcement stays due. Kinds that are not in `kinds` are never sent, and neither is what its member does not
    want announced. While another process announces, nothing is sent.
    """
    sent = 0
    while announcements.is_any_due(conn) and not deadline.passed:
        with decision(conn) as transaction:
            transaction.begin()
            if not announcements.take_turn(conn):
                break
            due = announcements.next_due(conn).fetchone()
            if due is None:
                break
            is_wanted = due.is_wanted and due.kind in kinds
            if is_wanted:
                send(_composed(conn, due))
            announcements.resolve(conn, due, sent=is_wanted)
            transaction.commit()
            sent += is_wanted
    return sent


def _composed(conn: Connection, due: DueAnnouncement) -> Announcement:
    match due.kind:
        case AnnouncementKind.MILESTONE:
            return Milestone(due.user_id, due.display_name, due.figure, due.listed)
        case AnnouncementKind.LEVEL_UP:
            return LevelUp(due.user_id, due.display_name, due.figure)
        case AnnouncementKind.RAID_STARTED | AnnouncementKind.RAID_COMPLETED | AnnouncementKind.RAID_FAILED:
            return _of_raid(due.kind, only(raids.find(conn, due.raid_id)), conn)


def _of_raid(
    kind: Literal[AnnouncementKind.RAID_STARTED, AnnouncementKind.RAID_COMPLETED, AnnouncementKind.RAID_FAILED],
    raid: Raid,
    conn: Connection,
) -> Announcement:
    match kind:
        case AnnouncementKind.RAID_STARTED:
            return RaidStarted(raid.raid_id, raid.type, raid.target, int(raid.ends_at.timestamp()))
        case AnnouncementKind.RAID_FAILED:
            return RaidFailed(raid.raid_id, raid.type, raid.target, raid.total, raid.contributors)
        case AnnouncementKind.RAID_COMPLETED:
            best = raids.champion(conn, raid.raid_id).fetchone() or ""
            return RaidCompleted(raid.raid_id, raid.type, raid.target, raid.total, raid.contributors, best)
