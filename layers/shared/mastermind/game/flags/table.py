"""The table content_flags: what members wrote that a moderator should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.flags.rules import FlagStatus
from mastermind.postgres.exchange import rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection, Cursor

# A repeat of what flagged the words changes nothing.
WRITE: LiteralString = """
INSERT INTO content_flags (user_id, interaction_id, source, source_id, categories, excerpt, in_need)
VALUES (
    %(user_id)s, %(interaction_id)s, %(source)s, %(source_id)s, %(categories)s, %(excerpt)s, %(in_need)s
)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Words to be flagged: whose, from which interaction, where they stand, and why.

    `source` is a kind of place like "course.question", `source_id` the place itself; an excerpt has at most 1000
    characters.
    """

    user_id: int
    interaction_id: int
    source: str
    source_id: str
    categories: tuple[str, ...]
    excerpt: str
    in_need: bool


def write(conn: Connection, found: Found) -> None:
    """Flag words; once for each interaction, and for each place they stand at."""
    conn.execute(WRITE, {**as_dict(found), "categories": list(found.categories)})


# Nothing names whom a deletion was of. So where somebody was deleted since, only of a person who has been a member all
# the time is it known that it was not them.
WRITE_NEED: LiteralString = """
INSERT INTO content_flags (user_id, interaction_id, source, source_id, categories, excerpt, in_need)
SELECT %(user_id)s, %(interaction_id)s, %(source)s, %(source_id)s, %(categories)s, %(excerpt)s, %(in_need)s
WHERE
    (SELECT count(*) FROM content_flags WHERE user_id = %(user_id)s AND status = 'open' AND in_need) < %(most)s
    AND (
        EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND created_at <= %(written)s)
        OR NOT EXISTS (SELECT FROM deletions WHERE ended_at > %(written)s)
    )
ON CONFLICT DO NOTHING
"""


def write_need(conn: Connection, found: Found, written: datetime, most: int) -> None:
    """Flag words of somebody in need, unless they had themselves deleted since, or have `most` such flags open.

    Behind the lock on their row, if they are a member.
    """
    values = {**as_dict(found), "categories": list(found.categories), "written": written, "most": most}
    conn.execute(WRITE_NEED, values)


# An offset past the end shows the last page.
OPEN: LiteralString = """
SELECT
    flags.id AS flag_id, flags.user_id, coalesce(users.display_name, '') AS display_name, flags.source,
    flags.categories, flags.excerpt, flags.in_need, flags.at
FROM content_flags AS flags
LEFT JOIN users USING (user_id)
WHERE flags.status = 'open'
ORDER BY flags.in_need DESC, flags.id
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
    in_need: bool
    at: datetime


def open_flags(conn: Connection, window: Window) -> Cursor[Flag]:
    """A page of the open flags: people in need first, then the oldest first."""
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
