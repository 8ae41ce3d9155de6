"""The table users: first contact, the lock that every change of a member's state begins with, settings, rate limits.

Every function that changes a setting expects the member's row to be locked (lock_own).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.moderation.rules import STANDS_FOR
from mastermind.postgres.exchange import rows, transaction, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, timedelta

    from psycopg import Cursor

    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

# The guard before ON CONFLICT matters: DO UPDATE locks the row even when there is nothing to update.
MEET: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT %(user_id)s, %(display_name)s, %(time_zone)s
WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND display_name = %(display_name)s)
ON CONFLICT (user_id) DO UPDATE SET display_name = EXCLUDED.display_name, updated_at = clock_timestamp()
"""


def meet(conn: Connection, actor: Actor) -> None:
    """Make the member's row at first contact, update their name when it changed, else lock nothing of users.

    This comes first in every action of a member, in the same exchange as the rest. It refuses a use beyond the rate
    limit (errors.TooFast), and then nothing after it runs.

    Transactions of its own: a first contact locks rank buckets and factions, which come last in the lock order; and
    what it has counted stays counted when it refuses.
    """
    _meet(conn, actor, MEET)


RENAME: LiteralString = """
UPDATE users SET display_name = %(display_name)s, updated_at = clock_timestamp()
WHERE user_id = %(user_id)s AND display_name <> %(display_name)s
"""


def meet_again(conn: Connection, actor: Actor) -> None:
    """The same for an action that makes no row: somebody whom the game does not know has nothing to do there."""
    _meet(conn, actor, RENAME)


# Counts the use, or its refusal; once for an interaction, however often it is delivered.
CHARGE: LiteralString = """
SELECT charge(%(user_id)s, %(pace)s, %(interaction_id)s, %(spacing)s, %(burst)s)
"""

# Fails when the use that was charged last was refused.
CHECK_CHARGE: LiteralString = "SELECT enforce_limit()"


def _meet(conn: Connection, actor: Actor, query: LiteralString) -> None:
    names = {"user_id": actor.user_id, "display_name": actor.display_name, "time_zone": actor.time_zone}
    with transaction(conn):
        conn.execute(query, names)
        if use := actor.charge:
            interaction = {"user_id": actor.user_id, "interaction_id": actor.interaction_id, "pace": use.pace.value}
            conn.execute(CHARGE, interaction | {"spacing": use.limit.spacing, "burst": use.limit.burst})
    if actor.charge:
        with transaction(conn):
            conn.execute(CHECK_CHARGE)


LOCK: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR UPDATE"


