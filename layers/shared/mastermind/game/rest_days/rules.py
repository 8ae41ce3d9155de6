"""When a day may be declared as a rest day (docs/rules/streaks.md, Rest days)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from mastermind.game.days.rules import Day
    from mastermind.game.days.streaks import Pause
    from mastermind.game.pauses.rules import Begun

WEEK = timedelta(days=7)


class Obstacle(StrEnum):
    """Why today cannot become a rest day."""

    RESTING = "resting"  # it is one already
    COUNTED = "counted"  # it needs none
    PAUSED = "paused"  # this week has a pause
    USED = "used"  # this week has a rest day
    NOTHING = "nothing"  # no streak is there to be held


def obstacle(day: Day, pauses: Iterable[Begun | Pause]) -> Obstacle | None:
    """What keeps `day`, the member's today, from becoming a rest day; None when it may become one.

    `pauses` are all that have a day in this ISO week, and any others.
    """
    if day.is_rest_day:
        return Obstacle.RESTING
    if day.has_counted(day.today):
        return Obstacle.COUNTED
    if any(is_this_week(each, day.today) for each in pauses):
        return Obstacle.PAUSED
    if used(day):
        return Obstacle.USED
    return None if day.streak(counted=bool(day.in_time)).length else Obstacle.NOTHING


def used(day: Day) -> date | None:
    """The rest day that this ISO week has; one that counts after all, or is bridged without it, is not used up."""
    monday = first_of_week(day.today)
    own = (each for each in day.rest_days if monday <= each < monday + WEEK and not day.needs_nothing(each))
    return min(own, default=None)


def is_this_week(pause: Begun | Pause, today: date) -> bool:
    """Whether a day of the pause is in the ISO week of today."""
    monday = first_of_week(today)
    return pause.first < monday + WEEK and pause.last >= monday


def first_of_week(day: date) -> date:
    """The Monday of its ISO week."""
    return day - timedelta(days=day.weekday())
