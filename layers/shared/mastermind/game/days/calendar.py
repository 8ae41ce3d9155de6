"""Days of a member's calendar: how they are called, and what somebody means who types one.

Which day it is for a member is known to the database alone (its function local_day); here `today` comes in.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG_BACK = 30
"""How many days ago the oldest day is that can still be logged (docs/rules/days.md, Logging)."""

EDIT_BACK = 7
"""How many days ago the oldest day is that can still be edited (docs/rules/days.md, Editing)."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def named(day: date, today: date) -> str:
    """A day as in "Mon 23 Nov", with its year when that is not this one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}{year}"


def described(day: date, today: date) -> str:
    """A day as in "today, Mon 23 Nov" or "yesterday, Sun 22 Nov"; others by their name alone.

    Tomorrow occurs when a member has logged a day and then travelled west.
    """
    near = {-1: "tomorrow, ", 0: "today, ", 1: "yesterday, "}.get((today - day).days, "")
    return near + named(day, today)


def read(words: str, today: date, back: int) -> date:
    """The day that was typed, of those from `back` days ago until today.

    Many ways of writing are understood: 2026-11-21, 21.11., 11/21, 21 Nov, Saturday, yesterday, 3 days ago. Raises
    MemberMistake when it is none of them, lies elsewhere, or could be two days.
    """
    meant = sorted(set(_meanings(" ".join(words.casefold().replace(",", " ").split()), today)))
    fitting = [day for day in meant if 0 <= (today - day).days <= back]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        either = " or ".join(f"{named(day, today)} (`{day}`)" for day in fitting)
        raise MemberMistake(f"That could be {either}. Please choose one of them from the suggestions.")
    earliest = f"{named(today - timedelta(days=back), today)} until today"
    if meant:
        raise MemberMistake(f"That day is out of reach: you can choose one of the last {back} days, {earliest}.")
    example = today - timedelta(days=2)
    raise MemberMistake(
        "I could not tell which day you mean. Choose one from the suggestions, or write it like "
        f"`{example}`, `{example.day} {MONTHS[example.month - 1][:3]}` or `{WEEKDAYS[example.weekday()]}`."
    )


def _meanings(words: str, today: date) -> Iterator[date]:
    """Every day that these words can mean, wherever it lies."""
    yield from _relative(words, today)
    for year, month, day in _written(words):
        for full in (today.year, today.year - 1) if year is None else (year,):
            yield from _real(full, month, day)


def _relative(words: str, today: date) -> Iterator[date]:
    """Today, yesterday, so many days ago, or the latest day of that name."""
    if words in {"today", "yesterday"}:
        yield today - timedelta(days=words == "yesterday")
    if match := re.fullmatch(r"(\d{1,3}) days? ago", words):
        yield today - timedelta(days=int(match[1]))
    name = words.removeprefix("last ")
    if len(name) >= 3:
        for number, weekday in enumerate(WEEKDAYS):
            if weekday.casefold().startswith(name):
                yield today - timedelta(days=(today.weekday() - number) % 7)


def _written(words: str) -> Iterator[tuple[int | None, int, int]]:
    """Year (None when left out), month and day, in every order that people use."""
    words = re.sub(rf"^({_any(WEEKDAYS)})\w* ", "", words)
    if match := re.fullmatch(r"(\d{4})[-./ ]?(\d{1,2})[-./ ]?(\d{1,2})", words):
        yield int(match[1]), int(match[2]), int(match[3])
    if match := re.fullmatch(r"(\d{1,2})([-./ ])(\d{1,2})(?:\.|[-./ ](\d{4}|\d{2}))?", words):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        yield year, second, first
        if match[2] != ".":  # nobody who writes points puts the month first
            yield year, first, second
    if match := re.fullmatch(rf"(\d{{1,2}})(?:st|nd|rd|th|\.)? ?({_any(MONTHS)})[a-z]*\.?(?: (\d{{4}}))?", words):
        yield _year(match[3]), _month(match[2]), int(match[1])
    if match := re.fullmatch(rf"({_any(MONTHS)})[a-z]*\.? ?(\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?", words):
        yield _year(match[3]), _month(match[1]), int(match[2])


def _any(names: tuple[str, ...]) -> str:
    return "|".join(name[:3].casefold() for name in names)


def _month(beginning: str) -> int:
    return [name[:3].casefold() for name in MONTHS].index(beginning) + 1


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) + 2000 * (len(digits) == 2)


def _real(year: int, month: int, day: int) -> Iterator[date]:
    """That date, if the calendar has it."""
    try:
        yield date(year, month, day)
    except ValueError:
        return
