"""Announcing milestones, levels, raids and weeks: each once in effect, whatever fails in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mastermind.game.announcements import table as announcements
from mastermind.game.announcements.queued import Announcement
from mastermind.game.announcements.rules import (
    AnnouncementKind,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
)
from mastermind.game.outbox import table as outbox
from mastermind.game.raids import table as raids
from mastermind.game.weeks import actions as weeks
from mastermind.postgres.exchange import exchange, only, preliminary, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mastermind.deadline import Deadline
    from mastermind.game.announcements.table import DueAnnouncement
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection

__all__ = ["Announcement", "announce", "begin_week", "compose", "hand_over"]

OUTBOX_KIND = "announcement"


def announce(conn: Connection, send: Callable[[Announcement], None], kinds: Collection[str], deadline: Deadline) -> int:
    """Hand everything that is due to `send`, until `deadline`; returns how much was sent.

    Each is claimed and read just before it is sent, and marked as sent afterwards: no transaction is open meanwhile.
    When sending fails, the error is raised and the announcement stays due. Kinds that are not in `kinds` are never
    sent, and neither is what its member does not want announced, nor what another process has claimed.
    """
    sent = 0
    while not deadline.passed and (due := _claimed(conn, deadline)):
        is_wanted = due.is_wanted and due.kind in kinds
        if is_wanted:
            _send(conn, due, send)
        with exchange(conn), transaction(conn):
            announcements.resolve(conn, due, sent=is_wanted)
        sent += is_wanted
    return sent


def hand_over(conn: Connection, kinds: Collection[str], deadline: Deadline) -> int:
    """Put everything that is due into the outbox, until `deadline`; returns how much.

    In one transaction with the mark that it is sent: there is no moment in which it is neither or both.
    """
    handed = 0
    while not deadline.passed and (due := _claimed(conn, deadline)):
        is_wanted = due.is_wanted and due.kind in kinds
        with exchange(conn), transaction(conn):
            if is_wanted:
                key = f"{due.key}:{due.made_at.timestamp():.6f}"
                outbox.insert(conn, OUTBOX_KIND, key, user_id=due.user_id or None, refs={"of": due.key})
            announcements.resolve(conn, due, sent=is_wanted)
        handed += is_wanted
    return handed


def begin_week(conn: Connection, time_zone: str) -> None:
    """Have last week announced, once, if it is time for that in the zone and there is anything to tell."""
    with exchange(conn), transaction(conn):
        announcements.begin_week(conn, time_zone)


def _claimed(conn: Connection, deadline: Deadline) -> DueAnnouncement | None:
    """The next announcement, claimed until `deadline`: after that nothing is sent any more, and others may claim it."""
    with exchange(conn), preliminary(conn):
        claimed = announcements.claim(conn, deadline.remaining())
    return claimed.fetchone()


def _send(conn: Connection, due: DueAnnouncement, send: Callable[[Announcement], None]) -> None:
    """Send it, or give the claim back; where that fails too the claim ends by itself."""
    try:
        send(compose(conn, due))
    except Exception:
        with exchange(conn), transaction(conn):
            announcements.release(conn, due.key)
        raise


def compose(conn: Connection, due: DueAnnouncement) -> Announcement:
    """What is announced, in figures and names of this moment."""
    match due.kind:
        case AnnouncementKind.MILESTONE:
            return Milestone(due.user_id, due.display_name, due.figure, due.listed)
        case AnnouncementKind.LEVEL_UP:
            return LevelUp(due.user_id, due.display_name, due.figure)
        case AnnouncementKind.RAID_STARTED | AnnouncementKind.RAID_COMPLETED | AnnouncementKind.RAID_FAILED:
            return _of_raid(due.kind, only(raids.find(conn, due.raid_id)), conn)
        case AnnouncementKind.WEEK:
            return weeks.read_server(conn, due.key)


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
