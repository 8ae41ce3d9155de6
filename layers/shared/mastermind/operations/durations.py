"""Lengths of time in words, as people say them: two units at most, nothing finer than they care for."""

from __future__ import annotations

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
"""From the longest to the shortest, in seconds; what is shorter than the last is given in seconds."""


def in_words(seconds: float) -> str:
    """A length of time, rounded down, as in "2 hours 5 minutes", "3 minutes" or "40 seconds"; below 0 counts as 0."""
    left = max(0, int(seconds))
    for place, (unit, size) in enumerate(UNITS):
        if left >= size:
            return " ".join(filter(None, (_some(left // size, unit), _rest(left % size, place + 1))))
    return _some(left, "second")


def _rest(left: int, place: int) -> str:
    """What the next shorter unit adds, if there is one: days and hours, hours and minutes, but only minutes."""
    if place == len(UNITS):
        return ""
    unit, size = UNITS[place]
    return _some(left // size, unit) if left >= size else ""


def _some(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
