"""Which leaderboard: what is counted on it, and over which time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.days.calendar import MONTHS

if TYPE_CHECKING:
    from datetime import date

XP = "xp"

TENSEY = "tensey"
"""Challenges done."""


class Reach(StrEnum):
    """The time a board is about: the ISO week or the month that it is where the deployment stands, or all time."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Board:
    """One leaderboard; `key` is XP, TENSEY or the key of a stat."""

    key: str
    reach: Reach = Reach.ALL


def period(first_day: date, last_day: date) -> str:
    """A week or a month in words: "23 to 29 November 2026"; what two days share is said once."""
    end = f"{last_day.day} {MONTHS[last_day.month - 1]} {last_day.year}"
    if first_day.year != last_day.year:
        return f"{first_day.day} {MONTHS[first_day.month - 1]} {first_day.year} to {end}"
    if first_day.month != last_day.month:
        return f"{first_day.day} {MONTHS[first_day.month - 1]} to {end}"
    return f"{first_day.day} to {end}"
