"""The factions: how many members each has, and what those gathered who do not hide, from counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.factions.rules import Faction
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

# A total stands in several rows, so that bookings need not wait for one another.
FACTIONS: LiteralString = """
WITH week AS MATERIALIZED (SELECT * FROM period_now('week', %(time_zone)s)),
totals AS MATERIALIZED (
    SELECT faction, period, sum(xp)::bigint AS xp, sum(active)::int AS active
    FROM faction_totals
    WHERE period IN ('all', (SELECT period FROM week))
    GROUP BY faction, period
)
SELECT
    name, members, hidden, coalesce(ever.xp, 0) AS xp, coalesce(weekly.xp, 0) AS week_xp,
    coalesce(weekly.active, 0) AS active,
    name = (SELECT faction FROM users WHERE user_id = %(user_id)s) AS is_own, first_day, last_day
FROM factions
CROSS JOIN week
LEFT JOIN totals AS ever ON ever.faction = name AND ever.period = 'all'
LEFT JOIN totals AS weekly ON weekly.faction = name AND weekly.period = week.period
ORDER BY name
"""


def factions(conn: Connection, time_zone: str, user_id: int) -> Cursor[Faction]:
    """Every faction, by name; `time_zone` says which week it is, `user_id` is the member who looks."""
    return rows(conn, Faction, FACTIONS, {"time_zone": time_zone, "user_id": user_id})


AMONG, NAMED = 100, 3
"""So many who gathered most are looked at, whatever the size of the server; so many are named."""

CHAMPIONS: LiteralString = """
SELECT rank() OVER (ORDER BY total DESC) AS rank, display_name, total
FROM (
    SELECT user_id, total
    FROM xp_totals
    WHERE period = (SELECT period FROM period_now('week', %(time_zone)s)) AND board = 'xp' AND leaf > 0
    ORDER BY leaf DESC, total DESC, user_id
    LIMIT %(among)s
) AS first
JOIN users USING (user_id)
WHERE faction = (SELECT faction FROM users WHERE user_id = %(user_id)s)
ORDER BY total DESC, user_id
LIMIT %(named)s
"""


@dataclass(frozen=True, slots=True)
class Champion:
    """A listed member of a faction, with their XP of the week; equals share a rank."""

    rank: int
    display_name: str
    total: int


def champions(conn: Connection, time_zone: str, user_id: int) -> Cursor[Champion]:
    """Who gathered most this week for the faction of the member who looks, the most first."""
    values = {"time_zone": time_zone, "user_id": user_id, "among": AMONG, "named": NAMED}
    return rows(conn, Champion, CHAMPIONS, values)
