"""How many days in a row a member has been active (docs/rules/streaks.md).

A missed day is bridged in a fixed order: by an outage of ours or travel, a pause, a rest day, a freeze.
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

FIRST_FREEZE = 3
"""Counted days of the first streak with so many that earn a freeze as a gift, once."""

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
    `pause` is the pause that holds it now, or will; None without one. `rested` are its rest days that nothing before
    them bridges, today included if it `rests`.
    """

    length: int = 0
    longest: int = 0
    freezes: int = 0
    last: date | None = None
    frozen: tuple[date, ...] = ()
    pause: Pause | None = None
    rested: tuple[date, ...] = ()
    rests: bool = False

    @property
    def has_gift(self) -> bool:
        """Whether the freeze that it holds has just been given."""
        return self.length == self.longest == FIRST_FREEZE and self.freezes > 0


@dataclass(frozen=True, slots=True)
class _Bridges:
    """The days that are missed at no cost, and those of them that nothing bridges but the rest day."""

    free: frozenset[date]
    rested: frozenset[date]


def replay(counted: Iterable[date], covered: Collection[date], today: date, rested: Collection[date] = ()) -> Streak:
    """The streak as it stands on `today`, computed from all counted days.

    A counted day adds 1, days after today too: a member who travels west may have lived them already. A covered day (an
    outage of ours, one that travel skipped, one of a pause) bridges and adds nothing; `covered_days` in
    migrations/009_stats_and_days.sql finds them. A rest day that is not covered does the same. A missed day takes a
    freeze, or else the run ends; it counts as missed only when its grace is over.
    """
    *_, streak = _replayed(counted, covered, today, rested)
    return replace(streak, rests=today in streak.rested)


def frozen(
    counted: Iterable[date], covered: Collection[date], today: date, rested: Collection[date] = ()
) -> frozenset[date]:
    """Every missed day that a freeze bridges, of all runs; arguments as in `replay`."""
    return frozenset(day for streak in _replayed(counted, covered, today, rested) for day in streak.frozen)


def _replayed(
    counted: Iterable[date], covered: Collection[date], today: date, rested: Collection[date]
) -> Iterator[Streak]:
    """The streak after each run of days that follow one another, and as it stands on `today`."""
    covered = frozenset(covered)
    bridges, streak = _Bridges(covered.union(rested), frozenset(rested) - covered), Streak()
    for first, last in _runs(counted):
        streak = _counting(_after_missed(streak, first.toordinal(), bridges, today), first, last)
        yield streak
    yield _after_missed(streak, today.toordinal() + 1, bridges, today)


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
    gift = streak.longest < FIRST_FREEZE <= length
    freezes = min(streak.freezes + earned + gift, MOST_FREEZES)
    return replace(streak, length=length, longest=max(streak.longest, length), freezes=freezes, last=last)


def _after_missed(streak: Streak, until: int, bridges: _Bridges, today: date) -> Streak:
    """The streak after the days between the last counted one and `until`, oldest first.

    `until` is an ordinal: before the first day of the calendar there is none, and after the last one neither.
    """
    in_grace = today.toordinal() - (MISSED_AFTER - DAY).days
    for day in _missed(streak.last, min(until, in_grace), bridges.free):
        if not streak.freezes:
            return replace(streak, length=0, frozen=(), rested=())
        streak = replace(streak, freezes=streak.freezes - 1, frozen=(*streak.frozen, day))
    return _after_rest(streak, until, bridges.rested)


def _missed(last: date | None, until: int, free: frozenset[date]) -> list[date]:
    """The days after `last` and before `until` that cost something; at most one more than freezes can bridge."""
    since = until if last is None else last.toordinal() + 1
    missed = (day for day in map(date.fromordinal, range(since, until)) if day not in free)
    return list(islice(missed, MOST_FREEZES + 1))


def _after_rest(streak: Streak, until: int, rested: frozenset[date]) -> Streak:
    """The streak with its rest days between the last counted day and `until`."""
    last = streak.last
    if not (rested and streak.length and last):
        return streak
    between = sorted(day for day in rested if last < day and day.toordinal() < until)
    return replace(streak, rested=(*streak.rested, *between))
