"""Which leaderboard: what is counted on it, and over which time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.days.calendar import MONTHS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
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


# --- conversions: what came of what (docs/rules) ---

PAIRS = (
    ("Numbers per approach", "numbers", "approaches"),
    ("Responses per number", "new_contact_response", "numbers"),
    ("Dates booked per number", "dates_booked", "numbers"),
    ("Dates had per date booked", "dates_had", "dates_booked"),
)
"""A title, the stat that came of it, and the stat that it is counted by; a catalogue without one has no such figure."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`gained` came of `tried`, which is more than nothing. It may be the more: a response can have an older number."""

    title: str
    gained: int
    tried: int

    def __str__(self) -> str:
        """In words, as in "0.25 (3 from 12)"; the ratio is rounded half up to hundredths."""
        whole, rest = divmod((200 * self.gained + self.tried) // (2 * self.tried), 100)
        return f"{whole:,}.{rest:02} ({self.gained:,} from {self.tried:,})"


def conversions(counts: Mapping[str, int], kept: Collection[str] = ()) -> tuple[Conversion, ...]:
    """The figures that these counts allow: none for what was never tried, and none of what is `kept` private."""
    return tuple(
        Conversion(title, counts.get(gained, 0), tried)
        for title, gained, by in PAIRS
        if gained not in kept and by not in kept and (tried := counts.get(by, 0)) > 0
    )
