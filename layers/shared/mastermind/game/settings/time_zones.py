"""Time zones as people look for them: by city, country, abbreviation or offset; and how often one may move one's day.

Rules: docs/rules/days.md, Time zones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from mastermind.patterns import late
from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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

NICKNAMES = {
    "AE": ("uae", "emirates"),
    "CD": ("drc",),
    "CI": ("ivory coast",),
    "CV": ("cabo verde",),
    "CZ": ("czechia",),
    "GB": ("uk", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland"),
    "MM": ("burma",),
    "NL": ("holland",),
    "SZ": ("swaziland",),
    "TR": ("turkiye",),
    "US": ("usa", "america", "united states of america"),
}
"""What people call a country, where the time zone database has other words or none."""

_OFFSET = late(r"(?:utc|gmt)? ?([+-]) ?(\d{1,2})(?::?([0-5]\d))?")
_ABBREVIATION = late(r"[a-z]{2,5}")
_NAMED = late(r"[A-Z]{3,}")
_SEASONAL = late(r"([A-Z])[SD]T")


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA zone: its country with the code of it (both empty for zones that belong to none), its part of that.

    `other_names` are names that IANA has given up or that mean the same.
    """

    name: str
    country: str = ""
    code: str = ""
    area: str = ""
    other_names: tuple[str, ...] = ()

    @property
    def city(self) -> str:
        return _city(self.name)


@dataclass(frozen=True, slots=True)
class Found:
    """The zones that what was typed names, and those that it only resembles; the likeliest first."""

    named: tuple[Zone, ...] = ()
    similar: tuple[Zone, ...] = ()

    @property
    def certain(self) -> Zone | None:
        """The zone that is meant without a doubt; otherwise the member is asked."""
        return self.named[0] if len(self.named) == 1 else None

    @property
    def all(self) -> tuple[Zone, ...]:
        return self.named + self.similar


def find(zones: Sequence[Zone], typed: str, offset: Callable[[Zone], timedelta], rule: Callable[[Zone], str]) -> Found:
    """The zones that fit what was typed.

    `offset` gives a zone's distance from UTC today, `rule` its clock from now on as POSIX writes it: `CET-1CEST,M3...`.
    """
    words = fold(typed)
    if (wanted := _offset(words)) is not None:
        return Found(tuple(zone for zone in zones if offset(zone) == wanted))
    plain = _plain(words).removesuffix(" time")
    if not plain:
        return Found()
    for zone in zones:
        if plain in _known(zone).full_names:
            return Found((zone,))
    named = _named(zones, plain, rule)
    ranked = [(rank, zone) for zone in zones if zone not in named and (rank := _rank(zone, plain)) is not None]
    return Found(named, tuple(zone for _, zone in sorted(ranked, key=lambda each: each[0])))


def shown(zone: str, offset: timedelta) -> str:
    """A zone with its distance from UTC: "Europe/Berlin (UTC+01:00)"."""
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{zone} (UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"


def next_change(changes: Sequence[datetime], now: datetime) -> datetime | None:
    """When the zone may be changed again, given when it was changed; None when it may be now."""
    counting = sorted(at for at in changes if at > now - CHANGES_WITHIN)
    return None if len(counting) < MOST_CHANGES else counting[-MOST_CHANGES] + CHANGES_WITHIN


# --- what names a zone ---


def _named(zones: Sequence[Zone], words: str, rule: Callable[[Zone], str]) -> tuple[Zone, ...]:
    cities = [zone for zone in zones if _names_city(zone, words)]
    may_abbreviate = bool(_ABBREVIATION.fullmatch(words))
    clocks = [
        zone
        for zone in zones
        if words in _known(zone).countries or (may_abbreviate and words in abbreviations(rule(zone)))
    ]
    named = dict.fromkeys([*cities, *_one_of_each_clock(clocks, rule)])
    return tuple(named or (zone for zone in zones if words in _known(zone).short_names))


def _names_city(zone: Zone, words: str) -> bool:
    """Whether it is the city, alone or with its country: "Berlin", "Berlin, Germany"."""
    known = _known(zone)
    return any(
        words == city or (words.startswith(f"{city} ") and words[len(city) + 1 :] in known.countries)
        for city in known.cities
    )


def _one_of_each_clock(zones: Sequence[Zone], rule: Callable[[Zone], str]) -> Iterator[Zone]:
    """Of zones of one country whose clocks go alike from now on, the first: nobody need choose between those."""
    seen: set[tuple[str, str]] = set()
    for zone in zones:
        clock = (zone.code, rule(zone))
        if not zone.code or clock not in seen:
            yield zone
        seen.add(clock)


@cache
def abbreviations(rule: str) -> frozenset[str]:
    """What the clocks of a rule are called: `EST5EDT,M3...` has est, edt, and et for both."""
    named = _NAMED.findall(rule.partition(",")[0])
    both = {f"{match[1]}T" for name in named if (match := _SEASONAL.fullmatch(name))}
    return frozenset(name.casefold() for name in (*named, *both))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a zone is called, to compare with. `short_names` are those like "Hongkong" that IANA has given up."""

    full_names: frozenset[str]
    short_names: frozenset[str]
    cities: tuple[str, ...]
    countries: frozenset[str]
    words: tuple[tuple[str, ...], tuple[str, ...]]


@cache
def _known(zone: Zone) -> _Known:
    names = tuple(name for name in (zone.name, *zone.other_names) if "/" in name or name == zone.name)
    of_names = tuple(word for name in names for word in _plain(fold(name)).split())
    around = tuple(_plain(fold(f"{zone.country} {zone.area}")).split())
    countries = _countries(zone)
    return _Known(
        frozenset(_plain(fold(name)) for name in names),
        frozenset(_plain(fold(name)) for name in zone.other_names if name not in names),
        tuple(dict.fromkeys(_plain(fold(_city(name))) for name in names)),
        frozenset(countries),
        (of_names, (*of_names, *around, *(word for country in countries for word in country.split()))),
    )


def _countries(zone: Zone) -> tuple[str, ...]:
    """The names of its country: "Korea (South)" is "south korea" too."""
    if not zone.code:
        return ()
    first, _, second = (_plain(fold(part)) for part in zone.country.partition(" ("))
    both = (f"{first} {second}", f"{second} {first}") if second else (first,)
    return (*both, zone.code.casefold(), *NICKNAMES.get(zone.code, ()))


def _city(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")


# --- what resembles one ---


def _rank(zone: Zone, words: str) -> int | None:
    """How well a zone fits, 0 best; None when it does not."""
    known = _known(zone)
    tests = (
        any(city.startswith(words) for city in known.cities),
        any(country.startswith(words) for country in known.countries),
        _begin(words, known.words[0]),
        _begin(words, known.words[1]),
    )
    return next((rank for rank, fits in enumerate(tests) if fits), None)


def _begin(words: str, known: tuple[str, ...]) -> bool:
    """Whether each of the words is the beginning of a known one."""
    return all(any(one.startswith(word) for one in known) for word in words.split())


def _offset(words: str) -> timedelta | None:
    """What "+1", "utc-3:30" or "gmt +0530" mean."""
    match = _OFFSET.fullmatch(words)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    return (-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes or 0))


def _plain(folded: str) -> str:
    """Folded words with single spaces for what stands between them, and without what people leave out."""
    return " ".join(re.sub(r"[^\w+]+|_", " ", re.sub(r"['.]", "", folded)).split())
