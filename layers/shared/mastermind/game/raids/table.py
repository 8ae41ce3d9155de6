"""The tables raid_events and raid_contributions: the one active raid, who contributed what, how it ended.

A raid is locked after its member and before anything else of that transaction (001: global lock order).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

ACTIVE: LiteralString = """
SELECT raid_id, type, target, total, ends_at
FROM raid_events
WHERE status = 'active' AND ends_at > clock_timestamp()
"""

LOCK_ACTIVE: LiteralString = """
SELECT raid_id, type, target, total, ends_at
FROM raid_events
WHERE status = 'active' AND ends_at > clock_timestamp()
FOR NO KEY UPDATE
"""

# What counts is told by the sum of all that the member has logged and taken back of the stat, for that day, during this
# raid (003).
# The time is asked again: a raid may end while its lock is waited for.
CONTRIBUTE: LiteralString = """
WITH contributed AS (
    INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, day, change, points)
    SELECT
        raids.raid_id, %(user_id)s, %(source)s, %(source_id)s, logged.stat, %(day)s::date, logged.change,
        greatest(0, earlier.change + logged.change) - greatest(0, earlier.change)
    FROM raid_events AS raids
    CROSS JOIN unnest(%(stats)s::text[], %(changes)s::int[]) AS logged (stat, change)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(own.change), 0)::int AS change
        FROM raid_contributions AS own
        WHERE own.raid_id = raids.raid_id AND own.user_id = %(user_id)s
            AND own.stat = logged.stat AND own.day IS NOT DISTINCT FROM %(day)s::date
    ) AS earlier
    WHERE raids.status = 'active'
        AND raids.ends_at > clock_timestamp()
        AND raids.raid_id = coalesce(%(raid_id)s, raids.raid_id)
    ON CONFLICT (source, source_id, stat, user_id) DO NOTHING
    RETURNING points
)
SELECT coalesce(sum(points), 0)::int FROM contributed
"""

CONTRIBUTED: LiteralString = """
SELECT coalesce(sum(points), 0)::int
FROM raid_contributions
WHERE source = %(source)s AND source_id = %(source_id)s AND user_id = %(user_id)s
"""

# A raid whose time is over is no longer active, whether or not anybody has written that down.
FIND: LiteralString = """
SELECT
    raid_id, type, CASE WHEN status = 'active' AND ends_at <= clock_timestamp() THEN 'failed' ELSE status END,
    target, total, started_at, ends_at,
    coalesce(ended_at, CASE WHEN ends_at <= clock_timestamp() THEN ends_at END),
    (
        SELECT count(*)
        FROM (
            SELECT FROM raid_contributions AS given
            WHERE given.raid_id = raids.raid_id AND given.user_id IS NOT NULL
            GROUP BY given.user_id HAVING sum(given.points) > 0
        ) AS contributors
    ),
    rewarded_at IS NOT NULL
FROM raid_events AS raids
WHERE raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events))
"""

# Of equals the first is who had their points first, as in 003.
TOP: LiteralString = """
SELECT users.user_id, users.display_name, sum(given.points)::int
FROM raid_contributions AS given
JOIN users USING (user_id)
WHERE given.raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events)) AND NOT users.hidden
GROUP BY users.user_id
HAVING sum(given.points) > 0
ORDER BY sum(given.points) DESC, max(given.id) FILTER (WHERE given.points <> 0)
LIMIT %(most)s
"""

OWN: LiteralString = """
SELECT user_id, display_name, hidden, (
    SELECT coalesce(sum(points), 0)::int
    FROM raid_contributions AS given
    WHERE given.raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events))
        AND given.user_id = users.user_id
)
FROM users
WHERE user_id = %(user_id)s
"""

CHAMPION: LiteralString = """
SELECT users.display_name
FROM raid_events
JOIN users ON users.user_id = raid_events.top_user_id
WHERE raid_id = %(raid_id)s AND NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
"""

EXPIRE: LiteralString = """
UPDATE raid_events
SET status = 'failed', ended_at = ends_at
WHERE status = 'active' AND ends_at <= clock_timestamp()
"""

# Who comes at the same moment waits at the index of the active raid, and then makes none.
START: LiteralString = """
INSERT INTO raid_events (type, target, tick_points, started_by, started_at, ends_at)
SELECT
    %(type)s, %(target)s, %(tick_points)s, %(started_by)s, clock.now, clock.now + make_interval(mins => %(minutes)s)
