"""The table announcements: what may be announced to the server, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.announcements.rules import ALONE, CURRENT, GATHERED, AnnouncementKind
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Collection
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


COLUMNS: LiteralString = """
    announcements.key, announcements.kind, coalesce(announcements.user_id, 0) AS user_id,
    coalesce(users.display_name, '') AS display_name, coalesce(users.avatar, '') AS avatar,
    coalesce(users.level, 1) AS level,
    coalesce(announcements.details ->> 'challenges', announcements.details ->> 'level', '0')::int AS figure,
    coalesce(announcements.details ->> 'listed', '0')::int AS listed,
    coalesce(announcements.details ->> 'raid_id', '0')::bigint AS raid_id, announcements.made_at
"""

IS_WANTED_BY_MEMBER: LiteralString = """
    NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
"""

# Of what is about no member: not the start of a raid that is over, nor a week that has waited too long.
IS_CURRENT: LiteralString = """
    CASE announcements.kind
        WHEN 'raid_started' THEN EXISTS (
            SELECT
            FROM raid_events
            WHERE raid_id = (announcements.details ->> 'raid_id')::bigint
                AND status = 'active'
                AND ends_at > clock_timestamp()
        )
        WHEN 'week' THEN announcements.made_at > clock_timestamp() - %(current)s::interval
        ELSE true
    END
