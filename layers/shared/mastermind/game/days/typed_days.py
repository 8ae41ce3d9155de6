"""Parses the day that a member types (docs/rules/days.md, Typed dates).

Only the database (its function local_day) knows a member's current day; here `today` is an argument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.days.calendar import MONTHS, WEEKDAYS, named
from mastermind.patterns import late
from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST = 40
"""Characters of a day in words, "Wednesday, the 23rd of September 2026" for example; longer text is none."""


def read(words: str, today: date, back: int) -> date:
    """The day that was typed, of those from `back` days ago until today.

    Raises MemberMistake when it is none, lies elsewhere, could be two days, or is not the weekday that was typed too.
    """
    said = _said(words, today)
    reached = said.within(today, back)
    agreeing = [day for day in reached if said.agrees(day)]
    if len(agreeing) == 1:
        return agreeing[0]
    if agreeing:
        raise MemberMistake(
            f"That could be {_either(agreeing, today)}. Please choose one of them from the suggestions."
        )
    if reached:
        raise MemberMistake(_contradiction(said, reached, today, back))
    if said.days:
        earliest = f"{named(today - timedelta(days=back), today)} until today"
        raise MemberMistake(f"That day is out of reach: you can choose one of the last {back} days, {earliest}.")
    example = today - timedelta(days=2)
    raise MemberMistake(
        "I could not tell which day you mean. Choose one from the suggestions, or write it like "
        f"`{example}`, `{example.day} {MONTHS[example.month - 1][:3]}` or `{WEEKDAYS[example.weekday()]}`."
    )


def possible(words: str, today: date, back: int) -> list[date]:
    """The days within reach that the words may mean, the latest first: what `read` returns, or asks about."""
    said = _said(words, today)
    reached = said.within(today, back)
    return [day for day in reached if said.agrees(day)] or _instead(said, reached, today, back)


@dataclass(frozen=True, slots=True)
class _Said:
    """Every day that the words can mean, wherever it lies, and the number of the weekday that stands beside a date."""

    days: frozenset[date]
    weekday: int | None = None

    def within(self, today: date, back: int) -> list[date]:
        return sorted((day for day in self.days if 0 <= (today - day).days <= back), reverse=True)

    def agrees(self, day: date) -> bool:
        return self.weekday in {None, day.weekday()}


def _contradiction(said: _Said, reached: list[date], today: date, back: int) -> str:
    day, weekday = reached[0], WEEKDAYS[said.weekday or 0]
    written = f"{day.day} {MONTHS[day.month - 1][:3]}"
    either = _either(_instead(said, reached, today, back), today)
    return f"{written} is a {WEEKDAYS[day.weekday()]}, and you wrote {weekday}. Which do you mean: {either}?"


def _instead(said: _Said, reached: list[date], today: date, back: int) -> list[date]:
    """The days of a date and a weekday that contradict each other: the date, and that weekday nearest to it."""
    if said.weekday is None:
        return reached
    nearest = {day + timedelta(days=(said.weekday - day.weekday() + 3) % 7 - 3) for day in reached}
    return _Said(frozenset(reached) | nearest).within(today, back)


def _either(days: Iterable[date], today: date) -> str:
    return " or ".join(f"{named(day, today)} (`{day}`)" for day in sorted(days))


# --- words into days ---


def _beginnings(names: tuple[str, ...]) -> Mapping[str, int]:
    """The number of each name, from 0, by the name and by its first three letters or more."""
    return {name[:size].casefold(): number for number, name in enumerate(names) for size in range(3, len(name) + 1)}


def _any(beginnings: Mapping[str, int]) -> str:
    return f"(?:{'|'.join(sorted(beginnings, key=len, reverse=True))})"


_WEEKDAYS = {**_beginnings(WEEKDAYS), "weds": 2}
_MONTHS = _beginnings(MONTHS)

_NEAR = {
    **dict.fromkeys(("today", "now", "tonight", "this morning", "this afternoon", "this evening"), 0),
    **dict.fromkeys(("yesterday", "last night"), 1),
    "day before yesterday": 2,
    "tomorrow": -1,
}
"""Days ago."""

_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}

_AGO = late(rf"([0-9]{{1,4}}|{_any(_COUNTS)}) ?(d|days?|w|weeks?) ago")
_WEEKDAY = late(rf"(?:(?:this )?(past|last|previous|next|this|last week) )?({_any(_WEEKDAYS)})\.?( last week)?")
_BESIDE = late(rf"(?:last )?({_any(_WEEKDAYS)})\.? (.+)|(.+?) ({_any(_WEEKDAYS)})\.?")
_BOTH = late(r"(today|yesterday|tomorrow) (.+)")

_ORDINAL = r"([0-9]{1,2})(?:st|nd|rd|th|\.)?"
_MONTH = rf"({_any(_MONTHS)})\.?"
_YEAR = "(?:[ -]([0-9]{4}))?"
_YEAR_FIRST = late("([0-9]{4})[-./ ]?([0-9]{1,2})[-./ ]?([0-9]{1,2})")
_FIGURES = late(r"([0-9]{1,2})([-./ ])([0-9]{1,2})(?:\.|[-./ ]([0-9]{4}|[0-9]{2}))?")
_DAY_FIRST = late(rf"{_ORDINAL}(?: of)?[ -]?{_MONTH}{_YEAR}")
_MONTH_FIRST = late(rf"{_MONTH}[ -]?{_ORDINAL}{_YEAR}")
_DAY_ALONE = late("([0-9]{1,2})(?:st|nd|rd|th)")


def _said(words: str, today: date) -> _Said:
    spoken = " ".join(re.sub(r"[,()]", " ", fold(words)).split()).removeprefix("on ").removeprefix("the ")
    if len(spoken) > LONGEST:
        return _Said(frozenset())
    if days := frozenset(_relative(spoken, today)) | frozenset(_dated(spoken, today)):
        return _Said(days)
    if beside := _BESIDE.fullmatch(spoken):
        weekday, other = _WEEKDAYS[beside[1] or beside[4]], _said(beside[2] or beside[3], today)
        return _Said(other.days if other.weekday in {None, weekday} else frozenset(), weekday)
    if both := _BOTH.fullmatch(spoken):
        near, other = _said(both[1], today), _said(both[2], today)
        return _Said(near.days & other.days or near.days | other.days, other.weekday)
    return _Said(frozenset())


def _relative(words: str, today: date) -> Iterator[date]:
    """A day by how far it is from today, or by its weekday."""
    if (back := _NEAR.get(words)) is not None:
        yield today - timedelta(days=back)
    if ago := _AGO.fullmatch(words):
        count = _COUNTS.get(ago[1]) or int(ago[1])
        yield today - timedelta(days=count * (7 if ago[2].startswith("w") else 1))
    if weekday := _WEEKDAY.fullmatch(words):
        yield _of_weekday(weekday[3] or weekday[1] or "", _WEEKDAYS[weekday[2]], today)


def _of_weekday(which: str, number: int, today: date) -> date:
    """The latest day of that weekday, today included; with "last" the latest before today."""
    back = (today.weekday() - number) % 7
    match which.strip():
        case "last week":
            return today - timedelta(days=today.weekday() - number + 7)
        case "last" | "past" | "previous":
            return today - timedelta(days=back or 7)
        case "next":
            return today + timedelta(days=7 - back)
        case _:
            return today - timedelta(days=back)


def _dated(words: str, today: date) -> Iterator[date]:
    """Every day of the calendar that a written date can mean; without a year those of this year and the last."""
    for year, month, day in _written(words, today):
        for full in (today.year, today.year - 1) if year is None else (year,):
            yield from _real(full, month, day)


def _written(words: str, today: date) -> Iterator[tuple[int | None, int, int]]:
    """Year (None when left out), month and day, in every order that people use."""
    if match := _YEAR_FIRST.fullmatch(words):
        yield int(match[1]), int(match[2]), int(match[3])
    if match := _FIGURES.fullmatch(words):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        yield year, second, first
        if match[2] != ".":  # with dots the month never comes first
            yield year, first, second
    if match := _DAY_FIRST.fullmatch(words):
        yield _year(match[3]), _MONTHS[match[2]] + 1, int(match[1])
    if match := _MONTH_FIRST.fullmatch(words):
        yield _year(match[3]), _MONTHS[match[1]] + 1, int(match[2])
    if match := _DAY_ALONE.fullmatch(words):
        last_month = today.replace(day=1) - timedelta(days=1)
        yield from ((month.year, month.month, int(match[1])) for month in (today, last_month))


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) + 2000 * (len(digits) == 2)


def _real(year: int, month: int, day: int) -> Iterator[date]:
    """That date, if the calendar has it."""
    try:
        yield date(year, month, day)
    except ValueError:
        return
