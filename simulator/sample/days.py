"""When the people of the sample community do what: their days, in the order of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mastermind.game.settings.content import zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, tzinfo
    from random import Random

    from mastermind.game.catalogue.rules import Catalogue, Stat
    from simulator.sample.people import Person

FIRST_HOUR, LAST_HOUR = 8, 22
MOST_STATS = 2
LIKELY = 0.35
"""What a stat's cap is worth to a member who does not train for a record: caps are high."""


@dataclass(frozen=True, slots=True)
class Played:
    """One day of somebody's: what they log, how many challenges they tick, and when."""

    at: datetime
    counts: dict[str, int]
    ticks: int


def zone_of(person: Person, usual: str) -> str:
    return person.zone or usual


def played(person: Person, usual: str, now: datetime, chance: Random, catalogue: Catalogue) -> Iterator[Played]:
    """All days on which they do something, the first is the one on which they came."""
    clock = zone(zone_of(person, usual))
    today = now.astimezone(clock).date()
    for ago in range(person.came, person.left - 1, -1):
        is_active = chance.random() < person.active or ago in {person.came, 0}
        share, counts = chance.random(), _counts(person, chance, catalogue)
        ticks = int(person.ticks + chance.random())
        if is_active and not 0 <= ago <= person.paused:
            yield Played(_moment(today - timedelta(ago), clock, share, now), counts, ticks)


def _moment(day: date, clock: tzinfo, share: float, now: datetime) -> datetime:
    """Some time of that day; today, some time that is over."""
    begin = datetime(day.year, day.month, day.day, tzinfo=clock)
    hours = FIRST_HOUR + share * (LAST_HOUR - FIRST_HOUR)
    at = datetime.fromtimestamp(begin.timestamp() + hours * 3600, clock)
    if at >= now or at.date() != day:
        at = datetime.fromtimestamp(begin.timestamp() + share * (now.timestamp() - begin.timestamp()), clock)
    return at


def _counts(person: Person, chance: Random, catalogue: Catalogue) -> dict[str, int]:
    """Some stats of their kind; the rarer ones, which bring much, seldom."""
    stats = [stat for stat in catalogue.by_key.values() if stat not in catalogue.automatic]
    weights = [_liking(person, stat) for stat in stats]
    chosen = chance.choices(stats, weights, k=chance.randint(1, MOST_STATS))
    return {stat.key: _count(stat, chance) for stat in chosen}


def _liking(person: Person, stat: Stat) -> float:
    share = person.inner if stat.mage > stat.warrior else 1 - person.inner
    return (share + 0.02) * 100 / max(stat.xp, 50)


def _count(stat: Stat, chance: Random) -> int:
    if stat.once_a_day:
        return chance.randint(4, stat.cap or 10)
    return chance.randint(1, max(1, min(round(600 / max(stat.xp, 25)), round((stat.cap or 20) * LIKELY))))
