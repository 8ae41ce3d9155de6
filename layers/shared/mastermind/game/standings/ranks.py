"""A member's scorecard: their row of users with their exact rank, from the buckets of rank_buckets, and their totals.

A rank is the number of visible members with more XP, plus one (docs/rules/standings.md, Rank).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.catalogue.rules import STATE
from mastermind.game.days.streaks import Streak
from mastermind.postgres.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

# Everyone in a higher bucket has more XP; in the member's own bucket of 100 XP the members themselves are counted.
SCORECARD: LiteralString = """
SELECT
    user_id, display_name, greatest(xp, 0), level,
    (
        SELECT 1 + coalesce(sum(members), 0)
        FROM rank_buckets
        WHERE board = 'xp' AND bucket > greatest(me.xp, 0) / 100
    )::bigint + (
        SELECT count(*)
        FROM users AS rivals
        WHERE NOT rivals.hidden
            AND rivals.xp > me.xp
            AND rivals.xp < (greatest(me.xp, 0) / 100 + 1) * 100
    ),
    social_freedom_exercises_tenseys, coalesce(faction, ''), hidden,
    coalesce(
        (SELECT jsonb_object_agg(stat, total) FROM users_stats AS totals WHERE totals.user_id = me.user_id), '{}'
    ),
    (SELECT count(*) FROM daily_records AS records WHERE records.user_id = me.user_id AND stat = %(state)s)
FROM users AS me
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Where a member stands; `xp` below zero shows as 0, and a `hidden` member is on no board.

    `counts` is what they logged of each stat in all, `states` on how many days their state.
    """

    user_id: int
    display_name: str
    xp: int
    level: int
    rank: int
    challenges_done: int
    faction: str
    hidden: bool = False
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    states: int = 0
    streak: Streak = field(default_factory=Streak)


def scorecard(conn: Connection, user_id: int) -> Cursor[Scorecard]:
    """The member's scorecard without their streak, which is told by their days; no row for who was never met."""
    return ask(conn, Scorecard, SCORECARD, user_id=user_id, state=STATE)
