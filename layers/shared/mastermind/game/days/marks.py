"""The effect of each day on a member's streak, as a row or a calendar of days shows it (docs/rules/streaks.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.days import streaks
from mastermind.game.days.streaks import DAY, MISSED_AFTER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mastermind.game.days.rules import Day


class Mark(StrEnum):
    """What a day was for a streak."""

    LOGGED = "logged"
    FREEZE = "freeze"  # missed, and a freeze held the streak
    PAUSE = "pause"
    REST = "rest"
    OUTAGE = "outage"  # of ours
    TRAVEL = "travel"  # a day that the member never had, because they flew west to east
    GRACE = "grace"  # nothing is logged yet, and there is still time
    MISSED = "missed"
    AHEAD = "ahead"  # a day to come, or one before the member joined


def marks(day: Day, bridges: Mapping[date, Mark], joined: date, first: date, last: date) -> tuple[Mark, ...]:
    """The marks from the first to the last day. `bridges` are the covered ones among them, with what covers them."""
    counted = frozenset(day.counted_days)
    frozen = streaks.frozen(counted, day.covered_days, day.today, day.rest_days)

    def mark(one: date) -> Mark:
        if one in counted:
            return Mark.LOGGED
        if one < joined or one > day.today:
            return Mark.AHEAD
        if one in bridges:
            return bridges[one]
        if one in day.rest_days:
            return Mark.REST
        if one in frozen:
            return Mark.FREEZE
        return Mark.MISSED if one <= day.today - MISSED_AFTER else Mark.GRACE

    return tuple(mark(first + nth * DAY) for nth in range((last - first).days + 1))
