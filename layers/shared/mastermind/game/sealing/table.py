"""The table audit_chain: the audit log sealed entry by entry, and the end of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.sealing.rules import Link
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.sealing.rules import Head
    from mastermind.postgres.connection import Connection, Cursor

EXTEND: LiteralString = """
SELECT added, end_position AS position, encode(end_link, 'hex') AS link, is_due FROM extend_audit_chain(%(most)s)
"""


@dataclass(frozen=True, slots=True)
class Extended:
    """How many entries were sealed, and the end of the chain; `is_due` when nobody wrote it down today."""

    added: int
    position: int
    link: str
    is_due: bool


def extend(conn: Connection, most: int) -> Cursor[Extended]:
    """Seal entries that are older than a minute, the oldest first, at most so many."""
    return rows(conn, Extended, EXTEND, {"most": most})


NOTE: LiteralString = "UPDATE audit_head SET day = %(day)s"


def note(conn: Connection, day: date) -> None:
    """The end of the chain of that day (UTC) is written down."""
    conn.execute(NOTE, {"day": day})


READ: LiteralString = """
SELECT
    chained.position, chained.entry_id,
    (
        SELECT min(between_both.id) FROM audit_log AS between_both
        WHERE between_both.id < chained.entry_id AND between_both.id > chained.earlier_id
    ) AS stray,
    entries.id IS NOT NULL AS is_there,
    chained.actor_salt IS NULL AS actor_gone, chained.about_salt IS NULL AS about_gone,
    entries.actor_id IS NULL AS is_anonymous,
    entries.subject_id IS NULL AND entries.before IS NULL AND entries.after IS NULL
    AND coalesce(entries.reason, '') = '' AS is_bare,
    texts.actor, texts.about, texts.rest,
    encode(chained.actor_digest, 'hex') AS actor_digest, encode(chained.about_digest, 'hex') AS about_digest,
    encode(chained.link, 'hex') AS link
FROM (
    SELECT *, lag(entry_id, 1, %(entry_id)s::bigint) OVER (ORDER BY position) AS earlier_id
    FROM audit_chain
    WHERE position > %(position)s
    ORDER BY position
    LIMIT %(most)s
) AS chained
LEFT JOIN audit_log AS entries ON entries.id = chained.entry_id
CROSS JOIN LATERAL audit_texts(
    entries,
    ROW(
        chained.position, chained.entry_id, chained.actor_salt, chained.about_salt,
        chained.actor_digest, chained.about_digest, chained.link
    )::audit_chain
) AS texts
ORDER BY chained.position
"""


def read(conn: Connection, after: Head, entry_id: int, most: int) -> Cursor[Link]:
    """The links after that one, which has the entry `entry_id`."""
    return rows(conn, Link, READ, {"position": after.position, "entry_id": entry_id, "most": most})
