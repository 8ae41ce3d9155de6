"""What an admin's correction starts from and does: a member as they stand, and the function reset_awards_and_xp.

The member's row must be locked (users.lock) before either is relied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

ACCOUNT: LiteralString = """
SELECT
    display_name, xp, level, social_freedom_exercises_tenseys,
    (SELECT count(*) FROM tensey_completions WHERE user_id = me.user_id AND status = 'pending'),
    (SELECT count(DISTINCT day) FROM daily_records WHERE user_id = me.user_id)
FROM users AS me
WHERE user_id = %(user_id)s
"""

# Everything that a reset takes away: whoever must bring something of it back finds here what it was.
IMAGE: LiteralString = """
SELECT jsonb_build_object(
    'xp', xp,
    'level', level,
    'challenges', social_freedom_exercises_tenseys,
    'awards', (
        SELECT coalesce(jsonb_object_agg(award_id, challenge_id), '{}')
        FROM tensey_completions WHERE user_id = me.user_id
    ),
    'stats', (
        SELECT coalesce(jsonb_object_agg(stat, total), '{}') FROM users_stats WHERE user_id = me.user_id
    ),
    'days', (
        SELECT coalesce(
            jsonb_object_agg(
                day,
                jsonb_build_object(
                    'xp', days.xp,
                    'streak_share', streak_share,
                    'counts', (
                        SELECT coalesce(jsonb_object_agg(stat, count), '{}')
                        FROM daily_records AS records
                        WHERE records.user_id = days.user_id AND records.day = days.day
                    )
                )
            ),
            '{}'
        )
        FROM booked_days AS days WHERE days.user_id = me.user_id
    )
)
FROM users AS me
WHERE user_id = %(user_id)s
"""

# The records of a day go with the day, and the totals with the records.
FORGET_DAYS: LiteralString = "DELETE FROM booked_days WHERE user_id = %(user_id)s"

RESET: LiteralString = """
SELECT cancelled, reversed FROM reset_awards_and_xp(%(user_id)s, %(reset_id)s, %(reason)s)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A member as they stand: their XP as the ledger says it (below 0 too), completed challenges, days with stats."""

    display_name: str
    xp: int
    level: int
    challenges: int
    pending: int
    days: int


def account(conn: Connection, user_id: int) -> Cursor[Account]:
    """The member as they stand; no row for somebody the game has never met."""
    return ask(conn, Account, ACCOUNT, user_id=user_id)


def image(conn: Connection, user_id: int) -> Cursor[Mapping[str, object]]:
    """All that a reset takes away, as JSON: xp, level, challenges, awards, stats, days."""
    return ask(conn, dict[str, object], IMAGE, user_id=user_id)


def reset(conn: Connection, user_id: int, reset_id: str, reason: str) -> None:
    """Take away a member's stats, awards and XP. A raid must be locked (raids.lock_active), for awards contribute."""
    conn.execute(FORGET_DAYS, {"user_id": user_id})
    conn.execute(RESET, {"user_id": user_id, "reset_id": reset_id, "reason": reason})
