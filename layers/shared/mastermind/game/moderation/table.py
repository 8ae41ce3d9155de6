"""The tables user_warnings and user_moderation: warnings, and what the later ones propose to the admins.

The person who is warned need not be a member, so there may be no row of users to lock: giving a warning locks their row
of warned_people instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.moderation.rules import Proposal, ProposalStatus
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mastermind.game.members.rules import Subject
    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection, Cursor

LOCK: LiteralString = """
INSERT INTO warned_people (user_id) VALUES (%(user_id)s)
ON CONFLICT (user_id) DO UPDATE SET warned_at = clock_timestamp()
"""


def lock(conn: Connection, user_id: int) -> None:
    """Let nobody else warn this person until the transaction ends; the first lock of a transaction that warns."""
    conn.execute(LOCK, {"user_id": user_id})


STANDING: LiteralString = """
SELECT count(*) AS count
FROM user_warnings
WHERE user_id = %(user_id)s AND withdrawn_at IS NULL AND at > clock_timestamp() - %(stands_for)s::interval
"""


def standing(conn: Connection, user_id: int, stands_for: timedelta) -> Cursor[int]:
    """How many warnings of this person stand."""
    return value(conn, int, STANDING, {"user_id": user_id, "stands_for": stands_for})


GIVE: LiteralString = """
WITH given AS (
    INSERT INTO user_warnings (user_id, display_name, strike, reason, given_by)
    VALUES (%(user_id)s, %(display_name)s, %(strike)s, %(reason)s, %(given_by)s)
    RETURNING id, user_id
)
INSERT INTO user_moderation (user_id, warning_id, proposal)
SELECT user_id, id, %(proposal)s FROM given WHERE %(proposal)s::text IS NOT NULL
"""


def give(
    conn: Connection, subject: Subject, strike: int, reason: str, given_by: int, proposal: Proposal | None
) -> None:
    """Warn somebody, and propose to the admins what this strike proposes."""
    conn.execute(
        GIVE,
        {
            "user_id": subject.user_id,
            "display_name": subject.display_name,
            "strike": strike,
            "reason": reason,
            "given_by": given_by,
            "proposal": proposal,
        },
    )


# An offset past the end shows the last page.
PAGE: LiteralString = """
SELECT
    warnings.id AS warning_id, warnings.user_id, warnings.display_name, warnings.strike, warnings.reason,
    warnings.given_by, warnings.at, warnings.withdrawn_by, warnings.withdrawn_at,
    warnings.withdrawn_at IS NULL AND warnings.at > clock_timestamp() - %(stands_for)s::interval AS stands
FROM user_warnings AS warnings
WHERE %(user_id)s::bigint IS NULL OR warnings.user_id = %(user_id)s
ORDER BY warnings.id DESC
OFFSET least(
    %(before)s,
    (
        SELECT greatest(count(*) - 1, 0) / %(most)s * %(most)s
        FROM user_warnings
        WHERE %(user_id)s::bigint IS NULL OR user_id = %(user_id)s
    )
)
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: to whom (as they were called), the strike it was, why, by whom; `stands` when it counts for the next.

    `given_by` and `withdrawn_by` are None for people who were deleted; `withdrawn_at` is None until it is withdrawn.
    """

    warning_id: int
    user_id: int
    display_name: str
    strike: int
    reason: str
    given_by: int | None
    at: datetime
    withdrawn_by: int | None
    withdrawn_at: datetime | None
    stands: bool


def page(conn: Connection, user_id: int | None, stands_for: timedelta, window: Window) -> Cursor[Warned]:
    """A page of the warnings of one person, or of everybody (None), newest first."""
    return rows(
        conn, Warned, PAGE, {"user_id": user_id, "stands_for": stands_for, "before": window.before, "most": window.size}
    )


COUNTS: LiteralString = """
SELECT
    count(*) AS given,
    count(*) FILTER (WHERE withdrawn_at IS NULL AND at > clock_timestamp() - %(stands_for)s::interval) AS standing