FROM (SELECT clock_timestamp() AS now) AS clock
WHERE NOT EXISTS (SELECT FROM raid_events WHERE status = 'active')
    AND NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
ON CONFLICT (status) WHERE status = 'active' DO NOTHING
RETURNING raid_id
"""

CANCEL: LiteralString = """
UPDATE raid_events
SET status = 'cancelled', ended_at = clock_timestamp()
WHERE raid_id = %(raid_id)s AND status = 'active' AND ends_at > clock_timestamp()
RETURNING raid_id
"""

UNREWARDED: LiteralString = """
SELECT raids.raid_id, given.user_id
FROM raid_events AS raids
JOIN raid_contributions AS given USING (raid_id)
WHERE raids.status = 'completed'
    AND raids.rewarded_at IS NULL
    AND (raids.raid_id, given.user_id) > (%(raid_id)s, %(user_id)s)
    AND NOT EXISTS (
        SELECT
        FROM xp_ledger
        WHERE source = 'raid' AND source_id = raids.raid_id || ':' || given.user_id AND kind = 'reward'
    )
GROUP BY raids.raid_id, given.user_id
HAVING sum(given.points) > 0
ORDER BY raids.raid_id, given.user_id
LIMIT %(most)s
"""

# Both rows of the top contributor in one statement, for the day on which the raid was won where the member lives.
REWARD: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
SELECT
    users.user_id, %(xp)s, kinds.kind, 'raid', raids.raid_id || ':' || users.user_id,
    local_day(raids.ended_at, users.time_zone),
    jsonb_build_object('raid_id', raids.raid_id, 'type', raids.type, 'points', given.points)
FROM raid_events AS raids
CROSS JOIN users
CROSS JOIN LATERAL (
    SELECT sum(points) AS points
    FROM raid_contributions AS own
    WHERE own.raid_id = raids.raid_id AND own.user_id = users.user_id
) AS given
CROSS JOIN (VALUES ('reward'), ('top')) AS kinds (kind)
WHERE raids.raid_id = %(raid_id)s
    AND users.user_id = %(user_id)s
    AND raids.status = 'completed'
    AND given.points > 0
    AND (kinds.kind = 'reward' OR raids.top_user_id = users.user_id)
ON CONFLICT (source, source_id, kind) DO NOTHING
"""

CLOSE: LiteralString = """
UPDATE raid_events AS raids
SET rewarded_at = clock_timestamp()
WHERE raids.status = 'completed'
    AND raids.rewarded_at IS NULL
    AND NOT EXISTS (
        SELECT
        FROM raid_contributions AS given
        WHERE given.raid_id = raids.raid_id
            AND given.user_id IS NOT NULL
            AND NOT EXISTS (
                SELECT
                FROM xp_ledger
                WHERE source = 'raid' AND source_id = raids.raid_id || ':' || given.user_id AND kind = 'reward'
            )
        GROUP BY given.user_id
        HAVING sum(given.points) > 0
    )
"""

LEAVE: LiteralString = "UPDATE raid_contributions SET user_id = NULL WHERE user_id = %(user_id)s"


@dataclass(frozen=True, slots=True)
class ActiveRaid:
    """The raid that runs; `type` is "warrior" or "mage", `total` the points it has of the `target`."""

    raid_id: int
    type: str
    target: int
    total: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Raid:
    """A raid as it stands, `status` by the clock; `contributors` are those with points who are still members."""

    raid_id: int
    type: str
    status: str
    target: int
    total: int
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    contributors: int
    is_rewarded: bool


@dataclass(frozen=True, slots=True)
class Contributor:
    """What a member has contributed to a raid."""

    user_id: int
    display_name: str
    points: int


@dataclass(frozen=True, slots=True)
class Own:
    """What the one who looks has contributed; `hidden` when others shall not see it."""

    user_id: int
    display_name: str
    hidden: bool
    points: int


@dataclass(frozen=True, slots=True)
class Unrewarded:
    """A contributor to a completed raid who has no reward yet."""

    raid_id: int
    user_id: int


def active(conn: Connection) -> Cursor[ActiveRaid]:
    """The raid that runs; no row when there is none. Nothing is locked: it may end, and another begin."""
    return ask(conn, ActiveRaid, ACTIVE)


