"""What members set for themselves."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.members.rules import Subject
from mastermind.game.outreach import table as outreach
from mastermind.game.reminders import table as reminders
from mastermind.game.reminders.rules import SUNDAY, Occasion, Off
from mastermind.game.settings import content as time_zones
from mastermind.game.settings import table as settings
from mastermind.game.settings.table import Settings
from mastermind.game.settings.time_zones import CHANGES_WITHIN, MOST_CHANGES, next_change
from mastermind.postgres.errors import ForeignKeyViolation
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from mastermind.game.members.rhythm import Rhythm
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

__all__ = ["Settings", "SettingsChange", "change", "check_pace", "read"]

ANNOUNCEMENTS, TIME_ZONE, VISIBILITY = "settings.announcements", "settings.time_zone", "settings.visibility"
DIRECT_MESSAGES, REMINDERS, RHYTHM = "settings.direct_messages", "settings.reminders", "settings.rhythm"
"""The names of the changes in the audit log and among the stored outcomes."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The setting that a member wants to change; what is None stays as it is.

    `direct_messages` can be True alone: they say that Discord lets them get some again.
    """

    time_zone: str | None = None
    hidden: bool | None = None
    announcements: bool | None = None
    direct_messages: Literal[True] | None = None
    reveals: str | None = None
    """A private category that everybody may see from now on."""
    conceals: str | None = None
    """One that nobody else may see from now on."""
    reminders: bool | None = None
    remind_hour: int | None = None
    remind_weekdays: str | None = None
    """Who chooses an hour or weekdays wants to be reminded."""
    week: bool | None = None
    week_hour: int | None = None
    """Who chooses an hour wants to read about their week."""
    rhythm: Rhythm | None = None

    @property
    def name(self) -> str:
        if self.time_zone is not None:
            return TIME_ZONE
        if self.direct_messages:
            return DIRECT_MESSAGES
        if self.about_reminders or self.about_week:
            return REMINDERS
        if self.rhythm:
            return RHYTHM
        return VISIBILITY if self.announcements is None else ANNOUNCEMENTS

    @property
    def about_reminders(self) -> bool:
        return (self.reminders, self.remind_hour, self.remind_weekdays) != (None, None, None)

    @property
    def about_week(self) -> bool:
        return (self.week, self.week_hour) != (None, None)

    def applied(self, to: Settings) -> Settings:
        """The settings as they will be; `today` is not moved by it."""
        return replace(
            to,
            time_zone=to.time_zone if self.time_zone is None else self.time_zone,
            hidden=to.hidden if self.hidden is None else self.hidden,
            announcements=to.announcements if self.announcements is None else self.announcements,
            direct_messages=to.direct_messages or self.direct_messages is True,
            shown=self._shown(to.shown),
            reminders=self.reminders is not False if self.about_reminders else to.reminders,
            remind_hour=to.remind_hour if self.remind_hour is None else self.remind_hour,
            remind_weekdays=self.remind_weekdays or to.remind_weekdays,
            week=self.week is not False if self.about_week else to.week,
            week_hour=to.week_hour if self.week_hour is None else self.week_hour,
            rhythm=self.rhythm or to.rhythm,
        )

    def _shown(self, before: Sequence[str]) -> tuple[str, ...]:
        added = () if self.reveals is None else (self.reveals,)
        return tuple(sorted({*before, *added} - {self.conceals}))


def read(conn: Connection, actor: Actor) -> Settings:
    """The member's settings."""
    with looking(conn, actor):
        found = settings.of(conn, actor.user_id)
    return own_row(found)


def change(conn: Connection, actor: Actor, wanted: SettingsChange) -> Settings:
    """Change one setting; returns all of them as they are then. Does nothing if the setting already has that value.

    Raises MemberMistake for an unknown time zone, and when the time zone was changed too often.
    """
    if wanted.time_zone is not None and wanted.time_zone not in time_zones.names():
        raise MemberMistake(UNKNOWN_ZONE)
    return _change(conn, actor, wanted)


def _change(conn: Connection, actor: Actor, wanted: SettingsChange) -> Settings:
    try:
        with changing(conn, actor, wanted.name) as made:
            found = settings.of(conn, actor.user_id)
            zone_changes = settings.zone_changes(conn, actor.user_id, CHANGES_WITHIN)
            before = only(found)
            after = wanted.applied(before)
            if made.stored or after == before:
                return before
            if after.time_zone != before.time_zone:
                check_pace(zone_changes, before.now)
            _write(conn, actor.user_id, wanted)
            _write_reminders(conn, actor.user_id, wanted, after)
            made.audit(subject=Subject(actor.user_id), before=_image(before), after=_image(after))
            made.keep(_image(after))
            now = settings.of(conn, actor.user_id)
    except ForeignKeyViolation as refusal:
        raise MemberMistake(UNKNOWN_ZONE) from refusal
    return only(now)


def check_pace(changes: Iterable[datetime], now: datetime) -> None:
    """Raises MemberMistake when the zone was changed too often; `changes` are those within CHANGES_WITHIN."""
    again = next_change(tuple(changes), now)
    if again is not None:
        raise MemberMistake(TOO_MANY_CHANGES.format(MOST_CHANGES, CHANGES_WITHIN.days, int(again.timestamp()) + 1))


def _write(conn: Connection, user_id: int, wanted: SettingsChange) -> None:
    if wanted.time_zone is not None:
        settings.set_time_zone(conn, user_id, wanted.time_zone)
    if wanted.hidden is not None:
        settings.set_hidden(conn, user_id, wanted.hidden)
    if wanted.announcements is not None:
        settings.set_announcements(conn, user_id, wanted.announcements)
    if wanted.direct_messages:
        outreach.reopen(conn, user_id)
    if wanted.rhythm:
        settings.set_rhythm(conn, user_id, wanted.rhythm)
    if wanted.reveals is not None:
        settings.reveal(conn, user_id, wanted.reveals)
    if wanted.conceals is not None:
        settings.conceal(conn, user_id, wanted.conceals)


def _write_reminders(conn: Connection, user_id: int, wanted: SettingsChange, after: Settings) -> None:
    if wanted.about_reminders and after.reminders:
        reminders.turn_on(conn, user_id, after.remind_hour, after.remind_weekdays)
    elif wanted.about_reminders:
        reminders.turn_off(conn, user_id, Off.MEMBER, Occasion.REMINDER)
    if wanted.about_week and after.week:
        reminders.turn_on(conn, user_id, after.week_hour, SUNDAY, Occasion.WEEK)
    elif wanted.about_week:
        reminders.turn_off(conn, user_id, Off.MEMBER, Occasion.WEEK)


def _image(now: Settings) -> dict[str, object]:
    """The settings as the audit log keeps them."""
    return {
        "time_zone": now.time_zone,
        "hidden": now.hidden,
        "announcements": now.announcements,
        "direct_messages": now.direct_messages,
        "shown": list(now.shown),
        "reminders": f"{now.remind_weekdays} at {now.remind_hour}" if now.reminders else "off",
        "week": f"at {now.week_hour}" if now.week else "off",
        "rhythm": now.rhythm,
    }


UNKNOWN_ZONE = (
    "I don't know that time zone, so nothing was changed. Open `/settings` with the option time-zone, type a few "
    "letters of your city or country, or an offset like `+1`, and choose from the list."
)
TOO_MANY_CHANGES = (
    "You have changed your time zone {} times within {} days, and no streak should hang on that. You can change it "
    "again <t:{}:R>; nothing was changed."
)
