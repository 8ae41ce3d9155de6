"""The table content_flags: what members wrote that a moderator should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.flags.rules import FlagStatus
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Cursor

    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection

# A repeat of what flagged the words changes nothing.
WRITE: LiteralString = """
INSERT INTO content_flags (user_id, source, source_id, categories, excerpt)
VALUES (%(user_id)s, %(source)s, %(source_id)s, %(categories)s, %(excerpt)s)
ON CONFLICT (source, source_id) DO NOTHING
"""


def write(conn: Connection, user_id: int, source: str, source_id: str, categories: Sequence[str], excerpt: str) -> None:
    """Flag words of a member, in the transaction that stores them; once for each place they stand at.

    `source` is a kind of place like "course.question", `source_id` the place itself; an excerpt has at most 1000
    characters.
    """
    place = {"user_id": user_id, "source": source, "source_id": source_id}
    conn.execute(WRITE, {**place, "categories": list(categories), "excerpt": excerpt})


# An offset past the end shows the last page.
OPEN: LiteralString = """
SELECT flags.id AS flag_id, flags.user_id, users.display_name, flags.source, flags.categories, flags.excerpt, flags.at
FROM content_flags AS flags
JOIN users USING (user_id)
WHERE flags.status = 'open'
ORDER BY flags.id
OFFSET least(
    %(before)s,
    (SELECT greatest(count(*) - 1, 0) / %(most)s * %(most)s FROM content_flags WHERE status = 'open')
)
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Flag:
    """An open flag: whose words, where they stand, why they were flagged, and their beginning."""

    flag_id: int
    user_id: int
    display_name: str
    source: str
    categories: list[str]
    excerpt: str
    at: datetime


def open_flags(conn: Connection, window: Window) -> Cursor[Flag]:
    """A page of the open flags, oldest first."""
    return rows(conn, Flag, OPEN, {"before": window.before, "most": window.size})


COUNT: LiteralString = "SELECT count(*) AS count FROM content_flags WHERE status = 'open'"


def count_open(conn: Connection) -> Cursor[int]:
    return value(conn, int, COUNT)


LOCK: LiteralString = """
SELECT id AS flag_id, user_id, status, resolved_by, categories
FROM content_flags
WHERE id = %(flag_id)s
FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class FlagState:
    """How a flag stands, and who decided (None: by nobody, or somebody deleted)."""

    flag_id: int
    user_id: int
    status: FlagStatus
    resolved_by: int | None
    categories: list[str]


def lock(conn: Connection, flag_id: int) -> Cursor[FlagState]:
    """How the flag stands, held until the transaction ends; no row when its author was deleted."""
    return rows(conn, FlagState, LOCK, {"flag_id": flag_id}, status=FlagStatus)


RESOLVE: LiteralString = """
UPDATE content_flags
SET status = %(status)s, resolved_by = %(resolved_by)s, resolved_at = clock_timestamp()
WHERE id = %(flag_id)s AND status = 'open'
"""


def resolve(conn: Connection, flag_id: int, status: FlagStatus, resolved_by: int) -> None:
    """Resolve or dismiss an open flag."""
    conn.execute(RESOLVE, {"flag_id": flag_id, "status": status, "resolved_by": resolved_by})
