"""What became of a week: the figures, from which the words and the pictures are made (docs/rules/weeks.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

DAY, WEEK = timedelta(days=1), timedelta(days=7)

NAMED = 3
"""Members who are named as those who climbed most."""

MOST_NEWCOMERS = 5
"""Newcomers who are named; of the others it is said that they are there."""

MOST_RAIDS = 3

FEW = 5
"""A smaller number of members is shown as "a few", because its members could be identified."""


# --- of a member ---


@dataclass(frozen=True, slots=True)
class MemberWeek:
    """A member's week from `monday`, as it stands on its `today`, and the XP of the one before.

    `by_day` is the XP of each day, Monday first, `by_day_before` that of the week before; `xp` and `before` are their
    sums. `days` is on how many days they were there, `challenges` how many they did. `streak` and `longest` are days;
    `is_open` says that nothing is logged for today yet. `place` is theirs among the `members` of the week's
    leaderboard, None for who is not on it; `place_before` that of the week before. `is_first`: they met the game in
    this week.
    """

    monday: date
    today: date
    xp: int
    before: int
    by_day: tuple[int, ...]
    by_day_before: tuple[int, ...]
    days: int
    challenges: int
    streak: int
    longest: int
    is_open: bool
    place: int | None
    place_before: int | None
    members: int
    is_first: bool

    @property
    def best(self) -> date | None:
        """The day with most XP, the first of equals; None without any."""
        most = max(self.by_day)
        return self.monday + self.by_day.index(most) * DAY if most > 0 else None

    @property
    def is_quiet(self) -> bool:
        return self.days < QUIET

    @property
    def climbed(self) -> int:
        """The places gained since the week before; 0 where there are none, whatever was lost."""
        if self.place is None or self.place_before is None:
            return 0
        return max(0, self.place_before - self.place)


QUIET = 3
"""A week with fewer days is a quiet one: it is compared with nothing."""

SAME = 10
"""From so many percent on it is said that a week had more XP than the one before."""


def more_percent(week: MemberWeek) -> int:
    """By how much the week has more XP than the one before, in percent; 0 for what is not worth a word."""
    if week.before <= 0:
        return 0
    more = 100 * (week.xp - week.before) // week.before
    return more if more >= SAME else 0


def next_step(week: MemberWeek) -> str:
    """One small step for the week to come: a little more than this one, and never more than that."""
    if not week.days:
        return "one hello, on any day you like."
    if week.days < FULL:
        return f"{week.days + 1} days, one more than this week."
    if not week.challenges:
        return "one challenge from your list."
    return "the same again. That is plenty."


FULL = 6
"""Days of a week that needs no further one."""


# --- of the server ---


@dataclass(frozen=True, slots=True)
class Climber:
    """A member who gathered so much XP in the week, and so much in the one before."""

    display_name: str
    xp: int
    before: int
    user_id: int = 0
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class FactionWeek:
    """What a faction gathered in the week; `average` is that of its active members, 0 of fewer than FEW."""

    name: str
    xp: int
    average: int = 0


@dataclass(frozen=True, slots=True)
class RaidResult:
    """A raid that ended in the week, as everybody may see it."""

    type: str
    is_won: bool
    target: int
    total: int
    contributors: int


@dataclass(frozen=True, slots=True)
class ServerWeek:
    """The week of the server that began on `first_day`, a date in ISO's form.

    Members who hide are in no figure, those who are not announced in no name. `active` is how many gathered XP;
    `climbers` are those who gathered most, the most first, `improved` is who gathered most more than the week before.
    `newcomers` are the first of those who met the game in that week and did something, `more_newcomers` counts the
    others. `raids` are the last that ended, `more_raids` counts the others. `question` is that for the new week.
    """

    first_day: str
    active: int
    climbers: tuple[Climber, ...]
    improved: Climber | None
    newcomers: tuple[str, ...]
    more_newcomers: int
    factions: tuple[FactionWeek, ...]
    raids: tuple[RaidResult, ...]
    more_raids: int
    question: str
    kind: Literal["week"] = "week"

    @property
    def monday(self) -> date:
        return date.fromisoformat(self.first_day)

    @property
    def is_quiet(self) -> bool:
        """Whether there is little to tell: then nobody is counted or compared."""
        return self.active < NAMED

    @property
    def has_averages(self) -> bool:
        """Whether factions are compared by their averages: each must have enough active members."""
        return all(each.average for each in self.factions)


def improved(climbers: tuple[Climber, ...]) -> Climber | None:
    """Who gathered most more than the week before, of those who gathered anything then; None if nobody did."""
    gained = [each for each in climbers if 0 < each.before < each.xp]
    return max(gained, key=lambda each: each.xp - each.before, default=None)
