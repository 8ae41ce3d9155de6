"""The table announcements: what may be announced to the server, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.announcements.rules import CURRENT, AnnouncementKind
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor

BEGIN_WEEK: LiteralString = """
INSERT INTO announcements (key, kind, details)
SELECT 'week:' || monday, 'week', jsonb_build_object('first_day', monday, 'zone', %(zone)s::text)
FROM week_to_announce(clock_timestamp(), %(zone)s) AS monday
WHERE members_listed(period_of('week', monday), 'xp') > 0
ON CONFLICT (key) DO NOTHING
"""


def begin_week(conn: Connection, time_zone: str) -> None:
    """On Monday evening last week is due, if anybody gathered XP in it."""
    conn.execute(BEGIN_WEEK, {"zone": time_zone})


# Hidden members are not announced, nor members who want no announcements, nor the start of a raid that is over, nor a
# week that has waited too long. Of a member's levels only the highest is. A row that a member's change has locked is
# left to the next time.
CLAIM: LiteralString = """
WITH chosen AS MATERIALIZED (
    SELECT
        announcements.key, announcements.kind, coalesce(announcements.user_id, 0) AS user_id,
        coalesce(users.display_name, '') AS display_name,
        coalesce(announcements.details ->> 'challenges', announcements.details ->> 'level', '0')::int AS figure,
        coalesce(announcements.details ->> 'listed', '0')::int AS listed,
        coalesce(announcements.details ->> 'raid_id', '0')::bigint AS raid_id, announcements.made_at,
        CASE
            WHEN users.user_id IS NOT NULL
                THEN NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
            WHEN announcements.kind = 'raid_started' THEN EXISTS (
                SELECT
                FROM raid_events
                WHERE raid_id = (announcements.details ->> 'raid_id')::bigint
                    AND status = 'active'
                    AND ends_at > clock_timestamp()
            )
            WHEN announcements.kind = 'week' THEN announcements.made_at > clock_timestamp() - %(current)s::interval
            ELSE true
        END AS is_wanted
    FROM announcements
    LEFT JOIN users USING (user_id)
    WHERE announcements.status = 'due'
        AND (announcements.claimed_until IS NULL OR announcements.claimed_until <= clock_timestamp())
        AND NOT EXISTS (
            SELECT
            FROM announcements AS higher
            WHERE higher.user_id = announcements.user_id
                AND higher.kind = 'level_up'
                AND announcements.kind = 'level_up'
                AND higher.status = 'due'
                AND (higher.details ->> 'level')::int > (announcements.details ->> 'level')::int
        )
    ORDER BY announcements.made_at
    LIMIT 1
    FOR UPDATE OF announcements SKIP LOCKED
)
UPDATE announcements
SET claimed_until = clock_timestamp() + make_interval(secs => %(seconds)s)
FROM chosen
WHERE announcements.key = chosen.key
RETURNING chosen.*
"""


@dataclass(frozen=True, slots=True)
class DueAnnouncement:
    """An announcement that is due, about a member, a raid or a week; the ids of the others are 0.

    `figure` is the count of challenges or the level that was reached, `listed` how many challenges the list had then;
    `is_wanted` is False when it must not be announced. `made_at` distinguishes it from an earlier one that lapsed.
    """

    key: str
    kind: AnnouncementKind
    user_id: int
    display_name: str
    figure: int
    listed: int
    raid_id: int
    made_at: datetime
    is_wanted: bool


def claim(conn: Connection, seconds: float) -> Cursor[DueAnnouncement]:
    """Claim the oldest due announcement that nobody has claimed, for so long; as things are now, no row if none is."""
    return rows(conn, DueAnnouncement, CLAIM, {"seconds": seconds, "current": CURRENT}, kind=AnnouncementKind)


# As above, of one that was handed over to be announced: what it says may have been taken back since.
FIND: LiteralString = """
SELECT
    announcements.key, announcements.kind, coalesce(announcements.user_id, 0) AS user_id,
    coalesce(users.display_name, '') AS display_name,
    coalesce(announcements.details ->> 'challenges', announcements.details ->> 'level', '0')::int AS figure,
    coalesce(announcements.details ->> 'listed', '0')::int AS listed,
    coalesce(announcements.details ->> 'raid_id', '0')::bigint AS raid_id, announcements.made_at,
    CASE
        WHEN users.user_id IS NOT NULL
            THEN NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off' AND CASE
                WHEN announcements.kind = 'level_up' THEN users.level >= (announcements.details ->> 'level')::int
                ELSE users.social_freedom_exercises_tenseys >= (announcements.details ->> 'challenges')::int
            END
        WHEN announcements.kind = 'raid_started' THEN EXISTS (
            SELECT
            FROM raid_events
            WHERE raid_id = (announcements.details ->> 'raid_id')::bigint
                AND status = 'active'
                AND ends_at > clock_timestamp()
        )
        WHEN announcements.kind = 'week' THEN announcements.made_at > clock_timestamp() - %(current)s::interval
        ELSE true
    END AS is_wanted
FROM announcements
LEFT JOIN users USING (user_id)
WHERE announcements.key = %(key)s
"""


def find(conn: Connection, key: str) -> Cursor[DueAnnouncement]:
    """The announcement as things are now, whatever became of it."""
    return rows(conn, DueAnnouncement, FIND, {"key": key, "current": CURRENT}, kind=AnnouncementKind)


TAKE_BACK: LiteralString = "UPDATE announcements SET status = 'lapsed' WHERE key = %(key)s AND status = 'sent'"


def take_back(conn: Connection, key: str) -> None:
    """It was handed over to be announced, and was not: reached again, it is due again."""
    conn.execute(TAKE_BACK, {"key": key})


RELEASE: LiteralString = "UPDATE announcements SET claimed_until = NULL WHERE key = %(key)s"


def release(conn: Connection, key: str) -> None:
    """Give the claim back: the announcement was not sent."""
    conn.execute(RELEASE, {"key": key})


# One that lapsed while it was being sent was sent all the same. The lower levels that a member passed on the way lapse
# with it; where it is silent they are silent too.
RESOLVE: LiteralString = """
UPDATE announcements
SET status = CASE WHEN key <> %(key)s AND %(status)s = 'sent' THEN 'lapsed' ELSE %(status)s END,
    resolved_at = clock_timestamp(), claimed_until = NULL
WHERE (key = %(key)s AND status IN ('due', 'lapsed'))
    OR (
        %(kind)s = 'level_up'
        AND kind = 'level_up'
        AND user_id = %(user_id)s
        AND status = 'due'
        AND (details ->> 'level')::int < %(figure)s
    )
"""


def resolve(conn: Connection, due: DueAnnouncement, *, sent: bool) -> None:
    """Mark it as sent, or as never to be sent, and pass over the lower levels of the same member."""
    values = {"key": due.key, "kind": due.kind, "user_id": due.user_id, "figure": due.figure}
    conn.execute(RESOLVE, values | {"status": "sent" if sent else "silent"})