def lock_active(conn: Connection) -> Cursor[ActiveRaid]:
    """The raid that runs, locked until the transaction ends; no row when there is none.

    Expects the member's row to be locked. Always a statement of its own, before the ones that reckon with the raid.
    """
    return ask(conn, ActiveRaid, LOCK_ACTIVE)


def contribute(
    conn: Connection,
    user_id: int,
    source: str,
    source_id: str,
    points_by_stat: Mapping[str, int],
    *,
    day: date | None = None,
    raid_id: int | None = None,
) -> Cursor[int]:
    """Count what a member logged for a day, in points, once for each source; negative for what an edit takes back.

    Expects the raid to be locked by lock_active. Gives one row: the points that count, 0 when no raid runs, or not the
    one of that id. When the target is reached the raid is completed by it.
    """
    logged = {stat: points for stat, points in points_by_stat.items() if points}
    return ask(
        conn,
        int,
        CONTRIBUTE,
        user_id=user_id,
        source=source,
        source_id=source_id,
        stats=list(logged),
        changes=list(logged.values()),
        day=day,
        raid_id=raid_id,
    )


def contributed(conn: Connection, user_id: int, source: str, source_id: str) -> Cursor[int]:
    """The points that a source of the member has contributed, in one row; 0 when it has none."""
    return ask(conn, int, CONTRIBUTED, user_id=user_id, source=source, source_id=source_id)


def leave(conn: Connection, user_id: int) -> None:
    """Take a member's name from all they contributed; the points stay. Expects the member's row to be locked."""
    conn.execute(LEAVE, {"user_id": user_id})


def find(conn: Connection, raid_id: int | None) -> Cursor[Raid]:
    """A raid as it stands; the newest without an id. No row when there is none."""
    return ask(conn, Raid, FIND, raid_id=raid_id)


def top(conn: Connection, raid_id: int | None, most: int) -> Cursor[Contributor]:
    """Who has contributed most to that raid, or to the newest; hidden members are left out."""
    return ask(conn, Contributor, TOP, raid_id=raid_id, most=most)


def own(conn: Connection, raid_id: int | None, user_id: int) -> Cursor[Own]:
    """What one member has contributed to that raid, or to the newest."""
    return ask(conn, Own, OWN, raid_id=raid_id, user_id=user_id)


def champion(conn: Connection, raid_id: int) -> Cursor[str]:
    """Who had contributed most when it was completed; no row for somebody who does not want to be named in public."""
    return ask(conn, str, CHAMPION, raid_id=raid_id)


def expire(conn: Connection) -> Cursor[tuple[object, ...]]:
    """Write down that the active raid has failed if its time is over; `rowcount` tells whether it was."""
    return conn.execute(EXPIRE)


def start(
    conn: Connection,
    interaction_id: int,
    started_by: int,
    raid_type: str,
    *,
    minutes: int,
    target: int,
    tick_points: int,
) -> Cursor[int]:
    """Start a raid unless one is active or this interaction has started one; gives the id of the one it made."""
    return ask(
        conn,
        int,
        START,
        interaction_id=interaction_id,
        started_by=started_by,
        type=raid_type,
        minutes=minutes,
        target=target,
        tick_points=tick_points,
    )


def cancel(conn: Connection, raid_id: int) -> Cursor[int]:
    """End a raid that runs, without a winner; gives its id when it did run. Expects it to be locked by lock_active."""
    return ask(conn, int, CANCEL, raid_id=raid_id)


def unrewarded(conn: Connection, after: Unrewarded | None, most: int) -> list[Unrewarded]:
    """At most `most` contributors to completed raids who have no reward yet, after the one given; nothing is locked."""
    raid_id, user_id = (after.raid_id, after.user_id) if after else (0, 0)
    return ask(conn, Unrewarded, UNREWARDED, raid_id=raid_id, user_id=user_id, most=most).fetchall()


def reward(conn: Connection, raid_id: int, user_id: int, *, xp: int) -> Cursor[tuple[object, ...]]:
    """Book a contributor's reward of a completed raid, and as much again for who contributed most; never twice.

    Expects the member's row to be locked. `rowcount` tells how many rows were booked.
    """
    return conn.execute(REWARD, {"raid_id": raid_id, "user_id": user_id, "xp": xp})


def close(conn: Connection) -> None:
    """Note which completed raids have rewarded everybody, so that nobody looks for more."""
    conn.execute(CLOSE)
