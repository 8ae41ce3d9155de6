"""How many days in a row somebody has been at it (docs/rules/streaks.md).

What bridges a missed day is asked in one order: what costs nothing (an outage of ours, travel, a pause), then a freeze.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

DAY = timedelta(days=1)

DAYS_FOR_A_FREEZE = 14
"""Counted days of one streak that earn a freeze."""

MOST_FREEZES = 2
"""Freezes that can be held at once."""

MISSED_AFTER = timedelta(days=2)
"""A day counts as missed this much later at the earliest: until the end of the next day it can still be logged."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The first and the last day of a pause (docs/rules/pauses.md)."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Streak:
    """A run of days: how many of them counted, the longest run ever, and the freezes in hand.

    `last` is the latest counted day, of whatever run; `frozen` are the missed days of this run that a freeze bridges.
    `pause` is the pause that holds it now, or will; None without one.
    """

    length: int = 0
    longest: int = 0
    freezes: int = 0
    last: date | None = None
    frozen: tuple[date, ...] = ()
    pause: Pause | None = None


def replay(counted: Iterable[date], covered: Collection[date], today: date) -> Streak:
    """The streak as it stands on `today`, computed from all counted days.

    A counted day adds 1, days after today too: a member who travels west may have lived them already. A covered day (an
    outage of ours, one that travel skipped, one of a pause) bridges and adds nothing; `covered_days` in
    migrations/009_stats_and_days.sql finds them. A missed day takes a freeze, or else the run ends; it counts as missed
    only when its grace is over.
    """
    covered = frozenset(covered)
    streak = Streak()
    for first, last in _runs(counted):
        streak = _counting(_after_missed(streak, first, covered, today), first, last)
    return _after_missed(streak, today, covered, today)


def frozen(counted: Iterable[date], covered: Collection[date], today: date) -> frozenset[date]:
    """Every missed day that a freeze bridges, of all runs; arguments as in `replay`."""
    covered = frozenset(covered)
    streak, found = Streak(), set[date]()
    for first, last in _runs(counted):
        streak = _counting(_after_missed(streak, first, covered, today), first, last)
        found.update(streak.frozen)
    return frozenset((*found, *_after_missed(streak, today, covered, today).frozen))


def _runs(counted: Iterable[date]) -> Iterator[tuple[date, date]]:
    """The first and the last of days that follow one another: years without a gap are read in one go."""
    days = sorted(set(counted))
    ends = [place for place, (day, following) in enumerate(pairwise(days), 1) if following - day != DAY]
    for start, end in pairwise((0, *ends, len(days))):
        if start < end:
            yield days[start], days[end - 1]


def _counting(streak: Streak, first: date, last: date) -> Streak:
    """The streak with the days from `first` to `last`."""
    length = streak.length + (last - first).days + 1
    earned = length // DAYS_FOR_A_FREEZE - streak.length // DAYS_FOR_A_FREEZE
    freezes = min(streak.freezes + earned, MOST_FREEZES)
    return replace(streak, length=length, longest=max(streak.longest, length), freezes=freezes, last=last)


def _after_missed(streak: Streak, until: date, covered: frozenset[date], today: date) -> Streak:
    """The streak after the days between the last counted one and `until`, oldest first."""
    in_grace = today.toordinal() - (MISSED_AFTER - DAY).days
    missed = _missed(streak.last, min(until.toordinal(), in_grace), covered)
    for day in missed:
        if not streak.freezes:
            return replace(streak, length=0, frozen=())
        streak = replace(streak, freezes=streak.freezes - 1, frozen=(*streak.frozen, day))
    return streak


def _missed(last: date | None, until: int, covered: frozenset[date]) -> list[date]:
    """The days after `last` and before `until` that nothing covers; at most one more than freezes can bridge.

    `until` is an ordinal: before the first day of the calendar there is none.
    """
    since = until if last is None else last.toordinal() + 1
    missed = (day for day in map(date.fromordinal, range(since, until)) if day not in covered)
    return list(islice(missed, MOST_FREEZES + 1))
