"""Days of a member's calendar: how far back they go, and their names.

Only the database (its function local_day) knows a member's current day; here `today` is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

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
