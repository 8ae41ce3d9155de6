"""The table milestones: which member has reached what, and whether it was announced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.db.exchange import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Cursor

    from mastermind.db.connection import Connection

# A statement of its own after the award's: the counter is moved by the ledger's trigger, which runs at the end of that.
REACH: LiteralString = """
INSERT INTO milestones (user_id, challenges)
SELECT users.user_id, users.social_freedom_exercises_tenseys
FROM pending_xp_awards AS awards
JOIN users USING (user_id)
WHERE awards.award_id = %(award_id)s
    AND awards.status = 'awarded'
    AND users.social_freedom_exercises_tenseys = ANY(%(milestones)s)
ON CONFLICT (user_id, challenges) DO NOTHING
"""

IS_ANY_DUE: LiteralString = "SELECT FROM milestones WHERE status = 'due' LIMIT 1"

# Another process that sends the same one is not waited for.
NEXT_DUE: LiteralString = """
SELECT
    milestones.user_id, users.display_name, milestones.challenges,
    NOT users.hidden AND users.settings ->> 'announcements' IS DISTINCT FROM 'off'
FROM milestones
JOIN users USING (user_id)
WHERE milestones.status = 'due'
ORDER BY milestones.reached_at
LIMIT 1
FOR UPDATE OF milestones SKIP LOCKED
"""

RESOLVE: LiteralString = """
UPDATE milestones
SET status = %(status)s, resolved_at = clock_timestamp()
WHERE user_id = %(user_id)s AND challenges = %(challenges)s AND status = 'due'
"""


@dataclass(frozen=True, slots=True)
class DueMilestone:
    """A milestone that was not announced yet; `wanted` is False when its member is hidden or wants none."""

    user_id: int
    display_name: str
    challenges: int
    wanted: bool


def reach(conn: Connection, award_id: UUID, milestones: Sequence[int]) -> None:
    """Note what the award's member has reached with it, if that is one of `milestones`; never twice.

    Expects the member's row to be locked and the award to have been applied before, in the same transaction.
    """
    conn.execute(REACH, {"award_id": award_id, "milestones": list(milestones)})


def is_any_due(conn: Connection) -> bool:
    """Whether anything is due: one round trip, and nothing is locked."""
    return conn.execute(IS_ANY_DUE).rowcount > 0


def next_due(conn: Connection) -> Cursor[DueMilestone]:
    """The milestone that has been due for longest, locked, unless another process has it; no row when there is none."""
    return ask(conn, DueMilestone, NEXT_DUE)


def resolve(conn: Connection, due: DueMilestone, *, sent: bool) -> None:
    """The milestone was sent, or shall stay in silence."""
    conn.execute(
        RESOLVE,
        {"user_id": due.user_id, "challenges": due.challenges, "status": "sent" if sent else "silent"},
    )
