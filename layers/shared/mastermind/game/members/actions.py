"""What members set for themselves; a change is a decision of two exchanges, stored under its interaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.members import content as time_zones
from mastermind.game.members import settings
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.members.settings import Settings
from mastermind.game.members.time_zones import CHANGES_WITHIN, MOST_CHANGES, next_change
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.postgres.connection import Connection

__all__ = ["Change", "Member", "Settings", "change", "read"]

ANNOUNCEMENTS, TIME_ZONE, VISIBILITY = "settings.announcements", "settings.time_zone", "settings.visibility"
"""What a change is called in the audit log and among the stored outcomes."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a member wants to be otherwise; what is None stays as it is."""

    time_zone: str | None = None
    hidden: bool | None = None
    announcements: bool | None = None

    @property
    def name(self) -> str:
        if self.time_zone is not None:
            return TIME_ZONE
        return ANNOUNCEMENTS if self.hidden is None else VISIBILITY

    def applied(self, to: Settings) -> Settings:
        """The settings as they will be; `today` is not moved by it."""
        return replace(
            to,
            time_zone=to.time_zone if self.time_zone is None else self.time_zone,
            hidden=to.hidden if self.hidden is None else self.hidden,
            announcements=to.announcements if self.announcements is None else self.announcements,
        )


def read(conn: Connection, member: Member, time_zone: str) -> Settings:
    """The member's settings; `time_zone` is the deployment's, for a first contact."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        found = settings.read(conn, member.user_id)
    return only(found)


def change(conn: Connection, member: Member, interaction_id: int, wanted: Change, time_zone: str) -> Settings:
    """Change one setting; gives all of them as they are then. What is so already changes nothing.

    Raises MemberMistake for a zone that nobody knows, and for one change of the zone too many.
    """
    if wanted.time_zone is not None and wanted.time_zone not in time_zones.names():
        raise MemberMistake(UNKNOWN_ZONE)
    with decision(conn):
        with exchange(conn):
            users.enter(conn, member, time_zone)
            begin(conn)
            users.lock_own(conn, member.user_id)
            done = interactions.find(conn, member.user_id, wanted.name, [interaction_id])
            found = settings.read(conn, member.user_id)
            changes = settings.zone_changes(conn, member.user_id, CHANGES_WITHIN)
        before = only(found)
        after = wanted.applied(before)
        if done.fetchone() or after == before:
            return before
        if after.time_zone != before.time_zone:
            _check_pace([at for (at,) in changes], before.now)
        return _save(conn, member.user_id, interaction_id, wanted, (before, after))


def _check_pace(changes: Sequence[datetime], now: datetime) -> None:
    again = next_change(changes, now)
    if again is not None:
        raise MemberMistake(TOO_MANY_CHANGES.format(MOST_CHANGES, CHANGES_WITHIN.days, int(again.timestamp()) + 1))


def _save(
    conn: Connection, user_id: int, interaction_id: int, wanted: Change, images: tuple[Settings, Settings]
) -> Settings:
    """The second exchange."""
    before, after = map(_image, images)
    try:
        with exchange(conn):
            _write(conn, user_id, wanted)
            audit.write(conn, actor_id=user_id, action=wanted.name, subject_id=user_id, before=before, after=after)
            interactions.store(conn, user_id, wanted.name, [interaction_id], after)
            now = settings.read(conn, user_id)
            commit(conn)
    except settings.unknown_zone() as refusal:
        raise MemberMistake(UNKNOWN_ZONE) from refusal
    return only(now)


def _write(conn: Connection, user_id: int, wanted: Change) -> None:
    if wanted.time_zone is not None:
        settings.set_time_zone(conn, user_id, wanted.time_zone)
    if wanted.hidden is not None:
        settings.set_hidden(conn, user_id, wanted.hidden)
    if wanted.announcements is not None:
        settings.set_announcements(conn, user_id, wanted.announcements)


def _image(now: Settings) -> dict[str, object]:
    """The settings as the audit log keeps them."""
    return {"time_zone": now.time_zone, "hidden": now.hidden, "announcements": now.announcements}


UNKNOWN_ZONE = (
    "I don't know that time zone, so nothing was changed. Type `/settings time-zone:` and a few letters of your city "
    "or country, or an offset like `+1`, and choose from the list."
)
TOO_MANY_CHANGES = (
    "You have changed your time zone {} times within {} days, and no streak should hang on that. You can change it "
    "again <t:{}:R>; nothing was changed."
)
