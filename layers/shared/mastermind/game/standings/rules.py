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


# --- conversions: what came of what (docs/rules/standings.md, Conversions) ---

TRIED = 10
"""The fewest tries for which a conversion is meaningful."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The stat that came of another, and the words: "1 number in 6 approaches", "10 numbers from 12 approaches".

    `title` names their ratio.
    """

    title: str
    gained: str
    tried: str
    one: str
    many: str
    tries: str


PAIRS = (
    Pair("Numbers per approach", "numbers", "approaches", "number", "numbers", "approaches"),
    Pair("Responses per number", "new_contact_response", "numbers", "response", "responses", "numbers"),
    Pair("Dates booked per number", "dates_booked", "numbers", "date booked", "dates booked", "numbers"),
    Pair("Dates had per date booked", "dates_had", "dates_booked", "date had", "dates had", "booked"),
)
"""A catalogue without one of the stats has no such figure."""


def conversions(counts: Mapping[str, int], kept: Collection[str] = ()) -> tuple[str, ...]:
    """The figures that these counts allow, in words: none of what is `kept` private, of few tries, or of no success."""
    return tuple(
        _converted(pair, gained, tried)
        for pair in PAIRS
        if pair.gained not in kept and pair.tried not in kept
        if (tried := counts.get(pair.tried, 0)) >= TRIED and (gained := counts.get(pair.gained, 0)) > 0
    )


def _converted(pair: Pair, gained: int, tried: int) -> str:
    """One in how many, rounded half up; more than that may have come of it: a response can have an older number."""
    each = (2 * tried + gained) // (2 * gained)
    if each < 2:
        return f"{gained:,} {pair.many} from {tried:,} {pair.tries}"
    return f"1 {pair.one} in {each:,} {pair.tries}"
