"""The weeks of members and of the server, read from the totals of each ISO week and from what ended or began in it.

Members who hide are in no figure of the server's, those who are not announced in no name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.weeks.rules import FEW, MOST_NEWCOMERS, Climber, FactionWeek
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mastermind.postgres.connection import Connection, Cursor

# --- of a member ---

MEMBER: LiteralString = """
SELECT
    coalesce(own.total, 0) AS xp, coalesce(earlier.total, 0) AS before,
    coalesce(
        (
            SELECT jsonb_object_agg(day - %(monday)s::date, xp)
            FROM (
                SELECT day, sum(xp) AS xp
                FROM xp_ledger AS booked
                WHERE booked.user_id = me.user_id AND day BETWEEN %(monday)s::date - 7 AND %(monday)s::date + 6
                GROUP BY day
            ) AS days
        ),
        '{}'
    ) AS by_day,
    (
        SELECT count(*) FROM tensey_completions AS done
        WHERE done.user_id = me.user_id AND day BETWEEN %(monday)s AND %(monday)s::date + 6
    ) AS challenges,
    CASE WHEN own.leaf > 0 THEN 1 + members_ahead(weeks.this, 'xp', own.total + 1, 9223372036854775807) END AS place,
    CASE WHEN earlier.leaf > 0 THEN 1 + members_ahead(weeks.last, 'xp', earlier.total + 1, 9223372036854775807) END
        AS place_before,
    members_listed(weeks.this, 'xp') AS members,
    me.created_at >= day_begins(%(monday)s, me.time_zone) AS is_first
FROM users AS me
CROSS JOIN (SELECT period_of('week', %(monday)s) AS this, period_of('week', %(monday)s::date - 7) AS last) AS weeks
LEFT JOIN xp_totals AS own ON own.user_id = me.user_id AND own.period = weeks.this AND own.board = 'xp'
LEFT JOIN xp_totals AS earlier ON earlier.user_id = me.user_id AND earlier.period = weeks.last AND earlier.board = 'xp'
WHERE me.user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """What the totals say of a member's week; `by_day` counts from its Monday, "-7" being that of the week before."""

    xp: int
    before: int
    by_day: Mapping[str, int]
    challenges: int
    place: int | None
    place_before: int | None
    members: int
    is_first: bool


def member(conn: Connection, user_id: int, monday: date) -> Cursor[MemberFigures]:
    """The week that begins on that Monday; no row for somebody the game has never met."""
    return rows(conn, MemberFigures, MEMBER, {"user_id": user_id, "monday": monday})


# --- of the server ---

AMONG = 100
"""So many who gathered most are looked at, whatever the size of the server."""

ASKED: LiteralString = """
SELECT first_day, zone, members_listed(period_of('week', first_day), 'xp') AS active
FROM (
    SELECT (details ->> 'first_day')::date AS first_day, details ->> 'zone' AS zone
    FROM announcements
    WHERE key = %(key)s
) AS week
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A week that is announced: its Monday, in whose time zone it is, and how many members gathered XP in it."""

    first_day: date
    zone: str
    active: int


def asked(conn: Connection, key: str) -> Cursor[Asked]:
    """The week that this announcement is about."""
    return rows(conn, Asked, ASKED, {"key": key})


CLIMBERS: LiteralString = """
SELECT
    display_name, gathered.total AS xp, coalesce(earlier.total, 0) AS before, users.user_id, avatar
FROM (
    SELECT user_id, total
    FROM xp_totals
    WHERE period = period_of('week', %(first_day)s) AND board = 'xp' AND leaf > 0
    ORDER BY leaf DESC, total DESC, user_id
    LIMIT %(among)s
) AS gathered
JOIN users USING (user_id)
LEFT JOIN xp_totals AS earlier ON earlier.user_id = gathered.user_id AND earlier.board = 'xp'
    AND earlier.period = period_of('week', %(first_day)s::date - 7)
WHERE users.settings ->> 'announcements' IS DISTINCT FROM 'off'
ORDER BY gathered.total DESC, gathered.user_id
"""


def climbers(conn: Connection, first_day: date) -> Cursor[Climber]:
    """Who gathered most in that week, the most first."""
    return rows(conn, Climber, CLIMBERS, {"first_day": first_day, "among": AMONG})


NEWCOMERS: LiteralString = """
SELECT display_name, count(*) OVER () AS together
FROM users
JOIN xp_totals AS gathered USING (user_id)
WHERE created_at >= day_begins(%(first_day)s, %(zone)s)
    AND created_at < day_begins(%(first_day)s::date + 7, %(zone)s)
    AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
    AND gathered.period = period_of('week', %(first_day)s) AND gathered.board = 'xp' AND gathered.leaf > 0
ORDER BY created_at, user_id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who met the game in that week and did something, and how many these are in all."""

    display_name: str
    together: int


def newcomers(conn: Connection, week: Asked) -> Cursor[Newcomer]:
    """The first of them."""
    values = {"first_day": week.first_day, "zone": week.zone, "most": MOST_NEWCOMERS}
    return rows(conn, Newcomer, NEWCOMERS, values)


FACTIONS: LiteralString = """
SELECT name, xp, CASE WHEN active >= %(few)s THEN greatest(xp, 0) / active ELSE 0 END AS average
FROM (
    SELECT name, coalesce(sum(xp), 0)::bigint AS xp, coalesce(sum(active), 0) AS active
    FROM factions
    LEFT JOIN faction_totals ON faction = name AND period = period_of('week', %(first_day)s)
    GROUP BY name
) AS gathered
ORDER BY name
"""


def factions(conn: Connection, first_day: date) -> Cursor[FactionWeek]:
    """What each faction gathered in that week, by name."""
    return rows(conn, FactionWeek, FACTIONS, {"first_day": first_day, "few": FEW})


RAIDS: LiteralString = """
SELECT raid_id
FROM raid_events
WHERE status IN ('completed', 'failed')
    AND ended_at >= day_begins(%(first_day)s, %(zone)s)
    AND ended_at < day_begins(%(first_day)s::date + 7, %(zone)s)
ORDER BY ended_at DESC
"""


def raids(conn: Connection, week: Asked) -> Cursor[int]:
    """The raids that were won or lost in that week, the last first."""
    return value(conn, int, RAIDS, {"first_day": week.first_day, "zone": week.zone})
