"""The time zones of the IANA database, as the package tzdata ships it: the one truth about them, in Python and SQL.

Never the system's own files: they may be older, and a machine's are not another's. The database gets the same data at
each deploy (docs/rules/days.md, Time zones).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo  # noqa: TID251 # here it reads the package's files

import tzdata

from mastermind.game.settings import time_zones
from mastermind.game.settings.time_zones import COMMON, Found, Zone
from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(tzdata.__file__).parent
RELEASE = tzdata.IANA_VERSION
"""Such as 2026f; a later one is greater."""

NO_ZONES = {"Factory", "localtime", "posixrules"}
"""Entries of the time zone database for machines whose zone is not configured; no zones of their own."""

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
"""For that time the database knows how clocks change; before and after, they stay as they were then."""

STEP = timedelta(days=14)
"""No clock changes twice within it."""

WITHOUT_PLACE = {
    "Etc/UTC": "UTC",
    "Etc/GMT": "UTC",
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}
"""Zones that are in no country, by the one that is offered for each."""

_OFFSET_ZONE = late(r"Etc/GMT[+-][1-9][0-9]?")


# --- what is offered ---


@cache
def load() -> tuple[Zone, ...]:
    """Every zone that is offered, the common and the populous ones first. A zone's own file is read on demand."""
    others: dict[str, list[str]] = {}
    for name, offered in known().items():
        if name != offered:
            others.setdefault(offered, []).append(name)
    zones = (Zone(name, *place, tuple(others.get(name, ()))) for name, place in _places().items())
    populous = {line.split("\t")[2] for line in _lines("zonenow.tab")}
    return tuple(sorted(zones, key=lambda zone: (zone.name not in COMMON, zone.name not in populous)))


@cache
def names() -> frozenset[str]:
    """The names that are offered, and stored of a member."""
    return frozenset(_places())


@cache
def known() -> Mapping[str, str]:
    """By every name of the database the one that is offered for it: `Europe/Brussels` for `CET`."""
    offered, links = _places(), _links()
    return {name: _followed(name, links, offered) for name in _all()}


def find(typed: str, now: datetime) -> Found:
    """The zones that fit what was typed; the common ones for nothing."""
    if not typed.strip():
        by_name = {zone.name: zone for zone in load()}
        return Found(similar=tuple(by_name[name] for name in COMMON))
    return time_zones.find(load(), typed, lambda zone: offset(zone.name, now), lambda zone: _rule(zone.name))


# --- the clocks themselves ---


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name; raises KeyError for a name that the database does not have."""
    if name not in _all():
        raise KeyError(name)
    with (FOLDER / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def exists(name: str) -> bool:
    """Whether the time zone database has it; a member may live in one that a later release has dropped."""
    return name in _all()


def shown(zone: str, now: datetime) -> str:
    """A zone with its distance from UTC at that moment: "Europe/Berlin (UTC+01:00)"."""
    return time_zones.shown(zone, offset(zone, now))


def offset(name: str, now: datetime) -> timedelta:
    return _offset(now, zone(name))


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone's distance from UTC since each of these moments, in order; the first counts before it, too."""

    name: str
    since: tuple[datetime, ...]
    utc_offset: tuple[timedelta, ...]


def clocks() -> Iterator[Clock]:
    """Every name of the database with its changes from SINCE until UNTIL."""
    same: dict[bytes, tuple[tuple[datetime, ...], tuple[timedelta, ...]]] = {}
    for name in sorted(_all()):
        written = (FOLDER / "zoneinfo" / name).read_bytes()
        if written not in same:
            same[written] = _changes(name)
        yield Clock(name, *same[written])


def _changes(name: str) -> tuple[tuple[datetime, ...], tuple[timedelta, ...]]:
    clock = zone(name)
    at, before = SINCE, _offset(SINCE, clock)
    since, offsets = [SINCE], [before]
    while at < UNTIL:
        after = _offset(at + STEP, clock)
        if after != before:
            since.append(_change(at, at + STEP, clock))
            offsets.append(after)
        at, before = at + STEP, after
    return tuple(since), tuple(offsets)


def _change(early: datetime, late: datetime, clock: ZoneInfo) -> datetime:
    """The second in between from which the clock is as it is at `late`."""
    after = _offset(late, clock)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (early, middle) if _offset(middle, clock) == after else (middle, late)
    return late


def _offset(at: datetime, clock: ZoneInfo) -> timedelta:
    return at.astimezone(clock).utcoffset() or timedelta()


# --- the files of the package ---


@cache
def _all() -> frozenset[str]:
    return frozenset((FOLDER / "zones").read_text(encoding="utf-8").split()) - NO_ZONES


@cache
def _places() -> Mapping[str, tuple[str, str, str]]:
    """By zone that is offered the name and the code of its country, and its part of that, each perhaps empty."""
    countries = dict(line.split("\t") for line in _lines("iso3166.tab"))
    rows = (line.split("\t") for line in _lines("zone.tab"))
    places = {name: (countries[code], code, "".join(area)) for code, _, name, *area in rows}
    offsets = sorted(name for name in _all() if _OFFSET_ZONE.fullmatch(name))
    return places | dict.fromkeys(["UTC", *offsets], ("", "", ""))


def _links() -> Mapping[str, str]:
    """By a name that only stands for another one that one."""
    rows = (line.split() for line in _lines("tzdata.zi") if line.startswith("L "))
    return {name: target for _, target, name in rows} | WITHOUT_PLACE


def _followed(name: str, links: Mapping[str, str], offered: Mapping[str, object]) -> str:
    while name not in offered:
        name = links[name]
    return name


@cache
def _rule(name: str) -> str:
    """The clock from now on as POSIX writes it: the last line of the zone's file."""
    return (FOLDER / "zoneinfo" / name).read_bytes().splitlines()[-1].decode()


def _lines(file: str) -> list[str]:
    text = (FOLDER / "zoneinfo" / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
