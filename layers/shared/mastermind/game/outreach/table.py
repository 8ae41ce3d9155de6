"""Whether there is a bot, what it may do, and where it may write: bot_status, missing_rights, direct_channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.outreach.rights import Needed, Right
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mastermind.postgres.connection import Connection, Cursor

IS_ON: LiteralString = "SELECT is_on FROM bot_status"


def is_on(conn: Connection) -> Cursor[bool]:
    """Whether there is a bot token that Discord accepts, as the function outbox last said."""
    return value(conn, bool, IS_ON)


NOTE: LiteralString = """
UPDATE bot_status SET is_on = %(is_on)s, since = clock_timestamp() WHERE is_on <> %(is_on)s
"""


def note(conn: Connection, *, is_on: bool) -> None:
    conn.execute(NOTE, {"is_on": is_on})


ASK: LiteralString = """
UPDATE bot_status SET asked_at = clock_timestamp()
WHERE asked_at < clock_timestamp() - %(again)s::interval AND NOT is_on
RETURNING extract(epoch FROM asked_at)::float AS asked_at
"""


def ask(conn: Connection, again: timedelta) -> Cursor[float]:
    """Note that outbox is asked whether there is a bot by now, in seconds since 1970; no row when it need not be."""
    return value(conn, float, ASK, {"again": again})


# --- rights that the bot lacks ---

NOTE_MISSING: LiteralString = """
INSERT INTO missing_rights AS known (needs, target_id, code)
SELECT needs, target_id, %(code)s FROM outbox WHERE id = %(entry_id)s AND needs IS NOT NULL
ON CONFLICT (needs, target_id) DO UPDATE SET code = EXCLUDED.code, last_at = clock_timestamp()
"""


def note_missing(conn: Connection, entry_id: int, code: int) -> None:
    """Discord has refused that row of the outbox for want of a right."""
    conn.execute(NOTE_MISSING, {"entry_id": entry_id, "code": code})


FORGET_MISSING: LiteralString = """
DELETE FROM missing_rights USING outbox
WHERE outbox.id = %(entry_id)s
    AND missing_rights.needs = outbox.needs
    AND missing_rights.target_id = outbox.target_id
"""


def forget_missing(conn: Connection, entry_id: int) -> None:
    """Record that the bot has the permission that the row needed: the request succeeded."""
    conn.execute(FORGET_MISSING, {"entry_id": entry_id})


@dataclass(frozen=True, slots=True)
class Missing:
    """A right that the bot lacks in a channel or over a role (0: in the server), what Discord said, and since when."""

    needs: Right
    target_id: int
    code: int
    since: datetime

    @property
    def needed(self) -> Needed:
        return Needed(self.needs, self.target_id)


MISSING: LiteralString = """
SELECT needs, target_id, code, since FROM missing_rights ORDER BY since, needs, target_id LIMIT %(most)s
"""


def missing(conn: Connection, most: int) -> Cursor[Missing]:
    """The rights that the bot lacks, the oldest first."""
    return rows(conn, Missing, MISSING, {"most": most}, needs=Right)


NOTIFY: LiteralString = """
UPDATE missing_rights SET notified_at = clock_timestamp()
WHERE notified_at IS NULL
RETURNING needs, target_id, code, since
"""


def to_notify(conn: Connection) -> Cursor[Missing]:
    """Those of which the admins have not been notified; from now on they have."""
    return rows(conn, Missing, NOTIFY, needs=Right)


NOT_NOTIFIED: LiteralString = """
UPDATE missing_rights SET notified_at = NULL WHERE needs = %(needs)s AND target_id = %(target_id)s
"""


def not_notified(conn: Connection, missing: Missing) -> None:
    """They could not be notified of it."""
    conn.execute(NOT_NOTIFIED, {"needs": missing.needs, "target_id": missing.target_id})


# --- direct messages ---

CHANNEL: LiteralString = """
SELECT coalesce(channel_id, 0) AS channel_id, closed_at FROM direct_channels WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """A member's channel of direct messages, 0 as long as none is known, and since when it is closed."""

    channel_id: int
    closed_at: datetime | None


def channel(conn: Connection, user_id: int) -> Cursor[Channel]:
    """Theirs; no row when they were never written to."""
    return rows(conn, Channel, CHANNEL, {"user_id": user_id})


OPENED: LiteralString = """
SELECT count(*) AS count
FROM direct_channels
WHERE opened_at > clock_timestamp() - interval '1 minute'
"""


def opened(conn: Connection) -> Cursor[int]:
    """How many channels outbox was asked to open within the last minute."""
    return value(conn, int, OPENED)


OPEN: LiteralString = """
INSERT INTO direct_channels (user_id) SELECT user_id FROM users WHERE user_id = %(user_id)s
ON CONFLICT (user_id) DO UPDATE SET opened_at = clock_timestamp()
"""


def note_opening(conn: Connection, user_id: int) -> None:
    """Outbox is asked to open their channel; of somebody who is no member it is not kept."""
    conn.execute(OPEN, {"user_id": user_id})


FOUND: LiteralString = """
INSERT INTO direct_channels AS known (user_id, channel_id)
SELECT user_id, %(channel_id)s FROM users WHERE user_id = %(user_id)s
ON CONFLICT (user_id) DO UPDATE
SET channel_id = EXCLUDED.channel_id, closed_at = NULL
WHERE known.channel_id IS DISTINCT FROM EXCLUDED.channel_id OR known.closed_at IS NOT NULL
"""


def note_channel(conn: Connection, user_id: int, channel_id: int) -> None:
    """A message has reached them there."""
    conn.execute(FOUND, {"user_id": user_id, "channel_id": channel_id})


FORGET: LiteralString = "UPDATE direct_channels SET channel_id = NULL WHERE user_id = %(user_id)s"


def forget_channel(conn: Connection, user_id: int) -> None:
    """There is no such channel any more; the next message opens one."""
    conn.execute(FORGET, {"user_id": user_id})


CLOSED: LiteralString = """
UPDATE direct_channels SET closed_at = clock_timestamp() WHERE user_id = %(user_id)s AND closed_at IS NULL
"""


def note_closed(conn: Connection, user_id: int) -> None:
    """Discord says that they accept no direct messages."""
    conn.execute(CLOSED, {"user_id": user_id})


REOPEN: LiteralString = "UPDATE direct_channels SET closed_at = NULL WHERE user_id = %(user_id)s"


def reopen(conn: Connection, user_id: int) -> None:
    """They say that they accept them again."""
    conn.execute(REOPEN, {"user_id": user_id})
