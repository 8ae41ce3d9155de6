"""The database's facts about its own health, and the tables outages, health_reports and health_probes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

from mastermind.operations.health.rules import Outage
from mastermind.postgres.exchange import rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.operations.health.rules import Report
    from mastermind.postgres.connection import Connection, Cursor

# Sessions are counted without looking at them, which only a superuser may; what is kept for one is not ours to use.
SERVER: LiteralString = """
SELECT
    numbackends AS connections,
    current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - current_setting('reserved_connections')::int AS connection_limit,
    deadlocks,
    xact_rollback AS rollbacks
FROM pg_stat_database
WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class Server:
    """How busy PostgreSQL is. The errors are counted since its figures began."""

    connections: int
    connection_limit: int
    deadlocks: int
    rollbacks: int


def server(conn: Connection) -> Cursor[Server]:
    return rows(conn, Server, SERVER)


# A database that is read-only answers every question as if it were well.
TOUCH: LiteralString = """
INSERT INTO health_probes (at) VALUES (clock_timestamp()) ON CONFLICT (last) DO UPDATE SET at = EXCLUDED.at
"""


def touch(conn: Connection) -> None:
    """Write what a probe may write, and no more."""
    conn.execute(TOUCH)


OVERDUE: LiteralString = """
SELECT
    count(*) AS awards,
    coalesce(greatest(extract(epoch FROM clock_timestamp() - min(due_at)), 0), 0)::float AS oldest_seconds
FROM pending_xp_awards
WHERE status = 'pending' AND due_at < clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Pending awards whose time has come, and for how many seconds the oldest has waited since."""

    awards: int
    oldest_seconds: float


def overdue(conn: Connection) -> Cursor[Overdue]:
    return rows(conn, Overdue, OVERDUE)


PENDING: LiteralString = "SELECT count(*) AS count FROM pending_xp_awards WHERE status = 'pending'"


def pending(conn: Connection) -> Cursor[int]:
    return value(conn, int, PENDING)


MEMBERS: LiteralString = "SELECT count(*) AS count FROM users"


def members(conn: Connection) -> Cursor[int]:
    return value(conn, int, MEMBERS)


# Nobody counts a million of them: that there are any is what matters.
LARGE_OBJECTS: LiteralString = """
SELECT count(*) AS count FROM (SELECT FROM pg_largeobject_metadata LIMIT %(most)s) AS found
"""


def large_objects(conn: Connection, most: int) -> Cursor[int]:
    """How many large objects there are, up to `most`; RDS lets nobody take the right to make them from a role."""
    return value(conn, int, LARGE_OBJECTS, {"most": most})


# What is due waits for good reasons too: there is no bot, or more is due than Discord takes in a minute. Something is
# wrong when it waits and nothing at all has been handed over for so long.
OUTBOX: LiteralString = """
SELECT
    greatest(
        (
            SELECT extract(epoch FROM statement_timestamp() - min(greatest(due_at, retry_at)))
            FROM outbox
            WHERE state = 'due'
                AND due_at <= statement_timestamp()
                AND (SELECT is_on FROM bot_status)
                AND NOT EXISTS (
                    SELECT FROM outbox AS moved
                    WHERE moved.state = 'handed'
                        AND moved.handed_at > statement_timestamp() - make_interval(secs => %(quiet)s)
                )
                AND NOT EXISTS (
                    SELECT FROM outbox AS moved
                    WHERE moved.settled_at > statement_timestamp() - make_interval(secs => %(quiet)s)
                        AND moved.handed_at > statement_timestamp() - make_interval(secs => %(quiet)s)
                )
        ),
        (
            SELECT extract(epoch FROM statement_timestamp() - min(made_at))
            FROM announcements
            WHERE status = 'due' AND (claimed_until IS NULL OR claimed_until <= statement_timestamp())
        ),
        0
    )::float AS waiting_seconds,
    greatest(
        (SELECT extract(epoch FROM statement_timestamp() - min(handed_at)) FROM outbox WHERE state = 'handed'), 0
    )::float AS unanswered_seconds
"""