FROM user_warnings
WHERE %(user_id)s::bigint IS NULL OR user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many warnings there are in all, and how many of them stand."""

    given: int
    standing: int


def counts(conn: Connection, user_id: int | None, stands_for: timedelta) -> Cursor[Counts]:
    return rows(conn, Counts, COUNTS, {"user_id": user_id, "stands_for": stands_for})


PROPOSALS: LiteralString = """
SELECT
    proposals.id AS proposal_id, proposals.user_id, warnings.display_name,
    proposals.proposal, proposals.status, proposals.at
FROM user_moderation AS proposals
JOIN user_warnings AS warnings ON warnings.id = proposals.warning_id
WHERE proposals.status = 'open' AND (%(user_id)s::bigint IS NULL OR proposals.user_id = %(user_id)s)
ORDER BY proposals.id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """What a strike proposes, and what became of it."""

    proposal_id: int
    user_id: int
    display_name: str
    proposal: Proposal
    status: ProposalStatus
    at: datetime


def proposals(conn: Connection, user_id: int | None, most: int) -> Cursor[OpenProposal]:
    """What is proposed and not decided yet, oldest first, about one person or everybody (None)."""
    return rows(
        conn, OpenProposal, PROPOSALS, {"user_id": user_id, "most": most}, proposal=Proposal, status=ProposalStatus
    )


OPEN_PROPOSALS: LiteralString = """
SELECT count(*) AS count
FROM user_moderation
WHERE status = 'open' AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s)
"""


def count_proposals(conn: Connection, user_id: int | None) -> Cursor[int]:
    return value(conn, int, OPEN_PROPOSALS, {"user_id": user_id})


LOCK_WARNING: LiteralString = """
SELECT
    id AS warning_id, user_id, display_name, strike, reason, given_by, at, withdrawn_by, withdrawn_at,
    withdrawn_at IS NULL AS stands
FROM user_warnings
WHERE id = %(warning_id)s
FOR UPDATE
"""


def lock_warning(conn: Connection, warning_id: int) -> Cursor[Warned]:
    """The warning, held until the transaction ends; no row when the person was deleted. `stands`: not withdrawn."""
    return rows(conn, Warned, LOCK_WARNING, {"warning_id": warning_id})


WITHDRAW: LiteralString = """
WITH withdrawn AS (
    UPDATE user_warnings
    SET withdrawn_by = %(withdrawn_by)s, withdrawn_at = clock_timestamp()
    WHERE id = %(warning_id)s AND withdrawn_at IS NULL
    RETURNING id
)
UPDATE user_moderation
SET status = 'withdrawn', resolved_by = %(withdrawn_by)s, resolved_at = clock_timestamp()
WHERE warning_id = (SELECT id FROM withdrawn) AND status = 'open'
"""


def withdraw(conn: Connection, warning_id: int, withdrawn_by: int) -> None:
    """Take back a warning, and with it what it proposed if that is undecided. Later strikes stay what they were."""
    conn.execute(WITHDRAW, {"warning_id": warning_id, "withdrawn_by": withdrawn_by})


LOCK_PROPOSAL: LiteralString = """
SELECT
    proposals.id AS proposal_id, proposals.user_id, warnings.display_name,
    proposals.proposal, proposals.status, proposals.at
FROM user_moderation AS proposals
JOIN user_warnings AS warnings ON warnings.id = proposals.warning_id
WHERE proposals.id = %(proposal_id)s
FOR UPDATE OF proposals
"""


def lock_proposal(conn: Connection, proposal_id: int) -> Cursor[OpenProposal]:
    """The proposal, held until the transaction ends; no row when the person was deleted."""
    return rows(
        conn, OpenProposal, LOCK_PROPOSAL, {"proposal_id": proposal_id}, proposal=Proposal, status=ProposalStatus
    )


SETTLE: LiteralString = """
UPDATE user_moderation
SET status = %(status)s, resolved_by = %(resolved_by)s, resolved_at = clock_timestamp()
WHERE id = %(proposal_id)s AND status = 'open'
"""


def settle(conn: Connection, proposal_id: int, status: ProposalStatus, resolved_by: int) -> None:
    """Record the decision on an open proposal."""
    conn.execute(SETTLE, {"proposal_id": proposal_id, "status": status, "resolved_by": resolved_by})
