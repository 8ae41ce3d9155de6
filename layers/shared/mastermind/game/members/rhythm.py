"""How often a member wants to do something: one setting, which `/today` and reminders read."""

from __future__ import annotations

from enum import StrEnum


class Rhythm(StrEnum):
    """As members choose it; the table users keeps it in `settings ->> 'rhythm'`."""

    DAILY = "daily"
    THRICE = "thrice"
    WEEKLY = "weekly"

    @property
    def words(self) -> str:
        return {Rhythm.DAILY: "1 a day", Rhythm.THRICE: "3 a day", Rhythm.WEEKLY: "3 a week"}[self]

    @property
    def emoji(self) -> str:
        return {Rhythm.DAILY: "☀️", Rhythm.THRICE: "🔥", Rhythm.WEEKLY: "🌱"}[self]

    @property
    def a_day(self) -> int:
        """How many deeds a day on which the member is active."""
        return 3 if self is Rhythm.THRICE else 1


DAYS_A_WEEK = 3
"""Active days that complete a week for members who have chosen `WEEKLY`."""
