"""The report about a week: what its figures are read from, and the table weekly_reports.

Each figure comes from a counter, or from at most MOST rows along an index. Who hides is in none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, LiteralString

from mastermind.operations.report.rules import MOST, Report, read
from mastermind.postgres.exchange import rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.postgres.connection import Connection, Cursor

DUE: LiteralString = """
SELECT monday AS week
FROM week_to_report(clock_timestamp(), %(zone)s) AS monday
WHERE monday IS NOT NULL AND NOT EXISTS (SELECT FROM weekly_reports WHERE week = monday)
"""


def due(conn: Connection, zone: str) -> Cursor[date]:
    """The week that is over in that zone and has no report yet; no row for none."""
    return value(conn, date, DUE, {"zone": zone})


PEOPLE: LiteralString = """
SELECT
    coalesce((SELECT sum(members - hidden) FROM factions), 0)::bigint AS members,
    (
        SELECT count(*)
        FROM (
            SELECT
            FROM users
            WHERE created_at >= day_begins(%(week)s, %(zone)s)
                AND created_at < day_begins(%(week)s::date + 7, %(zone)s)
                AND NOT hidden
            LIMIT %(most)s
        ) AS new
    ) AS newcomers,
    members_listed(weeks.this, 'xp') AS active, members_listed(weeks.last, 'xp') AS active_before,
    CASE WHEN members_listed(weeks.last, 'xp') BETWEEN 1 AND %(most)s THEN (
        SELECT count(*)
        FROM xp_totals AS earlier
        JOIN xp_totals AS later USING (user_id)
        WHERE earlier.period = weeks.last AND earlier.board = 'xp' AND earlier.leaf > 0
            AND later.period = weeks.this AND later.board = 'xp' AND later.leaf > 0
    ) END AS kept
FROM (SELECT period_of('week', %(week)s) AS this, period_of('week', %(week)s::date - 7) AS last) AS weeks
"""


@dataclass(frozen=True, slots=True)
class People:
    """How many there are, are new, and were active; `kept` is None where it is not counted."""

    members: int
    newcomers: int
    active: int
    active_before: int
    kept: int | None


def people(conn: Connection, week: date, zone: str) -> Cursor[People]:
    return rows(conn, People, PEOPLE, {"week": week, "zone": zone, "most": MOST})


LOGGED: LiteralString = """
SELECT stat AS key, members_listed(period_of('week', %(week)s), stat)::int AS members
FROM unnest(%(stats)s::text[]) AS stat
"""

TICKED: LiteralString = """
SELECT challenge_id AS key, count(*)::int AS members, (count(*) FILTER (WHERE day >= %(week)s))::int AS in_week
FROM (
    SELECT challenge_id, user_id, day
    FROM pending_xp_awards
    WHERE status IN ('pending', 'awarded') AND day <= %(week)s::date + 6
    ORDER BY award_id DESC
    LIMIT %(most)s
) AS recent
JOIN users USING (user_id)
WHERE NOT users.hidden
GROUP BY challenge_id
"""


@dataclass(frozen=True, slots=True)
class Logged:
    """How many members logged a stat in the week."""

    key: str
    members: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many members had done a challenge by the end of the week, and how many ticked it in the week."""

    key: str
    members: int
    in_week: int


def logged(conn: Connection, week: date, stats: Sequence[str]) -> Cursor[Logged]:
    """Of each stat; a private one counts who shows it, so it is not to be asked for."""
    return rows(conn, Logged, LOGGED, {"week": week, "stats": list(stats)})


def ticked(conn: Connection, week: date) -> Cursor[Ticked]:
    """Of each challenge in the newest MOST ticks; they are in the order of their ids."""
    return rows(conn, Ticked, TICKED, {"week": week, "most": MOST})


OUTAGES: LiteralString = """
SELECT count(*) AS outages, coalesce(extract(epoch FROM sum(ended - began)), 0)::float AS seconds
FROM outages
WHERE ended >= day_begins(%(week)s, %(zone)s) AND ended < day_begins(%(week)s::date + 7, %(zone)s)
"""


@dataclass(frozen=True, slots=True)
class Outages:
    """How often the game was down in the week, and for how long together."""

    outages: int
    seconds: float


def outages(conn: Connection, week: date, zone: str) -> Cursor[Outages]:
    return rows(conn, Outages, OUTAGES, {"week": week, "zone": zone})


# --- what is stored ---

KEEP: LiteralString = """
INSERT INTO weekly_reports (week, figures) VALUES (%(week)s, %(figures)s::jsonb) ON CONFLICT (week) DO NOTHING
"""


def keep(conn: Connection, report: Report) -> None:
    """Store it, unless another process was faster."""
    conn.execute(KEEP, {"week": report.monday, "figures": json.dumps(as_dict(report))})


CLAIM: LiteralString = """
UPDATE weekly_reports
SET claimed_until = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE week = week_to_report(clock_timestamp(), %(zone)s)
    AND sent_at IS NULL
    AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
    AND NOT EXISTS (SELECT FROM game_settings WHERE name = 'report' AND value = 'off')
RETURNING figures
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The figures of a report as JSON, or what somebody has stored in their place: then there is no report."""

    figures: dict[str, Any]

    @property
    def report(self) -> Report | None:
        return read(self.figures)


def claim(conn: Connection, zone: str, seconds: float) -> Cursor[Stored]:
    """The report that is to be sent, claimed for so long; no row if none is, or where admins have turned it off."""
    return rows(conn, Stored, CLAIM, {"zone": zone, "seconds": seconds})


SENT: LiteralString = "UPDATE weekly_reports SET sent_at = clock_timestamp() WHERE week = %(week)s"


def sent(conn: Connection, week: date) -> None:
    conn.execute(SENT, {"week": week})


RELEASE: LiteralString = "UPDATE weekly_reports SET claimed_until = NULL WHERE week = %(week)s"


def release(conn: Connection, week: date) -> None:
    """Give the claim back: it was not sent."""
    conn.execute(RELEASE, {"week": week})


# No role sets when a report was made; by its week, one of the year 2999 would be the last for ever.
NEWEST: LiteralString = "SELECT figures FROM weekly_reports ORDER BY made_at DESC, week DESC LIMIT 1"


def newest(conn: Connection) -> Cursor[Stored]:
    """The last report; no row before the first."""
    return rows(conn, Stored, NEWEST)
