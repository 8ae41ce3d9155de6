"""Deleting a member: the function delete_member, and the table deletions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.privacy.rules import Ended
from mastermind.postgres.exchange import only, rows, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from mastermind.game.privacy.rules import Deletion
    from mastermind.postgres.connection import Connection, Cursor

# Under the member's lock, so that of two deliveries of one interaction the second sees what the first did.
FORGET: LiteralString = """
SELECT delete_member(%(user_id)s)
WHERE NOT EXISTS (SELECT FROM deletions WHERE interaction_id = %(interaction_id)s)
"""

NOTE: LiteralString = "INSERT INTO deletions (interaction_id) VALUES (%(interaction_id)s) ON CONFLICT DO NOTHING"

ENDED: LiteralString = """
SELECT interaction_id, ended_at AS ended FROM deletions WHERE interaction_id = %(interaction_id)s
"""


def forget(conn: Connection, user_id: int, interaction_id: int) -> Cursor[Ended]:
    """Remove everything of the member, once for each interaction; gives its end, also where nobody was.

    The member's row must be locked (members.table.lock).
    """
    conn.execute(FORGET, {"user_id": user_id, "interaction_id": interaction_id})
    conn.execute(NOTE, {"interaction_id": interaction_id})
    return rows(conn, Ended, ENDED, {"interaction_id": interaction_id})


ADMIT: LiteralString = """
SELECT coalesce(ceil(extract(epoch FROM admit_deletion(%(user_id)s, %(interaction_id)s)))::bigint, 0) AS again
"""


def admit(conn: Connection, user_id: int, interaction_id: int) -> Cursor[int]:
    """0 if they may have themselves deleted now, and it is counted; else when they may, in seconds since 1970."""
    return value(conn, int, ADMIT, {"user_id": user_id, "interaction_id": interaction_id})


UNLOGGED: LiteralString = """
SELECT interaction_id, ended_at AS ended FROM deletions WHERE logged_at IS NULL ORDER BY ended_at LIMIT %(most)s
"""


def unlogged(conn: Connection, most: int) -> Sequence[Ended]:
    """The ends that the log does not have yet, as far as the database knows; the oldest first."""
    return rows(conn, Ended, UNLOGGED, {"most": most}).fetchall()


NOTE_LOGGED: LiteralString = """
UPDATE deletions SET logged_at = clock_timestamp() WHERE interaction_id = %(interaction_id)s AND logged_at IS NULL
"""


def note_logged(conn: Connection, interaction_id: int) -> None:
    """The log has that end."""
    conn.execute(NOTE_LOGGED, {"interaction_id": interaction_id})


PRUNE: LiteralString = "DELETE FROM deletions WHERE logged_at < clock_timestamp() - %(kept)s::interval"


def prune(conn: Connection, kept: timedelta) -> None:
    """Drop the deletions that the log drops, too."""
    conn.execute(PRUNE, {"kept": kept})


@dataclass(frozen=True, slots=True)
class Origin:
    """When the database began, and how many of its own deletions it knows to be in the log."""

    since: datetime
    logged: int


ORIGIN: LiteralString = """
SELECT
    (SELECT min(applied_at) FROM schema_migrations) AS since,
    (SELECT count(*) FROM deletions WHERE logged_at >= clock_timestamp() - %(kept)s::interval) AS logged
"""


def origin(conn: Connection, kept: timedelta) -> Origin:
    """For the owner's role. Of the deletions those that are no longer `kept` do not count."""
    return only(rows(conn, Origin, ORIGIN, {"kept": kept}))


class Repeated(StrEnum):
    """What became of a deletion that was repeated."""

    DELETED = "deleted"
    NOBODY = "nobody"
    DONE = "done"
    PLAYS = "plays"


# A member who was brought back by a restore and has played since would lose what they did after their deletion.
FORGET_AGAIN: LiteralString = """
SELECT
    CASE
        WHEN EXISTS (SELECT FROM deletions WHERE interaction_id = %(interaction_id)s) THEN 'done'
        WHEN EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND created_at <= %(ended)s) AND (
            EXISTS (SELECT FROM interactions_done WHERE user_id = %(user_id)s AND at > %(ended)s)
            OR EXISTS (
                SELECT FROM xp_ledger
                WHERE user_id = %(user_id)s AND at > %(ended)s AND source NOT IN ('tensey', 'today')
            )
            OR EXISTS (SELECT FROM pending_xp_awards WHERE user_id = %(user_id)s AND created_at > %(ended)s)
            OR EXISTS (
                SELECT FROM day_awards WHERE user_id = %(user_id)s AND created_at > %(ended)s AND tick_id IS NULL
            )
            OR EXISTS (SELECT FROM course_progress WHERE user_id = %(user_id)s AND watched_at > %(ended)s)
        ) THEN 'plays'
        WHEN delete_member(%(user_id)s, %(ended)s) THEN 'deleted'
        ELSE 'nobody'
    END AS repeated
"""

NOTE_REPEATED: LiteralString = """
INSERT INTO deletions (interaction_id, ended_at, logged_at) VALUES (%(interaction_id)s, %(ended)s, clock_timestamp())
ON CONFLICT DO NOTHING
"""


def forget_again(conn: Connection, done: Deletion) -> Repeated:
    """Repeat a deletion of which this database may know nothing. For the owner's role, after a restore.

    What was written after its end stays; a member who has played since then is left alone. The member's row must be
    locked (members.table.lock).
    """
    names = {"interaction_id": done.interaction_id, "user_id": done.user_id, "ended": done.ended}
    repeated = Repeated(only(value(conn, str, FORGET_AGAIN, names)))
    if repeated is not Repeated.PLAYS:
        conn.execute(NOTE_REPEATED, names)
    return repeated
