"""Time zones as people look for them: by city, by country, by offset; and how often one may move one's day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_CHANGES = 5
CHANGES_WITHIN = timedelta(days=14)
"""At most so many changes of the zone in so much time.

A move to the east skips a part of a day, so the days whose grace it cuts short bridge the streak; a move to the west
gives the days before some hours more. Both are kind to who travels, and together they would let somebody who moves
back and forth each day never miss one. Five in two weeks is a journey with a stop on the way, there and back, and a
slip.
"""

COMMON = (
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Halifax",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "UTC",
    "Europe/London",
    "Africa/Lagos",
    "Europe/Berlin",
    "Africa/Johannesburg",
    "Europe/Istanbul",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""What is offered before anything was typed, from west to east."""

_OFFSET = re.compile(r"(?:utc|gmt)? ?([+-])(\d{1,2})(?::?([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA zone; `country` is its name and its code ("Germany DE"), empty for zones that belong to none."""

    name: str
    country: str = ""

    @property
    def city(self) -> str:
        return self.name.rpartition("/")[2].replace("_", " ")


def fitting(zones: Sequence[Zone], typed: str, offset: Callable[[Zone], timedelta]) -> list[Zone]:
    """The zones that fit what was typed, the likeliest first; `offset` gives a zone's distance from UTC today."""
    words = _plain(typed)
    if (wanted := _offset(words)) is not None:
        found = [zone for zone in zones if offset(zone) == wanted]
        return sorted(found, key=lambda zone: (not zone.country, zone.name))
    ranked = [(rank, not zone.country, zone.name, zone) for zone in zones if (rank := _rank(zone, words)) is not None]
    return [zone for *_, zone in sorted(ranked, key=lambda entry: entry[:3])]


def shown(zone: str, offset: timedelta) -> str:
    """A zone with its distance from UTC: "Europe/Berlin (UTC+01:00)"."""
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{zone} (UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"


def next_change(changes: Sequence[datetime], now: datetime) -> datetime | None:
    """When the zone may be changed again, given when it was changed; None when it may be now."""
    counting = sorted(at for at in changes if at > now - CHANGES_WITHIN)
    return None if len(counting) < MOST_CHANGES else counting[-MOST_CHANGES] + CHANGES_WITHIN


def _rank(zone: Zone, words: str) -> int | None:
    """How well a zone fits, 0 best; None when it does not."""
    name, city, country = _plain(zone.name), zone.city.casefold(), zone.country.casefold()
    tests = (
        words == name,
        city.startswith(words),
        words == country.rpartition(" ")[2],
        country.startswith(words),
        f" {words}" in f" {name}",
        all(word in f"{name} {country}" for word in words.split()),
    )
    return next((rank for rank, fits in enumerate(tests) if fits), None)


def _offset(words: str) -> timedelta | None:
    """What "+1", "utc-3:30" or "gmt +0530" mean."""
    match = _OFFSET.fullmatch(words)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    return (-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes or 0))


def _plain(words: str) -> str:
    """Words to compare by: small letters, spaces for what stands between the parts of a zone's name."""
    return re.sub(r"[\s/_,]+", " ", words.replace("\u2212", "-")).strip().casefold()