@dataclass(frozen=True, slots=True)
class Outbox:
    """For how many seconds the oldest waits that is due while nothing is handed over, and the oldest hand-over."""

    waiting_seconds: float
    unanswered_seconds: float


def outbox(conn: Connection, quiet: float) -> Cursor[Outbox]:
    """How late what the game says by itself is; nothing is late while something was handed over `quiet` seconds ago."""
    return rows(conn, Outbox, OUTBOX, {"quiet": quiet})


# Some members in the order of their ids, and those of them who have other figures than their ledger says.
DRIFT: LiteralString = """
SELECT
    count(*) AS members,
    coalesce(
        array_agg(chosen.user_id ORDER BY chosen.user_id) FILTER (
            WHERE chosen.xp <> booked.xp OR chosen.social_freedom_exercises_tenseys <> booked.tenseys
        ),
        '{}'
    ) AS user_ids
FROM (
    SELECT user_id, xp, social_freedom_exercises_tenseys
    FROM users
    ORDER BY user_id
    OFFSET %(passed)s
    LIMIT %(members)s
) AS chosen
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(ledger.xp), 0) AS xp,
        count(*) FILTER (WHERE ledger.source = 'tensey' AND ledger.kind = 'award')
            - count(*) FILTER (WHERE ledger.source = 'tensey' AND ledger.kind = 'reversal') AS tenseys
    FROM xp_ledger AS ledger
    WHERE ledger.user_id = chosen.user_id
) AS booked
"""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many members were looked at, and those of them who have other figures than their ledger says."""

    members: int
    user_ids: Sequence[int]

    @property
    def drifted(self) -> int:
        """How many that are."""
        return len(self.user_ids)


def drift(conn: Connection, passed: int, members: int) -> Cursor[Drift]:
    """Look at that many members, after those whose ids are the `passed` smallest."""
    return rows(conn, Drift, DRIFT, {"passed": passed, "members": members})


RECORD_OUTAGE: LiteralString = "SELECT record_outage(%(began)s, %(ended)s, %(probes)s) AS recorded"


def record_outage(conn: Connection, outage: Outage) -> Cursor[bool]:
    """Whether it is new. The database refuses one that ended long ago or has not ended."""
    values = {"began": outage.began, "ended": outage.ended, "probes": list(outage.probes)}
    return value(conn, bool, RECORD_OUTAGE, values)


# A report that comes late never takes the place of a newer one.
STORE_REPORT: LiteralString = """
INSERT INTO health_reports AS kept (at, healthy, report)
VALUES (%(at)s, %(healthy)s, %(report)s::jsonb)
ON CONFLICT (last) DO UPDATE SET at = EXCLUDED.at, healthy = EXCLUDED.healthy, report = EXCLUDED.report
WHERE kept.at < EXCLUDED.at
"""


def store_report(conn: Connection, report: Report) -> Cursor[tuple[object, ...]]:
    """`rowcount` is 1 when it is newer than the one that was kept."""
    fields = json.dumps(as_dict(report), default=datetime.isoformat)
    values = {"at": report.at, "healthy": report.healthy, "report": fields}
    return conn.execute(STORE_REPORT, values)


LAST_REPORT: LiteralString = """
SELECT at, extract(epoch FROM clock_timestamp() - at)::float AS age_seconds, healthy, report FROM health_reports
"""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """The last report of the health check, and its age by the database's clock."""

    at: datetime
    age_seconds: float
    healthy: bool
    report: dict[str, Any]


def last_report(conn: Connection) -> Cursor[StoredReport]:
    """The last report; no row when there has been none."""
    return rows(conn, StoredReport, LAST_REPORT)


LAST_OUTAGE: LiteralString = "SELECT began, ended, probes FROM outages ORDER BY ended DESC LIMIT 1"


def last_outage(conn: Connection) -> Cursor[Outage]:
    """The outage that ended last; no row when none has been recorded."""
    return rows(conn, Outage, LAST_OUTAGE, probes=tuple)
