"""The consequences of a change of a day: which stats it sets, the day's XP, and whether the day counts.

The figures are those of docs/rules/xp.md and docs/rules/streaks.md.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from mastermind.errors import MemberMistake
from mastermind.game.catalogue.archetypes import archetype
from mastermind.game.days import streaks, xp
from mastermind.game.days.calendar import named
from mastermind.game.days.streaks import Pause
from mastermind.game.first_week.rules import explained_now
from mastermind.game.levels import rules as levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from mastermind.game.catalogue.archetypes import Archetype
    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.days.streaks import Streak
    from mastermind.game.days.xp import Price, Worth
    from mastermind.game.first_week.rules import Matter

NOTHING_TO_DELETE = "Nothing is logged for {}, so there is nothing to delete. `/submit-stats` logs it."

IN_TIME = timedelta(days=1)
"""Yesterday can be logged until the end of today; a later entry does not make its day count."""


@dataclass(frozen=True, slots=True)
class Day:
    """A member's day as it stands, and the days that their streak is made of.

    `xp` is the member's, `booked` what the day has booked; `share` is its fixed one, None before its first booking;
    `counts` are the stats that were logged, `worths` what each was worth then, `in_time` those of them that make the
    day count. `other_days` are all other days that count, and every day with a completed challenge, in no order and
    with repetitions; `covered_days` are those that bridge, as SQL's `covered_days` finds them
    (migrations/009_stats_and_days.sql). `paused_from` and `paused_until` are the days of the pause that runs or will,
    None without one; `rest_days` all that the member ever declared. `explained` is what was explained to them.
    """

    today: date
    day: date
    xp: int
    booked: int
    share: int | None
    counts: Mapping[str, int]
    worths: Mapping[str, Worth]
    in_time: frozenset[str]
    other_days: tuple[date, ...]
    covered_days: frozenset[date]
    paused_from: date | None = None
    paused_until: date | None = None
    rest_days: frozenset[date] = frozenset()
    explained: frozenset[str] = frozenset()

    @property
    def is_late(self) -> bool:
        """Whether an entry made now does not make the day count."""
        return self.day < self.today - IN_TIME

    @property
    def pause(self) -> Pause | None:
        """The pause that runs today or later."""
        if self.paused_from is None or self.paused_until is None:
            return None
        return Pause(self.paused_from, self.paused_until)

    @property
    def is_paused(self) -> bool:
        """Whether today is a day of a pause that has not ended."""
        return self.pause is not None and self.pause.first <= self.today

    @property
    def is_rest_day(self) -> bool:
        """Whether today is a rest day that is used: nothing counts or is bridged without it."""
        return self.today in self.rest_days and not self.needs_nothing(self.today)

    def needs_nothing(self, day: date) -> bool:
        """Whether that day counts, or is bridged by anything that takes precedence over a rest day."""
        return day in self.covered_days or self.has_counted(day)

    @property
    def counted_days(self) -> Sequence[date]:
        """All days that count for a streak as it stands, in no order and with repetitions."""
        return self._counted(counted=bool(self.in_time))

    def has_counted(self, day: date) -> bool:
        """Whether that day counts for a streak as it stands."""
        return day in self.counted_days

    def streak_before(self, day: date) -> Streak:
        """The streak of the days before that one, as of today."""
        earlier = [each for each in self.counted_days if each < day]
        return streaks.replay(earlier, self.covered_days, self.today, self.rest_days)

    def streak(self, *, counted: bool) -> Streak:
        """The member's streak as of today, with or without this day."""
        streak = streaks.replay(self._counted(counted=counted), self.covered_days, self.today, self.rest_days)
        return streak if self.pause is None else replace(streak, pause=self.pause)

    def streak_share(self, *, counted: bool) -> int:
        """The day's fixed share; for a day without one, that of the streak as it stood on that day."""
        if self.share is not None:
            return self.share
        until = [each for each in self._counted(counted=counted) if each <= self.day]
        return xp.streak_share(streaks.replay(until, self.covered_days, self.day, self.rest_days).length)

    def _counted(self, *, counted: bool) -> Sequence[date]:
        return (*self.other_days, self.day) if counted else self.other_days


@dataclass(frozen=True, slots=True)
class DayCard:
    """A day as it stands: what is logged, what it is worth with its share, what it has booked.

    `today`, `streak` and `xp` are the member's. The price can be less than what is booked: what a bonus has paid falls
    only by an edit.
    """

    day: date
    today: date
    counts: Mapping[str, int]
    price: Price
    xp_booked: int
    streak: Streak
    xp: int

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)

    @property
    def late(self) -> bool:
        """Whether what is logged now would not make the day count for a streak."""
        return self.day < self.today - IN_TIME


def card(day: Day) -> DayCard:
    """The day as a member sees it."""
    counted = bool(day.in_time)
    share = day.streak_share(counted=counted or not day.is_late)
    price = xp.price(day.worths.values(), share)
    return DayCard(day.day, day.today, day.counts, price, day.booked, day.streak(counted=counted), day.xp)


