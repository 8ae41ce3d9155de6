"""What the table users keeps of a member's settings, the table of their changes of the time zone, and all zones.

Every function that changes a setting expects the member's row to be locked (game.members.table, lock_own).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.members.rhythm import Rhythm
from mastermind.game.moderation.rules import STANDS_FOR
from mastermind.game.reminders.rules import EVERY_DAY, USUAL_HOUR, Off
from mastermind.postgres.exchange import exchange, only, rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, timedelta

    from mastermind.game.settings.content import Clock
    from mastermind.postgres.connection import Connection, Cursor

MOST_WARNINGS = 3

SETTINGS: LiteralString = """
SELECT
    time_zone, hidden, coalesce(settings ->> 'announcements', 'on') <> 'off' AS announcements,
    NOT EXISTS (
        SELECT FROM direct_channels AS direct WHERE direct.user_id = users.user_id AND closed_at IS NOT NULL
    ) AS direct_messages,
    (SELECT is_on FROM bot_status) AS has_bot,
    wish.user_id IS NOT NULL AND wish.off IS NULL AS reminders, wish.off AS reminders_off,
    coalesce(wish.hour, %(hour)s) AS remind_hour, coalesce(wish.weekdays, %(weekdays)s) AS remind_weekdays,
    words.user_id IS NOT NULL AND words.off IS NULL AS week, words.off AS week_off,
    coalesce(words.hour, %(hour)s) AS week_hour,
    users.settings ->> 'rhythm' AS rhythm,
    ARRAY(
        SELECT category FROM shown_categories AS shows WHERE shows.user_id = users.user_id ORDER BY category
    ) AS shown,
    local_day(clock.now, time_zone) AS today, clock.now,
    ARRAY(
        SELECT reason
        FROM user_warnings AS warnings
        WHERE warnings.user_id = users.user_id AND withdrawn_at IS NULL AND at > clock.now - %(stands_for)s::interval
        ORDER BY id DESC
        LIMIT %(most)s
    ) AS warnings
FROM users
CROSS JOIN (SELECT clock_timestamp() AS now) AS clock
LEFT JOIN reminders AS wish ON wish.user_id = users.user_id AND wish.occasion = 'reminder'
LEFT JOIN reminders AS words ON words.user_id = users.user_id AND words.occasion = 'week'
WHERE users.user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a member has set: their zone, whether they hide, whether they are announced, which categories they show.

    `direct_messages` is False when Discord said that they accept none, `has_bot` whether the game can write any.
    `reminders` is whether they are reminded, `reminders_off` why they are no more; None where they never were. They are
    or would be at `remind_hour` on `remind_weekdays`, 1 being Monday. `week`, `week_off` and `week_hour` say the
    same of the words about their week, on Sunday. `rhythm` is None until they have chosen one.
    `shown` are the keys of private categories that everybody may see.
    `today` is their date, `now` the database's time. `warnings` is what they were warned for and still stands, the
    newest first.
    """

    time_zone: str
    hidden: bool
    announcements: bool
    direct_messages: bool
    has_bot: bool
    reminders: bool
    reminders_off: Off | None
    remind_hour: int
    remind_weekdays: str
    week: bool
    week_off: Off | None
    week_hour: int
    rhythm: Rhythm | None
    shown: Sequence[str]
    today: date
    now: datetime
    warnings: Sequence[str]


def of(conn: Connection, user_id: int) -> Cursor[Settings]:
    values = {"user_id": user_id, "stands_for": STANDS_FOR, "most": MOST_WARNINGS}
    usual = {"hour": USUAL_HOUR, "weekdays": EVERY_DAY}
    return rows(
        conn, Settings, SETTINGS, {**values, **usual}, shown=tuple, reminders_off=Off, week_off=Off, rhythm=Rhythm
    )


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
SELECT user_id, day
FROM users
CROSS JOIN LATERAL outage_days(user_id) AS down (day)
WHERE user_id = %(user_id)s AND time_zone <> %(time_zone)s
ON CONFLICT DO NOTHING
"""

