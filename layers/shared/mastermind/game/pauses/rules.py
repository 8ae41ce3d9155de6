"""When a pause may begin, and which days it has (docs/rules/pauses.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.days.calendar import named

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from mastermind.game.days.rules import Day

DAY = timedelta(days=1)

SHORTEST, LONGEST = 3, 30
"""Days of a pause."""

MOST, WITHIN = 4, timedelta(days=180)
"""So many pauses may begin within that time."""

LATE_WITHIN = timedelta(days=30)
"""Once within that time a pause may begin with yesterday."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The first and the last day of a pause that has begun or will, and the member's date when they asked for it."""

    first: date
    last: date
    asked_on: date

    @property
    def is_late(self) -> bool:
        """Whether it began with the day before."""
        return self.first < self.asked_on


def begin(day: Day, earlier: Collection[Begun], length: int, *, late: bool) -> Begun:
    """A pause of so many days that begins now, or with yesterday (`late`) if that day needs it.

    `day` is the member's today, on which no pause runs. Raises MemberMistake when it would be too short or too long, or
    one more than there may be.
    """
    if not SHORTEST <= length <= LONGEST:
        raise MemberMistake(f"A pause has {SHORTEST} to {LONGEST} days, so no pause has begun.")
    first = day.today - DAY if late and needs_yesterday(day) else first_day(day, earlier)
    begun = Begun(first, first + (length - 1) * DAY, day.today)
    again = next_first_day(earlier, first)
    if again:
        raise MemberMistake(TOO_MANY.format(MOST, WITHIN.days, named(again, day.today)))
    again = next_late(earlier, day.today)
    if begun.is_late and again:
        raise MemberMistake(TOO_LATE.format(LATE_WITHIN.days, named(again, day.today)))
    return begun


def needs_yesterday(day: Day) -> bool:
    """Whether a streak hangs on yesterday, which neither counts nor is bridged: a pause could begin with it."""
    yesterday = day.today - DAY
    if yesterday in day.rest_days or day.needs_nothing(yesterday):
        return False
    return day.streak_before(yesterday).length > 0


def first_day(day: Day, earlier: Collection[Begun]) -> date:
    """The first day that neither counts nor belongs to a pause that has ended: today, as a rule."""
    paused = max((each.last for each in earlier), default=day.today - DAY)
    first = max(day.today, paused + DAY)
    while day.has_counted(first):
        first += DAY
    return first


def left(earlier: Collection[Begun], first: date) -> int:
    """How many more pauses may begin on that day."""
    return max(0, MOST - len(_recent(earlier, first)))


def next_first_day(earlier: Collection[Begun], first: date) -> date | None:
    """The day on which another pause may begin; None when one may on `first`."""
    return None if left(earlier, first) else _recent(earlier, first)[-MOST] + WITHIN


def next_late(earlier: Collection[Begun], today: date) -> date | None:
    """The day on which a pause may begin with yesterday again; None when one may today."""
    again = max((each.asked_on + LATE_WITHIN for each in earlier if each.is_late), default=today)
    return again if again > today else None


def _recent(earlier: Collection[Begun], first: date) -> Sequence[date]:
    """The first days of those pauses that count against one that begins then, in order."""
    return sorted(each.first for each in earlier if each.first > first - WITHIN)


TOO_MANY = (
    "You have paused {} times within {} days, which is as often as it goes. The next pause can begin on {}. Until "
    "then, yesterday can be logged until the end of today, and freezes stand in for days you miss."
)
TOO_LATE = "A pause can begin with yesterday once in {} days, again from {} on. One that begins today is there for you."
