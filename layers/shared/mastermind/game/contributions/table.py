"""The table raid_contributions: what members contribute to the active raid, and the rewards of a completed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres import outcomes
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from mastermind.postgres.connection import Connection, Cursor

# What counts follows from the sum of all that the member has logged and taken back of the stat, for that day, during
# this raid (003).
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
SELECT coalesce(sum(points), 0)::int AS points FROM contributed
"""


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
    return value(
        conn,
        int,
        CONTRIBUTE,
        {
            "user_id": user_id,
            "source": source,
            "source_id": source_id,
            "stats": list(logged),
            "changes": list(logged.values()),
            "day": day,
            "raid_id": raid_id,
        },
    )


# The points are known only now. They stand in the outcome, because a reset takes the member's name off the rows. The
# raid was active before: if it is completed, then by them.
STORE_OUTCOME: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT
    named.interaction_id, %(user_id)s,
    %(outcome)s::jsonb || jsonb_build_object(
        'did', %(did)s::text,
        'raid', nullif(contributed.points, 0),
        'raid_id', CASE WHEN contributed.points <> 0 THEN contributed.raid_id END,
        'finished', contributed.points <> 0 AND EXISTS (
            SELECT FROM raid_events AS raids WHERE raids.raid_id = contributed.raid_id AND raids.status = 'completed'
        )
    )
FROM unnest(%(ids)s::bigint[]) AS named (interaction_id)
CROSS JOIN (
    SELECT coalesce(sum(points), 0)::int AS points, max(raid_id) AS raid_id
    FROM raid_contributions
    WHERE source = 'stats' AND source_id = %(source_id)s AND user_id = %(user_id)s
) AS contributed
ON CONFLICT (interaction_id) DO NOTHING
"""


def store_outcome(conn: Connection, user_id: int, did: str, ids: Sequence[int], outcome: Mapping[str, object]) -> None:
    """Store what logging led to (outcomes.store), with the points that it has contributed under the last of the ids."""
    named = {"user_id": user_id, "did": did, "ids": list(ids), "source_id": str(ids[-1])}
    conn.execute(STORE_OUTCOME, named | {"outcome": outcomes.written(outcome)})


LEAVE: LiteralString = "UPDATE raid_contributions SET user_id = NULL WHERE user_id = %(user_id)s"


def leave(conn: Connection, user_id: int) -> None:
    """Take a member's name from all they contributed; the points stay. Expects the member's row to be locked."""
    conn.execute(LEAVE, {"user_id": user_id})


# Of equals, the first is the one who reached the score first, as in 005.
TOP: LiteralString = """
SELECT user_id, display_name, points, level, avatar
FROM raid_parts(coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events)))
JOIN users USING (user_id)
WHERE is_listed AND points > 0
ORDER BY points DESC, last_id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Contributor:
    """What a member has contributed to a raid; in steps when part of it is theirs alone."""

    user_id: int
    display_name: str
    points: int
    level: int = 1
    avatar: str = ""


def top(conn: Connection, raid_id: int | None, most: int) -> Cursor[Contributor]:
    """Who has contributed most to that raid, or to the newest; hidden members are left out."""
    return rows(conn, Contributor, TOP, {"raid_id": raid_id, "most": most})


UNNAMED: LiteralString = """
SELECT user_id
FROM users
WHERE user_id = ANY(%(user_ids)s) AND (hidden OR settings ->> 'announcements' = 'off')
"""


def unnamed(conn: Connection, contributors: Sequence[Contributor]) -> Cursor[int]:
    """Who of these is not named in what is announced."""
    return value(conn, int, UNNAMED, {"user_ids": [each.user_id for each in contributors]})


OWN: LiteralString = """
SELECT user_id, display_name, hidden OR EXISTS (
    SELECT
    FROM raid_contributions AS given
    WHERE given.raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events))
        AND given.user_id = users.user_id
        AND is_unlisted(users.user_id, given.stat)
) AS hidden, (
    SELECT coalesce(sum(points), 0)::int
    FROM raid_contributions AS given
    WHERE given.raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events))
        AND given.user_id = users.user_id
) AS points
FROM users
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Own:
    """The caller's own contribution; `hidden` when others do not see it."""

    user_id: int
    display_name: str
    hidden: bool
    points: int


def own(conn: Connection, raid_id: int | None, user_id: int) -> Cursor[Own]:
    """What one member has contributed to that raid, or to the newest."""
    return rows(conn, Own, OWN, {"raid_id": raid_id, "user_id": user_id})


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


@dataclass(frozen=True, slots=True)
class Unrewarded:
    """A contributor to a completed raid who has no reward yet."""

    raid_id: int
    user_id: int


def unrewarded(conn: Connection, after: Unrewarded | None, most: int) -> list[Unrewarded]:
    """At most `most` contributors to completed raids who have no reward yet, after the one given; nothing is locked."""
    raid_id, user_id = (after.raid_id, after.user_id) if after else (0, 0)
    return rows(conn, Unrewarded, UNREWARDED, {"raid_id": raid_id, "user_id": user_id, "most": most}).fetchall()


# Both rows of the top contributor in one statement, for the day on which the raid was won where the member lives. They
# read of it on top of their next private answer.
REWARD: LiteralString = """
WITH booked AS (
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
    RETURNING xp, kind
)
INSERT INTO for_you (user_id, kind, ref, details)
SELECT %(user_id)s, 'raid', %(raid_id)s, jsonb_build_object('xp', sum(xp), 'top', bool_or(kind = 'top'))
FROM booked
HAVING count(*) > 0
ON CONFLICT (user_id, kind, ref) DO NOTHING
"""


def reward(conn: Connection, raid_id: int, user_id: int, *, xp: int) -> Cursor[tuple[object, ...]]:
    """Book a contributor's reward of a completed raid, and as much again for who contributed most; never twice.

    Expects the member's row to be locked. `rowcount` is 0 when it was booked before.
    """
    return conn.execute(REWARD, {"raid_id": raid_id, "user_id": user_id, "xp": xp})


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


def close(conn: Connection) -> None:
    """Note which completed raids have rewarded everybody, so that nobody looks for more."""
    conn.execute(CLOSE)
