"""The table raid_events: the one active raid, and how each raid ended.

A raid is locked after its member and before anything else of that transaction (001: global lock order).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.raids.rules import RaidStatus, RaidType
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection, Cursor

ACTIVE: LiteralString = """
SELECT raid_id, type, target, total, ends_at
FROM raid_events
WHERE status = 'active' AND ends_at > clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class ActiveRaid:
    """The raid that runs; `total` is the points it has of the `target`."""

    raid_id: int
    type: RaidType
    target: int
    total: int
    ends_at: datetime


def active(conn: Connection) -> Cursor[ActiveRaid]:
    """The raid that runs; no row when there is none. Nothing is locked: it may end, and another begin."""
    return rows(conn, ActiveRaid, ACTIVE, type=RaidType)


LOCK_ACTIVE: LiteralString = f"{ACTIVE} FOR NO KEY UPDATE"


def lock_active(conn: Connection) -> Cursor[ActiveRaid]:
    """The raid that runs, locked until the transaction ends; no row when there is none.

    Expects the member's row to be locked. Always a statement of its own, before those that depend on the raid's state.
    """
    return rows(conn, ActiveRaid, LOCK_ACTIVE, type=RaidType)


# A raid whose time is over is no longer active, whether or not anybody has written that down. As soon as one part is in
# steps the sum of the others is too: they are known, and would give it away. That the target was reached is no secret.
FIND: LiteralString = """
SELECT
    raid_id, type, CASE WHEN status = 'active' AND ends_at <= clock_timestamp() THEN 'failed' ELSE status END AS status,
    target,
    CASE
        WHEN NOT in_steps THEN total
        WHEN status = 'completed' THEN target
        ELSE exact - exact %% greatest(target / 20, 1) + rounded
    END AS total,
    in_steps, started_at, ends_at,
    coalesce(ended_at, CASE WHEN ends_at <= clock_timestamp() THEN ends_at END) AS ended_at,
    contributors, rewarded_at IS NOT NULL AS is_rewarded
FROM raid_events AS raids
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE is_listed AND gave) AS contributors,
        coalesce(sum(points) FILTER (WHERE is_exact), 0)::int AS exact,
        coalesce(sum(points) FILTER (WHERE NOT is_exact), 0)::int AS rounded,
        coalesce(bool_or(NOT is_exact), false) AS in_steps
    FROM raid_parts(raids.raid_id)
) AS parts
WHERE raid_id = coalesce(%(raid_id)s, (SELECT max(raid_id) FROM raid_events))
"""


@dataclass(frozen=True, slots=True)
class Raid:
    """A raid as everybody may see it, `status` by the clock; `contributors` are those with points who do not hide.

    `total` is at most what it really is: `in_steps` of 5 % of the target when somebody's part is theirs alone.
    """

    raid_id: int
    type: RaidType
    status: RaidStatus
    target: int
    total: int
    in_steps: bool
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    contributors: int
    is_rewarded: bool


def find(conn: Connection, raid_id: int | None) -> Cursor[Raid]:
    """A raid as it stands; the newest without an id. No row when there is none."""
    return rows(conn, Raid, FIND, {"raid_id": raid_id}, type=RaidType, status=RaidStatus)


OF_TICK: LiteralString = """
SELECT
    ticks.raid_id, ticks.points,
    raids.status = 'completed' AND NOT EXISTS (
        SELECT FROM raid_contributions AS later WHERE later.raid_id = ticks.raid_id AND later.id > ticks.id
    ) AS finished
FROM raid_contributions AS ticks
JOIN raid_events AS raids USING (raid_id)
WHERE ticks.source = 'tick' AND ticks.source_id = %(award_id)s AND ticks.points > 0
"""


@dataclass(frozen=True, slots=True)
class TickBlow:
    """What a tick gave a raid; `finished`: it was the last blow, by which the raid was won."""

    raid_id: int
    points: int
    finished: bool


def of_tick(conn: Connection, award_id: str) -> Cursor[TickBlow]:
    """What that tick gave the raid that ran; no row when none did."""
    return rows(conn, TickBlow, OF_TICK, {"award_id": award_id})


CHAMPION: LiteralString = """
SELECT users.display_name
FROM raid_events
JOIN users ON users.user_id = raid_events.top_user_id
WHERE raid_id = %(raid_id)s AND NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
    AND EXISTS (
        SELECT FROM raid_contributions AS given WHERE given.raid_id = %(raid_id)s AND given.user_id = users.user_id
    )
"""


def champion(conn: Connection, raid_id: int) -> Cursor[str]:
    """Who had contributed most when it was completed, and gets the reward for it.

    No row for somebody who does not want to be named in public, or was reset since.
    """
    return value(conn, str, CHAMPION, {"raid_id": raid_id})


EXPIRE: LiteralString = """
UPDATE raid_events
SET status = 'failed', ended_at = ends_at
WHERE status = 'active' AND ends_at <= clock_timestamp()
"""


def expire(conn: Connection) -> Cursor[tuple[object, ...]]:
    """End the active raid as failed if its time is over; `rowcount` is 0 when it was not."""
    return conn.execute(EXPIRE)


# A concurrent insert waits on the unique index of the active raid, and then inserts nothing.
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


def start(
    conn: Connection, actor: Actor, raid_type: RaidType, *, minutes: int, target: int, tick_points: int
) -> Cursor[int]:
    """Start a raid unless one is active or this interaction has started one; gives the id of the one it made."""
    interaction = {"interaction_id": actor.key, "started_by": actor.user_id}
    values = {"type": raid_type, "minutes": minutes, "target": target, "tick_points": tick_points}
    return value(conn, int, START, interaction | values)


CANCEL: LiteralString = """
UPDATE raid_events
SET status = 'cancelled', ended_at = clock_timestamp()
WHERE raid_id = %(raid_id)s AND status = 'active' AND ends_at > clock_timestamp()
RETURNING raid_id
"""


def cancel(conn: Connection, raid_id: int) -> Cursor[int]:
    """End a raid that runs, without a winner; gives its id when it did run. Expects it to be locked by lock_active."""
    return value(conn, int, CANCEL, {"raid_id": raid_id})
