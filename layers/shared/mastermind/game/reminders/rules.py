"""Which members are reminded, and the text of a reminder (docs/rules/reminders.md). Pure.

When the next one is due is computed by the database (`next_reminder` in migrations/015_reminders.sql), which has the
clocks of all zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.members.rhythm import DAYS_A_WEEK, Rhythm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from mastermind.game.days.rules import Day
    from mastermind.game.days.streaks import Streak

DAY = timedelta(days=1)

LASTS = timedelta(hours=1)
"""How long after the beginning of its hour a reminder is of interest; what has not gone out by then is dropped."""

SILENCE = timedelta(days=14)
"""A member who has not used the game for this long gets one last message, and then no more reminders."""

SEEN = timedelta(days=1)
"""How long it is enough that the member was in the server."""

ASKED_BEFORE = SEEN - LASTS
"""Discord is asked whether they are in the server before a reminder if that was seen longer ago: its buttons work for
an hour at least."""

LATER = timedelta(minutes=5)
"""How long a reminder waits that would open one channel of direct messages too many."""

EVERY_DAY, USUAL_HOUR = "1234567", 18
"""The default time of reminders; 1 is Monday."""


def checked_weekdays(chosen: Iterable[str]) -> str:
    """Weekdays in their order; raises MemberMistake for none, or for what is none."""
    days = "".join(day for day in EVERY_DAY if day in set(chosen))
    if not days:
        raise MemberMistake("Please choose at least one weekday. Nothing was changed.")
    return days


HOURS = range(24)


def checked_hour(chosen: str, hours: range = HOURS) -> int:
    """An hour of the clock; raises MemberMistake for what is none of these."""
    if not (chosen.isascii() and chosen.isdecimal() and int(chosen) in hours):
        raise MemberMistake("That is no hour of the day. Nothing was changed.")
    return int(chosen)


class Occasion(StrEnum):
    """What a member may want to be written to for; each is a kind of rows in the outbox (mastermind/relay/kinds)."""

    REMINDER = "reminder"
    WEEK = "week"


SUNDAY = "7"

EVENING = range(16, 24)
"""The hours at which the message about the week can be sent."""


class Off(StrEnum):
    """Why somebody's reminders are off (migrations/015_reminders.sql)."""

    MEMBER = "member"
    SILENCE = "silence"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose moment has come: for that date of the member's, in the hour that began at `hour_at`.

    `is_replaced`: they read about their week on that date. `is_over`: the hour has passed.
    `is_reached`: there is a channel of direct messages to them; `is_closed`: they
    accept none. `is_seen`: they were seen in the server a short time ago.
    """

    user_id: int
    occasion: Occasion
    day: date
    hour_at: datetime
    is_replaced: bool
    is_over: bool
    is_reached: bool
    is_closed: bool
    is_seen: bool


class Fate(StrEnum):
    """The outcome of a due reminder."""

    TOLD = "told"
    ASKED = "asked"  # it goes out as soon as Discord has said that the member is in the server
    WAITING = "waiting"  # it would open one channel too many, and is looked at again in a few minutes
    DROPPED = "dropped"  # it did not fit into its hour
    SKIPPED = "skipped"  # they accept no direct messages, or get another one on that date


def sort(due: Iterable[Due], openings: int) -> Mapping[Fate, Sequence[Due]]:
    """Those that are due by what becomes of each, when `openings` more channels may be opened now."""
    sorted_: dict[Fate, list[Due]] = {fate: [] for fate in Fate}
    for each in due:
        fate = _fate(each, openings)
        if fate in {Fate.TOLD, Fate.ASKED} and not each.is_reached:
            openings -= 1
        sorted_[fate].append(each)
    return sorted_


def _fate(due: Due, openings: int) -> Fate:
    if due.is_closed or due.is_replaced:
        return Fate.SKIPPED
    if due.is_over:
        return Fate.DROPPED
    if not due.is_reached and openings <= 0:
        return Fate.WAITING
    return Fate.TOLD if due.is_seen else Fate.ASKED


def is_due(occasion: Occasion, day: Day, rhythm: Rhythm | None = None) -> bool:
    """Whether it is said today: not in a pause, and no reminder after an entry, on a rest day or in an outage.

    Nor when the week is full already for who wants three active days.
    """
    if occasion is Occasion.WEEK:
        return not day.is_paused
    if rhythm is Rhythm.WEEKLY and _active(day) >= DAYS_A_WEEK:
        return False
    return not (day.today in day.rest_days or day.needs_nothing(day.today))


def _active(day: Day) -> int:
    """The days of this ISO week, up to today, on which the member was active."""
    monday = day.today - timedelta(days=day.today.weekday())
    return len({each for each in day.counted_days if monday <= each <= day.today})


def is_silent(last_used: datetime | None, since: datetime, now: datetime) -> bool:
    """Whether for two weeks the member has neither used the game nor asked for reminders."""
    return now - max(since, last_used or since) >= SILENCE


def sentence(streak: Streak, today: date) -> str:
    """One sentence that fits how they stand: never what they lack, always what one entry does."""
    if streak.last is None:
        return "Your first entry is one small step away: one hello is enough."
    if not streak.length:
        return "Good to have you here. Today is a good day to begin again: one hello is enough."
    days = f"{streak.length} day" + ("s" if streak.length != 1 else "")
    if streak.last < today - DAY and today - DAY not in streak.rested:
        return f"Your streak of {days} is still there: yesterday can be logged until the end of today, too."
    if streak.length < FIRST_DAYS:
        return f"Day {streak.length + 1} is yours to take: one hello is enough."
    if streak.freezes:
        return f"Your streak is {days}: one entry makes it {streak.length + 1}. If not today, a freeze stands in."
    return f"Your streak is {days}: one entry today makes it {streak.length + 1}."


FIRST_DAYS = 4
"""A streak that is shorter is not called one yet."""

FAREWELL = (
    "👋 I have not heard from you for two weeks, so this is my last reminder: no message is better than one you don't "
    "want. You are welcome any day, and one tap keeps the reminders coming."
)