def digest(counts: Mapping[str, int]) -> int:
    """A hash of a day's counts: a button carries it to identify the state that it showed."""
    return crc32(repr(sorted(counts.items())).encode())


@dataclass(frozen=True, slots=True)
class Raise:
    """A larger share for a booked day, its price with it, and the XP that this adds."""

    share: int
    price: Price
    booked_xp: int


def raised(day: Day) -> Raise | None:
    """What a booked day would have got, had all outages been known then; None if that is no more than it has."""
    share = replace(day, share=None).streak_share(counted=bool(day.in_time))
    if day.share is None or share <= day.share:
        return None
    fixed, due = (xp.price(day.worths.values(), each) for each in (day.share, share))
    return Raise(share, due, due.xp - fixed.xp)


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a change: the stats that it sets and their worths, all counts after it, and what it books.

    `resumes`: it ends the member's pause. `returns`: it is the first of today after an absence.
    """

    changed: Mapping[str, int]
    worths: Mapping[str, Worth]
    counts: Mapping[str, int]
    late: bool
    share: int
    price: Price
    booked_xp: int
    streak: Streak
    resumes: bool
    returns: bool


def plan(day: Day, catalogue: Catalogue, counts: Mapping[str, int], *, late: bool) -> Plan:
    """The consequences of setting these counts; stats that come in `late` do not make the day count."""
    changed = {stat: count for stat, count in counts.items() if count != day.counts.get(stat, 0)}
    left = {stat: count for stat, count in {**day.counts, **changed}.items() if count}
    counted = any(stat in day.in_time or (stat in changed and not late) for stat in left)
    share = day.streak_share(counted=counted)
    worths = {stat: _worth(day, catalogue, stat, count) for stat, count in changed.items()}
    price = xp.price({**day.worths, **worths}.values(), share)
    resumes = _resumes(day, changed)
    streak = replace(day.streak(counted=counted), pause=None) if resumes else day.streak(counted=counted)
    return Plan(
        changed, worths, left, late, share, price, price.xp - day.booked, streak, resumes, _returns(day, streak)
    )


def _resumes(day: Day, changed: Mapping[str, int]) -> bool:
    """Whether the change ends the member's pause, as the trigger `come_back` does: more is logged for a day of it."""
    adds = any(count > day.counts.get(stat, 0) for stat, count in changed.items())
    return day.pause is not None and day.pause.first <= day.day and adds


def explains(day: Day, plan: Plan) -> Matter | None:
    """What the first week explains with this entry; nothing for another day than today."""
    if day.day != day.today:
        return None
    before, after = _balance(day.worths.values()), _balance({**day.worths, **plan.worths}.values())
    has_gift = plan.streak.has_gift
    return explained_now(plan.streak.length, before, after, day.explained, has_gift=has_gift)


def _balance(worths: Iterable[Worth]) -> Archetype:
    every = tuple(worths)
    return archetype(sum(each.warrior for each in every), sum(each.mage for each in every))


def _returns(day: Day, streak: Streak) -> bool:
    """Whether the streak begins with this day, and an earlier one had ended."""
    starts = streak.length == 1 and streak.last == day.day and not day.in_time
    return starts and any(each < day.day for each in day.other_days)


def _worth(day: Day, catalogue: Catalogue, stat: str, count: int) -> Worth:
    return xp.worth(catalogue, stat, count, before=day.counts.get(stat, 0), kept=day.worths.get(stat))


def raid_moves(catalogue: Catalogue, day: Day, plan: Plan) -> dict[str, int]:
    """The changes of units that matter to a raid.

    What is logged for today counts; what an edit takes back from any day is taken back, as far as it had counted: a
    raid may run past midnight.
    """
    moves = {
        stat: catalogue.units(stat, count) - catalogue.units(stat, day.counts.get(stat, 0))
        for stat, count in plan.changed.items()
    }
    return {stat: move for stat, move in moves.items() if move < 0 or day.day == day.today}


def check_age(day: Day, most: int, done: str) -> None:
    """Raises MemberMistake for a day too long ago, or one that has not begun, unless travel has already logged it."""
    name = named(day.day, day.today)
    if day.day > day.today and not day.counts:
        raise MemberMistake(f"{name} has not begun for you yet.")
    if day.day < day.today - timedelta(days=most):
        raise MemberMistake(f"{name} is too long ago: a day can be {done} for {most} days.")


def submittable(catalogue: Catalogue, added: Mapping[str, int]) -> dict[str, int]:
    """What is added, without zeros; MemberMistake when nothing is left."""
    kept = {stat: count for stat, count in added.items() if count}
    check_known(catalogue, kept)
    if not kept:
        raise MemberMistake("Nothing was filled in, so nothing was stored.")
    return kept


def check_known(catalogue: Catalogue, counts: Mapping[str, int]) -> None:
    """Raises ValueError for a stat that no form has: a member cannot send that, so it is a bug."""
    stats_of_forms = {stat.key for category in catalogue.categories for stat in category.stats}
    if counts.keys() - stats_of_forms or any(count < 0 for count in counts.values()):
        raise ValueError("only stats that have a field can be set, and never below 0")