NOTE_CHANGE: LiteralString = """
INSERT INTO time_zone_changes (user_id, at, from_zone, to_zone)
SELECT user_id, clock_timestamp(), time_zone, %(time_zone)s
FROM users
WHERE user_id = %(user_id)s AND time_zone <> %(time_zone)s
"""

SET_TIME_ZONE: LiteralString = """
UPDATE users SET time_zone = %(time_zone)s, updated_at = clock_timestamp()
WHERE user_id = %(user_id)s AND time_zone <> %(time_zone)s
"""


def set_time_zone(conn: Connection, user_id: int, time_zone: str) -> None:
    """Move the member's day; the streak is bridged where that would break it. The database must know the zone.

    Nothing happens if it is theirs already.
    """
    values = {"user_id": user_id, "time_zone": time_zone}
    for statement in (BRIDGE, NOTE_CHANGE, SET_TIME_ZONE):
        conn.execute(statement, values)


SET_HIDDEN: LiteralString = """
UPDATE users SET hidden = %(hidden)s, updated_at = clock_timestamp() WHERE user_id = %(user_id)s
"""


def set_hidden(conn: Connection, user_id: int, hidden: bool) -> None:
    conn.execute(SET_HIDDEN, {"user_id": user_id, "hidden": hidden})


SET_WORD: LiteralString = """
UPDATE users
SET settings = settings || jsonb_build_object(%(name)s::text, %(word)s::text), updated_at = clock_timestamp()
WHERE user_id = %(user_id)s
"""


def set_announcements(conn: Connection, user_id: int, wanted: bool) -> None:
    conn.execute(SET_WORD, {"user_id": user_id, "name": "announcements", "word": "on" if wanted else "off"})


def set_rhythm(conn: Connection, user_id: int, rhythm: Rhythm) -> None:
    conn.execute(SET_WORD, {"user_id": user_id, "name": "rhythm", "word": rhythm})


REVEAL: LiteralString = """
INSERT INTO shown_categories (user_id, category) VALUES (%(user_id)s, %(category)s) ON CONFLICT DO NOTHING
"""

CONCEAL: LiteralString = "DELETE FROM shown_categories WHERE user_id = %(user_id)s AND category = %(category)s"


def reveal(conn: Connection, user_id: int, category: str) -> None:
    """Everybody may see what the member logs in that private category."""
    conn.execute(REVEAL, {"user_id": user_id, "category": category})


def conceal(conn: Connection, user_id: int, category: str) -> None:
    """It is the member's alone again."""
    conn.execute(CONCEAL, {"user_id": user_id, "category": category})


# --- the table time_zones, for the migration runner ---

HAS_ZONES: LiteralString = "SELECT to_regclass('time_zones') IS NOT NULL AS has_zones"

RELEASE: LiteralString = "SELECT coalesce(max(release), '') AS release FROM time_zones"

PUT_ZONE: LiteralString = """
INSERT INTO time_zones AS kept (name, release, since, utc_offset)
VALUES (%(name)s, %(release)s, %(since)s, %(utc_offset)s)
ON CONFLICT (name) DO UPDATE
SET release = EXCLUDED.release, since = EXCLUDED.since, utc_offset = EXCLUDED.utc_offset
"""


def has_zones(conn: Connection) -> bool:
    """Whether the table is there yet."""
    return only(value(conn, bool, HAS_ZONES))


def release(conn: Connection) -> str:
    """The release of the time zone database that is stored; empty when none is."""
    return only(value(conn, str, RELEASE))


def put_zones(conn: Connection, release: str, clocks: Iterable[Clock]) -> None:
    """Store these zones; one that is stored and not among them stays, members may live in it."""
    values = [{**as_dict(clock), "release": release} for clock in clocks]
    for each in values:
        each |= {"since": list(each["since"]), "utc_offset": list(each["utc_offset"])}
    with exchange(conn):
        for each in values:
            conn.execute(PUT_ZONE, each)
