"""The content of /today: the challenge of the day, the most logged stats, the nearest goal (docs/rules/today.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from zlib import crc32

from mastermind.game.announcements.rules import following
from mastermind.game.catalogue import archetypes
from mastermind.game.days import xp
from mastermind.game.days.streaks import DAY
from mastermind.game.levels import rules as levels
from mastermind.game.members.rhythm import DAYS_A_WEEK, Rhythm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from mastermind.game.catalogue.archetypes import Points
    from mastermind.game.catalogue.rules import Catalogue, Stat
    from mastermind.game.challenges.rules import Challenges, Chapter
    from mastermind.game.days.streaks import Streak

DAY_XP = 50
"""XP for the challenge of the day, never multiplied (docs/rules/xp.md, What earns XP)."""

EASY_CHAPTERS = 2
"""The first chapters: anybody can do what is in them, so what comes instead of the day's challenge is from there."""


class Did(StrEnum):
    """What *Did it* led to: its XP, or nothing because this date has brought it before or the day is over."""

    AWARDED = "awarded"
    HAD = "had"
    OTHER_DAY = "other_day"


@dataclass(frozen=True, slots=True)
class Pools:
    """The ids of the challenges of a day, and of those that come instead: each list is gone through day by day."""

    day: tuple[str, ...]
    other: tuple[str, ...]


def pools(catalogue: Challenges) -> Pools:
    """A day's challenge is from the first half of the chapters, after the easy ones; of a short list from all."""
    easy = catalogue.chapters[:EASY_CHAPTERS]
    after = catalogue.chapters[EASY_CHAPTERS : (len(catalogue.chapters) + 1) // 2]
    return Pools(_shuffled(after or catalogue.chapters), _shuffled(easy))


def _shuffled(chapters: Iterable[Chapter]) -> tuple[str, ...]:
    """Their challenges in an order that is the same on every machine, so that neighbours are not alike."""
    ids = (challenge.id for chapter in chapters for challenge in chapter.challenges)
    return tuple(sorted(ids, key=lambda each: (crc32(each.encode()), each)))


# --- what a member logs most ---

OFFERED = 3
"""Stats of which one more is a tap away."""


def most_used(catalogue: Catalogue, totals: Mapping[str, int], today: Mapping[str, int]) -> tuple[Stat, ...]:
    """The stats that a member logs most, the most first; where these are too few, small steps first.

    Of each category that is not private the stat with the least XP is the smallest step. What `today` has as much of as
    a day holds is left out.
    """
    counted = [stat for each in catalogue.categories for stat in each.stats if _takes_one(stat, today)]
    used = sorted((stat for stat in counted if totals.get(stat.key)), key=lambda stat: -totals[stat.key])
    public = [[stat for stat in each.stats if stat in counted] for each in catalogue.categories if not each.private]
    steps = [min(stats, key=lambda stat: stat.xp) for stats in public if stats]
    return tuple({stat.key: stat for stat in (*used, *steps, *counted)}.values())[:OFFERED]


def _takes_one(stat: Stat, today: Mapping[str, int]) -> bool:
    """Whether one more of it can be logged."""
    return not stat.once_a_day and (stat.cap is None or today.get(stat.key, 0) < stat.cap)


# --- what is near ---

FEW_CHALLENGES, FEW_POINTS = 3, 12
"""How few of them a milestone, or the bonus of a Templar day, must lack to be called near."""


class Goal(StrEnum):
    """A goal that is near: a larger share of the streak, a milestone, a Templar day, the next level."""

    STREAK = "streak"
    MILESTONE = "milestone"
    TEMPLAR = "templar"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Near:
    """A goal, what is `missing` (days, challenges, points, XP), and what it is `of`: its day, milestone or level.

    For a Templar day it is points of a mage, or with `of` 0 those of a warrior.
    """

    goal: Goal
    missing: int
    of: int


def nearest(streak: Streak, today: date, challenges: int, listed: int, points: Points, total: int) -> Near | None:
    """The goal that takes least; None for who has the highest level and nothing else near.

    `challenges` are done of `listed`, `points` are today's, `total` is the member's XP.
    """
    if xp.streak_share(streak.length + 1) > xp.streak_share(streak.length) and _goes_on(streak, today):
        return Near(Goal.STREAK, 1, streak.length + 1)
    milestone = following(challenges, listed)
    if milestone and milestone - challenges <= FEW_CHALLENGES:
        return Near(Goal.MILESTONE, milestone - challenges, milestone)
    if 0 < (few := archetypes.missing(points)) <= FEW_POINTS:
        return Near(Goal.TEMPLAR, few, few if points.mage < points.warrior else 0)
    now = levels.progress(total)
    return Near(Goal.LEVEL, now.missing, now.next_level) if now.next_level else None


def _goes_on(streak: Streak, today: date) -> bool:
    """Whether its next day is today, or tomorrow."""
    return streak.last is not None and streak.pause is None and streak.last >= today - DAY


# --- how far the member's own rhythm is ---


@dataclass(frozen=True, slots=True)
class Pace:
    """So many of a rhythm are `done`, `of` so many: deeds of today, or active days of the week."""

    done: int
    of: int


def pace(rhythm: Rhythm, deeds: int, active_days: int) -> Pace:
    """How far it is; more than a rhythm asks for counts as all of it."""
    done, of = (active_days, DAYS_A_WEEK) if rhythm is Rhythm.WEEKLY else (deeds, rhythm.a_day)
    return Pace(min(done, of), of)


def deeds(catalogue: Catalogue, counts: Mapping[str, int], challenges: int) -> int:
    """What was done on a day: each unit of a counted stat, and each challenge."""
    return challenges + sum(count for stat, count in catalogue.known(counts) if not stat.once_a_day)


def active_days(counted: Iterable[date], today: date) -> int:
    """How many days of this week, from Monday to today, count for a streak."""
    monday = today - today.weekday() * DAY
    return len({day for day in counted if monday <= day <= today})