def lock(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the member's row until the transaction ends; `rowcount` is 0 when there is none.

    Then nothing is locked, even if the member joins again in the next moment.

    Always a statement of its own and the first of its transaction: a statement that waits for a lock computes from the
    snapshot it began with, the ones after it see what the other transaction did.
    """
    return conn.execute(LOCK, {"user_id": user_id})


LOCK_OWN: LiteralString = "SELECT lock_member(%(user_id)s)"


def lock_own(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts; refused when they were deleted while this waited (errors.Forgotten)."""
    return conn.execute(LOCK_OWN, {"user_id": user_id})


def lock_both(conn: Connection, actor_id: int, subject_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts and of the one it is done to, in the order of their ids.

    `rowcount` is 0 when the subject is no member; then nothing may be written about them.
    """
    taken = {
        user_id: lock_own(conn, user_id) if user_id == actor_id else lock(conn, user_id)
        for user_id in sorted({actor_id, subject_id})
    }
    return taken[subject_id]


LOCK_IF_FREE: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR UPDATE SKIP LOCKED"


def lock_if_free(conn: Connection, user_id: int) -> bool:
    """Take the member's row unless another transaction has it; whether it was taken, which costs a round trip."""
    return conn.execute(LOCK_IF_FREE, {"user_id": user_id}).fetchone() is not None


def unknown_zone() -> type[Exception]:
    """The error by which the database refuses a zone that it does not know; its list may be older than ours."""
    from psycopg import errors

    return errors.InvalidParameterValue


MOST_WARNINGS = 3

SETTINGS: LiteralString = """
SELECT
    time_zone, hidden, coalesce(settings ->> 'announcements', 'on') <> 'off' AS announcements,
    local_day(clock.now, time_zone) AS today, clock.now,
    ARRAY(
        SELECT reason
        FROM user_warnings AS warnings
        WHERE warnings.user_id = users.user_id AND withdrawn_at IS NULL AND at > clock.now - %(stands_for)s::interval
        ORDER BY id DESC
        LIMIT %(most)s
    ) AS warnings
FROM users CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a member has set: their zone, whether leaderboards leave them out, whether they are announced.

    `today` is their date, `now` the database's time. `warnings` is what they were warned for and still stands, the
    newest first.
    """

    time_zone: str
    hidden: bool
    announcements: bool
    today: date
    now: datetime
    warnings: Sequence[str]


def settings(conn: Connection, user_id: int) -> Cursor[Settings]:
    return rows(conn, Settings, SETTINGS, {"user_id": user_id, "stands_for": STANDS_FOR, "most": MOST_WARNINGS})


CHANGES: LiteralString = """
SELECT at FROM time_zone_changes WHERE user_id = %(user_id)s AND at > clock_timestamp() - %(within)s ORDER BY at
"""


def zone_changes(conn: Connection, user_id: int, within: timedelta) -> Cursor[datetime]:
    """When the member changed their zone in that time, in order."""
    return value(conn, datetime, CHANGES, {"user_id": user_id, "within": within})


# A missed day counts as missed when it is two days old. Where the calendar jumps ahead, the days that this would make
# bridge the streak instead. So do the days that an outage of ours covers as the calendar was: the new one may cut the
# outage in two parts, of which neither is long enough.
BRIDGE: LiteralString = """
INSERT INTO travel_days (user_id, day)
SELECT user_id, today - 1 + nth
FROM (
    SELECT user_id, local_day(now, time_zone) AS today, local_day(now, %(time_zone)s) AS new_today
    FROM users CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
    WHERE user_id = %(user_id)s
) AS moved
CROSS JOIN LATERAL generate_series(0, new_today - today - 1) AS nth
UNION
SELECT %(user_id)s, day FROM covered_days(%(user_id)s) AS covered (day)
ON CONFLICT DO NOTHING
"""

NOTE_CHANGE: LiteralString = """
INSERT INTO time_zone_changes (user_id, at, from_zone, to_zone)
SELECT user_id, clock_timestamp(), time_zone, %(time_zone)s FROM users WHERE user_id = %(user_id)s
"""

SET_TIME_ZONE: LiteralString = """
UPDATE users SET time_zone = %(time_zone)s, updated_at = clock_timestamp() WHERE user_id = %(user_id)s
"""


def set_time_zone(conn: Connection, user_id: int, time_zone: str) -> None:
    """Move the member's day; the streak is bridged where that would break it. The database must know the zone."""
    values = {"user_id": user_id, "time_zone": time_zone}
    for statement in (BRIDGE, NOTE_CHANGE, SET_TIME_ZONE):
        conn.execute(statement, values)


SET_HIDDEN: LiteralString = """
UPDATE users SET hidden = %(hidden)s, updated_at = clock_timestamp() WHERE user_id = %(user_id)s
"""


def set_hidden(conn: Connection, user_id: int, hidden: bool) -> None:
    conn.execute(SET_HIDDEN, {"user_id": user_id, "hidden": hidden})


SET_ANNOUNCEMENTS: LiteralString = """
UPDATE users
SET settings = settings || jsonb_build_object('announcements', %(word)s::text), updated_at = clock_timestamp()
WHERE user_id = %(user_id)s
"""


def set_announcements(conn: Connection, user_id: int, wanted: bool) -> None:
    conn.execute(SET_ANNOUNCEMENTS, {"user_id": user_id, "word": "on" if wanted else "off"})
