"""All time zones of the IANA database, as the package tzdata ships it, with the countries they are in."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata

from mastermind.game.settings import time_zones
from mastermind.game.settings.time_zones import Zone

FOLDER = Path(tzdata.__file__).parent
NO_ZONES = {"Factory", "localtime"}
"""Entries of the time zone database for machines whose zone is not configured; no zones of their own."""


@cache
def load() -> tuple[Zone, ...]:
    """Every zone by name; read once per process, in about 2 ms. A zone's own file is read when it is asked for."""
    countries = _countries()
    names = (FOLDER / "zones").read_text(encoding="utf-8").split()
    return tuple(Zone(name, countries.get(name, "")) for name in sorted(set(names) - NO_ZONES))


@cache
def names() -> frozenset[str]:
    return frozenset(zone.name for zone in load())


def fitting(typed: str, now: datetime) -> list[Zone]:
    """The zones that fit what was typed, the likeliest first; the common ones for nothing."""
    if not typed.strip():
        return [zone for name in time_zones.COMMON for zone in load() if zone.name == name]
    return time_zones.fitting(load(), typed, lambda zone: offset(zone.name, now))


def shown(zone: str, now: datetime) -> str:
    """A zone with its distance from UTC at that moment: "Europe/Berlin (UTC+01:00)"."""
    return time_zones.shown(zone, offset(zone, now))


def offset(zone: str, now: datetime) -> timedelta:
    return now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _countries() -> dict[str, str]:
    """By zone the name and the code of its country."""
    names = dict(line.split("\t") for line in _lines("iso3166.tab"))
    rows = (line.split("\t") for line in _lines("zone.tab"))
    return {zone: f"{names[code]} {code}" for code, _, zone, *_ in rows}


def _lines(file: str) -> list[str]:
    text = (FOLDER / "zoneinfo" / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
