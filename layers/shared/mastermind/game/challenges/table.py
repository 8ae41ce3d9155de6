"""The table pending_xp_awards and its view of live awards: the states an award goes through.

Every function that changes a state expects the member's row to be locked (members.table.lock). It changes at most one
award.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.challenges.rules import AwardStatus, Undo
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from mastermind.postgres.connection import Connection, Cursor

LIVE: LiteralString = """
SELECT award_id, challenge_id, status, created_at, due_at
FROM tensey_completions
WHERE user_id = %(user_id)s
ORDER BY created_at DESC, award_id DESC
"""


@dataclass(frozen=True, slots=True)
class LiveAward:
    """A completed challenge as the member sees it: its status is pending until `due_at`, then awarded."""

    award_id: UUID
    challenge_id: str
    status: AwardStatus
    created_at: datetime
    due_at: datetime


def live(conn: Connection, user_id: int) -> Cursor[LiveAward]:
    """The member's completed challenges, newest first."""
    return rows(conn, LiveAward, LIVE, {"user_id": user_id}, status=AwardStatus)


# The database reads its clock here, after the member's lock: a wait for the lock must not shorten the delay.
TICK: LiteralString = """
WITH made AS (
    INSERT INTO pending_xp_awards (user_id, challenge_id, delay)
    SELECT users.user_id, %(challenge_id)s, %(delay)s
    FROM users
    WHERE users.user_id = %(user_id)s
        AND NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
    ON CONFLICT (user_id, challenge_id) WHERE status IN ('pending', 'awarded') DO NOTHING
    RETURNING award_id
)
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT %(interaction_id)s, %(user_id)s, jsonb_build_object('award_id', award_id, 'fresh', fresh)
FROM (
    SELECT award_id, true AS fresh FROM made
    UNION ALL
    SELECT award_id, false FROM tensey_completions WHERE user_id = %(user_id)s AND challenge_id = %(challenge_id)s
) AS live
ON CONFLICT (interaction_id) DO NOTHING
"""

TICKED: LiteralString = """
SELECT (outcome ->> 'award_id')::uuid AS award_id, coalesce((outcome ->> 'fresh')::boolean, false) AS fresh
FROM interactions_done
WHERE interaction_id = %(interaction_id)s
"""


@dataclass(frozen=True, slots=True)
class TickOutcome:
    """What a tick led to, as stored: `fresh` when its interaction made the award, False when one was live before."""

    award_id: UUID
    fresh: bool


def tick(conn: Connection, user_id: int, interaction_id: int, challenge_id: str, *, delay: int) -> Cursor[TickOutcome]:
    """Make an award that is due in `delay` seconds, unless one is live, and store the outcome; never twice.

    Gives the stored outcome, also of an earlier attempt of the same interaction.
    """
    conn.execute(
        TICK,
        {
            "user_id": user_id,
            "interaction_id": interaction_id,
            "challenge_id": challenge_id,
            "delay": delay,
        },
    )
    return rows(conn, TickOutcome, TICKED, {"interaction_id": interaction_id})


# A statement that stands alone is a transaction, so this one carries its deadline itself.
NOTE_SENT: LiteralString = """
UPDATE pending_xp_awards
SET sent_at = clock_timestamp()
WHERE award_id = %(award_id)s AND status = 'pending' AND (SELECT check_deadline(%(moment)s) IS NOT NULL)
"""


def note_sent(conn: Connection, award_id: UUID) -> None:
    """Record that the queue has accepted the award's message."""
    conn.execute(NOTE_SENT, {"award_id": award_id, "moment": conn.moment})


# A repeat needs no guard: an award that was undone stays undone.
UNDO: LiteralString = """
WITH cancelled AS (
    UPDATE pending_xp_awards
    SET status = 'cancelled', resolved_at = clock_timestamp()
    WHERE award_id = %(award_id)s AND user_id = %(user_id)s AND status = 'pending'
    RETURNING 'cancelled' AS outcome
), reversed AS (
    SELECT 'reversed' AS outcome WHERE reverse_award(%(award_id)s, %(user_id)s)
)
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT
    %(interaction_id)s, %(user_id)s,
    jsonb_build_object(
        'undo', coalesce((SELECT outcome FROM cancelled), (SELECT outcome FROM reversed), 'gone'),
        'challenge_id', (
            SELECT challenge_id FROM pending_xp_awards WHERE award_id = %(award_id)s AND user_id = %(user_id)s
        )
    )
WHERE EXISTS (SELECT FROM users WHERE user_id = %(user_id)s)
ON CONFLICT (interaction_id) DO NOTHING
"""

