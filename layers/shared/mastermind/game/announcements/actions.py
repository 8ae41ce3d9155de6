"""Announcing milestones, levels, raids and weeks: each once in effect, whatever fails in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.game.announcements import table as announcements
from mastermind.game.announcements.queued import Announcement
from mastermind.game.announcements.rules import (
    AnnouncementKind,
    Digest,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
)
from mastermind.game.outbox import table as outbox
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import stage
from mastermind.game.weeks import actions as weeks
from mastermind.postgres.exchange import exchange, only, preliminary, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from mastermind.deadline import Deadline
    from mastermind.game.announcements.table import DueAnnouncement, RaidPost
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection

__all__ = ["Announcement", "announce", "begin_week", "compose", "compose_digest", "hand_over", "tell_stages"]

OUTBOX_KIND, DIGEST_KIND, RAID_KIND = "announcement", "digest", "raid"


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


def hand_over(conn: Connection, kinds: Collection[AnnouncementKind], deadline: Deadline) -> int:
    """Put everything that is due into the outbox, until `deadline`; returns how much.

    In one transaction with the mark that it is sent: there is no moment in which it is neither or both. Of many
    members in a short time one digest is posted.
    """
    handed = 0
    while not deadline.passed and (due := _claimed(conn, deadline)):
        is_wanted = due.is_wanted and due.kind in kinds
        digest = _digest(conn, kinds) if is_wanted and due.user_id else None
        with exchange(conn), transaction(conn):
            if is_wanted and digest is None:
                outbox.insert(conn, OUTBOX_KIND, _once(due), user_id=due.user_id or None, refs={"of": due.key})
            elif digest and digest.closes_at:
                key = f"{DIGEST_KIND}:{digest.digest_id}"
                outbox.insert(conn, DIGEST_KIND, key, refs={"digest": digest.digest_id}, due_at=digest.closes_at)
            announcements.resolve(conn, due, sent=is_wanted, digest_id=digest and digest.digest_id)
        handed += is_wanted
    return handed


def _once(due: DueAnnouncement) -> str:
    """Its key in the outbox: what was taken back and is reached again is said again."""
    return f"{due.key}:{due.made_at.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class _Digest:
    """A digest that takes more; `closes_at` is None for one that was opened before."""

    digest_id: int
    closes_at: datetime | None


def _digest(conn: Connection, kinds: Collection[AnnouncementKind]) -> _Digest | None:
    """The digest that it belongs into; None where it is posted by itself."""
    with exchange(conn):
        found = announcements.room(conn, kinds)
    room = only(found)
    if room.digest_id is not None:
        return _Digest(room.digest_id, None)
    if not room.is_full:
        return None
    with exchange(conn), transaction(conn):
        made = announcements.next_digest(conn)
    return _Digest(only(made), room.closes_at)


def begin_week(conn: Connection, time_zone: str) -> None:
    """Have last week announced, once, if it is time for that in the zone and there is anything to tell."""
    with exchange(conn), transaction(conn):
        announcements.begin_week(conn, time_zone)


def tell_stages(conn: Connection, posts: Sequence[RaidPost]) -> None:
    """Have the posts of these raids edited, once at each stage.

    What everybody may see counts, not what is true: an edit must not give away what somebody keeps to themselves.
    """
    for post in posts:
        with exchange(conn):
            found = raids.find(conn, post.raid_id)
        raid = only(found)
        if reached := stage(raid.status, raid.total, raid.target):
            with exchange(conn), transaction(conn):
                key = f"{RAID_KIND}:{post.raid_id}:{reached}"
                outbox.insert(conn, RAID_KIND, key, refs={"raid_id": post.raid_id})


def _claimed(conn: Connection, deadline: Deadline) -> DueAnnouncement | None:
    """The next announcement, claimed until `deadline`: after that nothing is sent any more, and others may claim it."""
    with exchange(conn), preliminary(conn):
        claimed = announcements.claim(conn, deadline.remaining())
    return claimed.fetchone()


def _send(conn: Connection, due: DueAnnouncement, send: Callable[[Announcement], None]) -> None:
    """Send it, or release the claim; if that fails too, the claim expires."""
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
            return Milestone(due.user_id, due.display_name, due.figure, due.listed, level=due.level, avatar=due.avatar)
        case AnnouncementKind.LEVEL_UP:
            return LevelUp(due.user_id, due.display_name, due.figure, avatar=due.avatar)
        case AnnouncementKind.RAID_STARTED | AnnouncementKind.RAID_COMPLETED | AnnouncementKind.RAID_FAILED:
            return _of_raid(due.kind, only(raids.find(conn, due.raid_id)), conn)
        case AnnouncementKind.WEEK:
            return weeks.read_server(conn, due.key)


def compose_digest(conn: Connection, digest_id: int, kinds: Collection[AnnouncementKind]) -> Digest | None:
    """A digest's text for these kinds, as far as it is wanted and still true; None for nothing."""
    found = [due for due in announcements.gathered(conn, digest_id) if due.is_wanted and due.kind in kinds]
    celebrated = [each for due in found if isinstance(each := compose(conn, due), Milestone | LevelUp)]
    return Digest(digest_id, tuple(celebrated)) if celebrated else None


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
