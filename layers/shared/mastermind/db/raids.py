"""The tables raid_events and raid_contributions: the one active raid, who contributed what, how it ended.

A raid is locked after its member and before anything else of that transaction (001: global lock order).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.db.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from psycopg import Cursor

    from mastermind.db.connection import Connection

LOCK_ACTIVE: LiteralString = """
SELECT raid_id, type, target, total, ends_at
FROM raid_events
WHERE status = 'active' AND ends_at > clock_timestamp()
FOR NO KEY UPDATE
"""

# What counts is told by the sum of all that the member has logged and taken back of the stat during this raid (003).
# The time is asked again: a raid may end while its lock is waited for.
CONTRIBUTE: LiteralString = """
WITH contributed AS (
    INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)
    SELECT
        raids.raid_id, %(user_id)s, %(source)s, %(source_id)s, logged.stat, logged.change,
        greatest(0, earlier.change + logged.change) - greatest(0, earlier.change)
    FROM raid_events AS raids
    CROSS JOIN unnest(%(stats)s::text[], %(changes)s::int[]) AS logged (stat, change)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(own.change), 0)::int AS change
        FROM raid_contributions AS own
        WHERE own.raid_id = raids.raid_id AND own.user_id = %(user_id)s AND own.stat = logged.stat
    ) AS earlier
    WHERE raids.status = 'active' AND raids.ends_at > clock_timestamp()
    ON CONFLICT (source, source_id, stat) DO NOTHING
    RETURNING points
)
SELECT coalesce(sum(points), 0)::int FROM contributed
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


def lock_active(conn: Connection) -> Cursor[ActiveRaid]:
    """The raid that runs, locked until the transaction ends; no row when there is none.

    Expects the member's row to be locked. Always a statement of its own, before the ones that reckon with the raid.
    """
    return ask(conn, ActiveRaid, LOCK_ACTIVE)


def contribute(
    conn: Connection, user_id: int, source: str, source_id: str, points_by_stat: Mapping[str, int]
) -> Cursor[int]:
    """Count what a member logged for today, in points; negative for what an edit takes back. Never twice for a source.

    Expects the raid to be locked by lock_active. Gives one row: the points that count, 0 when no raid runs. When the
    target is reached the raid is completed by it.
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
    )


def leave(conn: Connection, user_id: int) -> None:
    """Take a member's name from all they contributed; the points stay. Expects the member's row to be locked."""
    conn.execute(LEAVE, {"user_id": user_id})