"""

# Of a member's levels only the highest is announced. A row that a member's change has locked is left to the next time.
CLAIM: LiteralString = f"""
WITH chosen AS MATERIALIZED (
    SELECT
        {COLUMNS},
        CASE WHEN users.user_id IS NOT NULL THEN {IS_WANTED_BY_MEMBER} ELSE {IS_CURRENT} END AS is_wanted
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
"""  # noqa: S608 # all parts are written out here


@dataclass(frozen=True, slots=True)
class DueAnnouncement:
    """An announcement that is due, about a member, a raid or a week; the ids of the others are 0.

    `avatar` is the hash of the member's picture, "" where it is not known, and `level` the one that they have now.
    `figure` is the count of challenges or the level that was reached, `listed` how many challenges the list had then;
    `is_wanted` is False when it must not be announced. `made_at` distinguishes it from an earlier one that lapsed.
    """

    key: str
    kind: AnnouncementKind
    user_id: int
    display_name: str
    avatar: str
    level: int
    figure: int
    listed: int
    raid_id: int
    made_at: datetime
    is_wanted: bool


def claim(conn: Connection, seconds: float) -> Cursor[DueAnnouncement]:
    """Claim the oldest due announcement that nobody has claimed, for so long; as things are now, no row if none is."""
    return rows(conn, DueAnnouncement, CLAIM, {"seconds": seconds, "current": CURRENT}, kind=AnnouncementKind)


# As above, of what was handed over to be announced: what it says may have been taken back since.
FIND: LiteralString = f"""
SELECT
    {COLUMNS},
    CASE
        WHEN users.user_id IS NOT NULL
            THEN {IS_WANTED_BY_MEMBER} AND CASE
                WHEN announcements.kind = 'level_up' THEN users.level >= (announcements.details ->> 'level')::int
                ELSE users.social_freedom_exercises_tenseys >= (announcements.details ->> 'challenges')::int
            END
        ELSE {IS_CURRENT}
    END AS is_wanted
FROM announcements
LEFT JOIN users USING (user_id)
WHERE announcements.key = %(key)s OR announcements.digest_id = %(digest_id)s
ORDER BY announcements.made_at, announcements.key
"""  # noqa: S608 # the same


def find(conn: Connection, key: str) -> Cursor[DueAnnouncement]:
    """The announcement as things are now, whatever became of it."""
    values = {"key": key, "digest_id": None, "current": CURRENT}
    return rows(conn, DueAnnouncement, FIND, values, kind=AnnouncementKind)


def gathered(conn: Connection, digest_id: int) -> Cursor[DueAnnouncement]:
    """Those of a digest, the oldest first; the same."""
    values = {"key": None, "digest_id": digest_id, "current": CURRENT}
    return rows(conn, DueAnnouncement, FIND, values, kind=AnnouncementKind)


TAKE_BACK: LiteralString = """
UPDATE announcements
SET status = 'lapsed'
WHERE (key = %(key)s OR digest_id = %(digest_id)s) AND status = 'sent'
"""


def take_back(conn: Connection, key: str) -> None:
    """It was handed over to be announced, and was not: reached again, it is due again."""
    conn.execute(TAKE_BACK, {"key": key, "digest_id": None})


def take_back_gathered(conn: Connection, digest_id: int) -> None:
    """All of a digest that was not posted; the same."""
    conn.execute(TAKE_BACK, {"key": None, "digest_id": digest_id})


# What is due and not wanted does not count. A digest that is open takes everything until shortly before it is due: what
# is added must be there when it is composed.
ROOM: LiteralString = """
SELECT
    (
        SELECT (refs ->> 'digest')::bigint
        FROM outbox
        WHERE kind = 'digest' AND state = 'due' AND due_at > clock_timestamp() + interval '30 seconds'
        ORDER BY id DESC
        LIMIT 1
    ) AS digest_id,
    (
        SELECT count(*)
        FROM announcements
        WHERE status = 'sent'
            AND user_id IS NOT NULL
            AND digest_id IS NULL
            AND resolved_at > clock_timestamp() - %(gathered)s::interval
    ) + (
        SELECT count(DISTINCT (user_id, kind))
        FROM announcements
        JOIN users USING (user_id)
        WHERE status = 'due'
            AND kind = ANY(%(kinds)s)
            AND NOT users.hidden
            AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
    ) > %(alone)s AS is_full,
    clock_timestamp() + %(gathered)s::interval AS closes_at
"""


@dataclass(frozen=True, slots=True)
class Room:
    """The digest that is open (None: none), whether there are too many for posts of their own, and when one closes."""

    digest_id: int | None
    is_full: bool
    closes_at: datetime


def room(conn: Connection, kinds: Collection[AnnouncementKind]) -> Cursor[Room]:
    """Whether what is due now, of these kinds, and what was posted shortly before is too much for single posts."""
    return rows(conn, Room, ROOM, {"gathered": GATHERED, "alone": ALONE, "kinds": list(kinds)})


NEXT_DIGEST: LiteralString = "SELECT nextval('digests') AS digest_id"


def next_digest(conn: Connection) -> Cursor[int]:
    """The id of a new digest."""
    return value(conn, int, NEXT_DIGEST)


RELEASE: LiteralString = "UPDATE announcements SET claimed_until = NULL WHERE key = %(key)s"


def release(conn: Connection, key: str) -> None:
    """Give the claim back: the announcement was not sent."""
    conn.execute(RELEASE, {"key": key})


# One that lapsed while it was being sent was sent all the same. The lower levels that a member passed on the way lapse
# with it; where it is silent they are silent too.
RESOLVE: LiteralString = """
UPDATE announcements
SET status = CASE WHEN key <> %(key)s AND %(status)s = 'sent' THEN 'lapsed' ELSE %(status)s END,
    resolved_at = clock_timestamp(), claimed_until = NULL,
    digest_id = CASE WHEN key = %(key)s THEN %(digest_id)s::bigint END
WHERE (key = %(key)s AND status IN ('due', 'lapsed'))
    OR (
        %(kind)s = 'level_up'
        AND kind = 'level_up'
        AND user_id = %(user_id)s
        AND status = 'due'
        AND (details ->> 'level')::int < %(figure)s
    )
"""


def resolve(conn: Connection, due: DueAnnouncement, *, sent: bool, digest_id: int | None = None) -> None:
    """Mark it as sent (with a digest), or as never to be sent, and pass over the lower levels of the same member."""
    values = {"key": due.key, "kind": due.kind, "user_id": due.user_id, "figure": due.figure, "digest_id": digest_id}
    conn.execute(RESOLVE, values | {"status": "sent" if sent else "silent"})


# --- the posts about raids that run ---

# A raid lasts four hours at most; what its post says at the end is of interest for a while.
RAID_POSTS: LiteralString = """
SELECT raid_id, outbox.channel_id, outbox.message_id
FROM raid_events
JOIN outbox ON outbox.key COLLATE "C" >= format('raid_started:%%s:', raid_id)
    AND outbox.key COLLATE "C" < format('raid_started:%%s;', raid_id)
WHERE (raid_events.status = 'active' OR raid_events.ended_at > clock_timestamp() - interval '1 hour')
    AND (%(raid_id)s::bigint IS NULL OR raid_id = %(raid_id)s)
    AND outbox.state = 'done'
    AND outbox.message_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class RaidPost:
    """The bot's message about the start of a raid that runs, or has just ended."""

    raid_id: int
    channel_id: int
    message_id: int


def raid_posts(conn: Connection, raid_id: int | None = None) -> Cursor[RaidPost]:
    """All of them, or that of one raid."""
    return rows(conn, RaidPost, RAID_POSTS, {"raid_id": raid_id})