UNDONE: LiteralString = """
SELECT coalesce(outcome ->> 'undo', 'gone') AS undo, coalesce(outcome ->> 'challenge_id', '') AS challenge_id
FROM interactions_done
WHERE interaction_id = %(interaction_id)s
"""


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """What an undo led to, as stored; the id is "" for a challenge that is not theirs."""

    undo: Undo
    challenge_id: str


def undo(conn: Connection, user_id: int, interaction_id: int, award_id: UUID) -> Cursor[UndoOutcome]:
    """Cancel the member's award, or reverse it when it was awarded, and store the outcome; never twice.

    Gives the stored outcome, also of an earlier attempt of the same interaction; none for somebody who is not a member;
    that stores nothing.
    """
    conn.execute(UNDO, {"user_id": user_id, "interaction_id": interaction_id, "award_id": award_id})
    return rows(conn, UndoOutcome, UNDONE, {"interaction_id": interaction_id}, undo=Undo)


APPLY: LiteralString = "SELECT apply_award(%(award_id)s, %(milestones)s) AS outcome"


def apply(conn: Connection, award_id: UUID, milestones: Sequence[int]) -> Cursor[str]:
    """Award what is pending and due by the database's clock; gives an Outcome as the database names it.

    It locks the member's row itself. With the award come its ledger row, the milestone if the member reaches one of
    these with it, and the outbox's row if their last answer can still be changed.
    """
    return value(conn, str, APPLY, {"award_id": award_id, "milestones": list(milestones)})


ARRIVED: LiteralString = """
SELECT awards.user_id, awards.day, awards.challenge_id, awards.xp, coalesce(of_day.xp, 0) AS bonus, users.xp AS total
FROM pending_xp_awards AS awards
JOIN users USING (user_id)
LEFT JOIN day_awards AS of_day ON of_day.tick_id = awards.award_id AND of_day.reversed_at IS NULL
WHERE awards.award_id = %(award_id)s::uuid AND status = 'awarded'
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An award that has arrived: whose it is, its day, its challenge, its XP, its `bonus` as that of the day.

    `total` is what its member has.
    """

    user_id: int
    day: date
    challenge_id: str
    xp: int
    bonus: int
    total: int


def arrived(conn: Connection, award_id: str) -> Cursor[Arrived]:
    """The award, if it was not taken back."""
    return rows(conn, Arrived, ARRIVED, {"award_id": award_id})


TELL_LATER: LiteralString = "SELECT tell_award_later(%(award_id)s::uuid, %(total)s)"


def tell_later(conn: Connection, award_id: str, total: int) -> None:
    """Show it in the member's next answer, if it was not taken back; `total` is the XP that they had with it."""
    conn.execute(TELL_LATER, {"award_id": award_id, "total": total})


# statement_timestamp() and not clock_timestamp(): the planner may use the index on due_at with a stable clock only.
OVERDUE: LiteralString = """
SELECT user_id, award_id
FROM pending_xp_awards
WHERE status = 'pending'
    AND due_at <= statement_timestamp()
    AND (user_id, award_id) > (%(user_id)s, %(award_id)s::uuid)
ORDER BY user_id, award_id
LIMIT %(most)s
"""

BEFORE_ALL = (0, "00000000-0000-0000-0000-000000000000")


@dataclass(frozen=True, slots=True)
class OverdueAward:
    """A pending award whose time has come."""

    user_id: int
    award_id: UUID


def overdue(conn: Connection, after: OverdueAward | None, most: int) -> list[OverdueAward]:
    """At most `most` awards that are due, ordered by member, after the one given; nothing is locked."""
    user_id, award_id = (after.user_id, after.award_id) if after else BEFORE_ALL
    return rows(conn, OverdueAward, OVERDUE, {"user_id": user_id, "award_id": award_id, "most": most}).fetchall()


# What an operator looks at: every pending award, ordered by due time.
WAITING: LiteralString = """
SELECT
    award_id, user_id, challenge_id, due_at, sent_at IS NOT NULL AS sent,
    extract(epoch FROM statement_timestamp() - due_at)::float AS overdue_seconds
FROM pending_xp_awards
WHERE status = 'pending'
ORDER BY due_at, award_id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class WaitingAward:
    """A pending award: whether the queue has taken its message, and for how many seconds it is overdue (below 0: not).

    The message of one that was not sent is the sweep's to replace.
    """

    award_id: UUID
    user_id: int
    challenge_id: str
    due_at: datetime
    sent: bool
    overdue_seconds: float


def waiting(conn: Connection, most: int) -> Cursor[WaitingAward]:
    """Pending awards, those first that are due first."""
    return rows(conn, WaitingAward, WAITING, {"most": most})
