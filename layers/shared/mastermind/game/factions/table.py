"""The factions: how many members each has, and what those gathered who do not hide, from counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from datetime import date

    from mastermind.postgres.connection import Connection, Cursor

# A total stands in several rows, so that bookings need not wait for one another.
FACTIONS: LiteralString = """
WITH week AS MATERIALIZED (SELECT * FROM period_now('week', %(time_zone)s))
SELECT
    name, members, hidden,
    coalesce((SELECT sum(xp) FROM faction_totals WHERE period = 'all' AND faction = name), 0)::bigint AS xp,
    coalesce((SELECT sum(xp) FROM faction_totals WHERE period = week.period AND faction = name), 0)::bigint AS week_xp,
    first_day, last_day
FROM factions, week
ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Faction:
    """A faction with all its `members`, and the XP of those who are not `hidden`: of all time, and of the week.

    The week is from Monday to Sunday.
    """

    name: str
    members: int
    hidden: int
    xp: int
    week_xp: int
    first_day: date
    last_day: date

    @property
    def average(self) -> int:
        """XP for each member who does not hide, rounded half up; 0 when there are none."""
        shown = self.members - self.hidden
        return (2 * self.xp + shown) // (2 * shown) if shown else 0


def factions(conn: Connection, time_zone: str) -> Cursor[Faction]:
    """Every faction, by name; `time_zone` says which week it is."""
    return rows(conn, Faction, FACTIONS, {"time_zone": time_zone})
