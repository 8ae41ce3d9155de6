"""The table reminders: which members want a message when, and who is due.

When the next one is due follows from the row; the database computes it (`plan_reminder`). Every function that writes
expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.members.rhythm import Rhythm
from mastermind.game.reminders.rules import ASKED_BEFORE, LASTS, LATER, SEEN, Due, Occasion, Off
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor


# --- for the member ---

TURN_ON: LiteralString = """
INSERT INTO reminders AS kept (user_id, occasion, hour, weekdays)
VALUES (%(user_id)s, %(occasion)s, %(hour)s, %(weekdays)s)
ON CONFLICT (user_id, occasion) DO UPDATE
SET hour = EXCLUDED.hour, weekdays = EXCLUDED.weekdays, off = NULL, since = clock_timestamp()
"""


def turn_on(conn: Connection, user_id: int, hour: int, weekdays: str, occasion: Occasion = Occasion.REMINDER) -> None:
    """Write to the member at that hour of theirs on these weekdays, 1 being Monday."""
    conn.execute(TURN_ON, {"user_id": user_id, "occasion": occasion, "hour": hour, "weekdays": weekdays})


TURN_OFF: LiteralString = """
UPDATE reminders SET off = %(why)s
WHERE user_id = %(user_id)s AND off IS NULL AND (%(occasion)s::text IS NULL OR occasion = %(occasion)s)
"""


def turn_off(conn: Connection, user_id: int, why: Off, occasion: Occasion | None = None) -> None:
    """Write to the member no more, on any occasion (None) or that one; hour and weekdays stay known."""
    conn.execute(TURN_OFF, {"user_id": user_id, "why": why, "occasion": occasion})


# --- for relay ---

WAITING: LiteralString = """
SELECT count(*) AS count FROM outbox WHERE state IN ('due', 'handed') AND kind = ANY(%(kinds)s)
"""


def waiting(conn: Connection, kinds: Sequence[str]) -> Cursor[int]:
    """How many rows of these kinds the outbox has that are not settled."""
    return value(conn, int, WAITING, {"kinds": list(kinds)})


# Who has just been met or is being changed is left to the next minute. The membership that an interaction shows lasts
# for a day, as that which Discord said when it was asked. Nobody gets two of these messages on one date: on Sunday the
# words about the week replace the reminder.
FIND_DUE: LiteralString = """
SELECT
    reminders.user_id, reminders.occasion, days.day, reminders.hour_at,
    reminders.occasion <> 'week' AND extract(isodow FROM days.day) = 7 AND EXISTS (
        SELECT FROM reminders AS words
        WHERE words.user_id = reminders.user_id AND words.occasion = 'week' AND words.off IS NULL
    ) AS is_replaced,
    hour_at <= clock_timestamp() - %(lasts)s::interval AS is_over,
    direct.channel_id IS NOT NULL AS is_reached,
    direct.closed_at IS NOT NULL AS is_closed,
    coalesce(
        greatest(seen_at, last_used(reminders.user_id, true)) > clock_timestamp() - %(asked)s::interval, false
    ) AS is_seen
FROM reminders
JOIN users USING (user_id)
CROSS JOIN LATERAL (SELECT local_day(reminders.hour_at, time_zone) AS day) AS days
LEFT JOIN direct_channels AS direct USING (user_id)
WHERE next_at <= statement_timestamp()
ORDER BY next_at
LIMIT %(most)s
FOR UPDATE OF reminders SKIP LOCKED
FOR NO KEY UPDATE OF users SKIP LOCKED
"""


def due(conn: Connection, most: int) -> Cursor[Due]:
    """Those whose moment has come, the longest ago first, and no more than `most`; they are locked."""
    values = {"lasts": LASTS, "asked": ASKED_BEFORE, "most": most}
    return rows(conn, Due, FIND_DUE, values, occasion=Occasion)


DECIDED: LiteralString = """
UPDATE reminders SET last_day = days.day
FROM unnest(%(users)s::bigint[], %(occasions)s::text[], %(days)s::date[]) AS days (user_id, occasion, day)
WHERE reminders.user_id = days.user_id AND reminders.occasion = days.occasion
"""


def decided(conn: Connection, due: Sequence[Due]) -> None:
    """These have had their date; the next is planned with that."""
    conn.execute(DECIDED, {**_named(due), "days": [each.day for each in due]})


WAIT: LiteralString = """
UPDATE reminders SET next_at = clock_timestamp() + %(later)s::interval
FROM unnest(%(users)s::bigint[], %(occasions)s::text[]) AS waiting (user_id, occasion)
WHERE reminders.user_id = waiting.user_id AND reminders.occasion = waiting.occasion
"""


def wait(conn: Connection, due: Sequence[Due]) -> None:
    """Look at these again in a few minutes."""
    conn.execute(WAIT, {**_named(due), "later": LATER})


def _named(due: Sequence[Due]) -> dict[str, object]:
    return {"users": [each.user_id for each in due], "occasions": [str(each.occasion) for each in due]}


SEE: LiteralString = "UPDATE reminders SET seen_at = clock_timestamp() WHERE user_id = %(user_id)s"


def see(conn: Connection, user_id: int) -> None:
    """Discord says that the member is in the server."""
    conn.execute(SEE, {"user_id": user_id})


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when the member wants such messages, why they are off, and when they last used the game, wherever.

    `rhythm` is how often they want to do something, None until they have chosen.
    """

    since: datetime
    off: Off | None
    rhythm: Rhythm | None
    last_used: datetime | None
    now: datetime


STANDING: LiteralString = """
SELECT
    since, off, users.settings ->> 'rhythm' AS rhythm, last_used(user_id, false) AS last_used, clock_timestamp() AS now
FROM reminders
JOIN users USING (user_id)
WHERE user_id = %(user_id)s AND occasion = %(occasion)s
"""


def standing(conn: Connection, user_id: int, occasion: Occasion) -> Cursor[Standing]:
    """Theirs; no row for who never wanted any."""
    return rows(conn, Standing, STANDING, {"user_id": user_id, "occasion": occasion}, off=Off, rhythm=Rhythm)


# --- what may be tapped in a direct message ---

IS_OURS: LiteralString = """
SELECT
    EXISTS (
        SELECT FROM outbox
        WHERE outbox.user_id = %(user_id)s
            AND kind IN ('reminder', 'week')
            AND (message_id = %(message_id)s OR (message_id IS NULL AND state IN ('handed', 'unknown')))
    )
    AND coalesce(
        greatest(
            last_used(%(user_id)s, true), (SELECT max(seen_at) FROM reminders WHERE user_id = %(user_id)s)
        ) > clock_timestamp() - %(seen)s::interval,
        false
    ) AS is_ours
"""


def may_tap(conn: Connection, user_id: int, message_id: int) -> Cursor[bool]:
    """Whether the outbox sent them that message, and they were seen in the server within a day.

    A message is theirs as well as long as it is not known yet which one Discord has made of it.
    """
    return value(conn, bool, IS_OURS, {"user_id": user_id, "message_id": message_id, "seen": SEEN})
