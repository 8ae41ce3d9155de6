"""The table cheers: who has cheered for which announcement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.announcements.rules import CHEERED
from mastermind.game.cheers.rules import NAMED, Cheers
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.game.cheers.rules import Post
    from mastermind.postgres.connection import Connection, Cursor

OPEN: LiteralString = """
SELECT announcements.key, cheers.user_id IS NOT NULL AS is_cheered
FROM announcements
LEFT JOIN cheers ON cheers.key = announcements.key AND cheers.user_id = %(user_id)s
WHERE (announcements.key = %(key)s OR announcements.digest_id = %(digest_id)s)
    AND announcements.user_id IS NOT NULL
    AND announcements.status = 'sent'
    AND announcements.resolved_at > clock_timestamp() - %(lasts)s::interval
"""


@dataclass(frozen=True, slots=True)
class Open:
    """An announcement for which one can cheer, and whether that member has."""

    key: str
    is_cheered: bool


def find_open(conn: Connection, post: Post, user_id: int) -> Cursor[Open]:
    """Of what was posted, what one can cheer for."""
    values = {"key": post.key, "digest_id": post.digest_id, "user_id": user_id, "lasts": CHEERED}
    return rows(conn, Open, OPEN, values)


GIVE: LiteralString = """
INSERT INTO cheers (key, user_id, celebrated_id)
SELECT key, %(user_id)s, user_id FROM announcements WHERE key = ANY(%(keys)s)
ON CONFLICT DO NOTHING
"""


def give(conn: Connection, keys: Sequence[str], user_id: int) -> None:
    """Cheer for each of these."""
    conn.execute(GIVE, {"keys": list(keys), "user_id": user_id})


TAKE_BACK: LiteralString = "DELETE FROM cheers WHERE key = ANY(%(keys)s) AND user_id = %(user_id)s"


def take_back(conn: Connection, keys: Sequence[str], user_id: int) -> None:
    conn.execute(TAKE_BACK, {"keys": list(keys), "user_id": user_id})


# Members who hide or want no announcements are counted, but not named.
COUNT: LiteralString = """
SELECT
    count(*)::int AS count,
    coalesce((array_agg(display_name ORDER BY first_at, user_id) FILTER (WHERE is_named))[:%(named)s], '{}') AS named
FROM (
    SELECT
        user_id, users.display_name, min(cheers.at) AS first_at,
        NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off' AS is_named
    FROM cheers
    JOIN users USING (user_id)
    WHERE cheers.key = ANY(%(keys)s)
    GROUP BY user_id, users.display_name, users.hidden, users.settings
) AS those
"""


def count(conn: Connection, keys: Sequence[str]) -> Cursor[Cheers]:
    """Who has cheered for any of these, each person once."""
    return rows(conn, Cheers, COUNT, {"keys": list(keys), "named": NAMED}, named=tuple)
