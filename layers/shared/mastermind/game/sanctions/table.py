"""The table user_moderation: penalties that strikes propose, people's decisions, and their outcome in Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.sanctions.rules import Proposal, ProposalStatus, Sanction
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mastermind.postgres.connection import Connection, Cursor

PROPOSAL: LiteralString = """
SELECT
    proposals.id AS proposal_id, proposals.user_id, warnings.display_name,
    proposals.proposal, proposals.status, proposals.at, proposals.refusal
FROM user_moderation AS proposals
JOIN user_warnings AS warnings ON warnings.id = proposals.warning_id
"""

PROPOSALS: LiteralString = f"""{PROPOSAL}
WHERE proposals.status IN ('open', 'confirmed') AND (%(user_id)s::bigint IS NULL OR proposals.user_id = %(user_id)s)
ORDER BY proposals.id
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class OpenProposal:
    """What a strike proposes, and what became of it; `refusal` is why it could not be done the last time."""

    proposal_id: int
    user_id: int
    display_name: str
    proposal: Proposal
    status: ProposalStatus
    at: datetime
    refusal: str | None


def proposals(conn: Connection, user_id: int | None, most: int) -> Cursor[OpenProposal]:
    """What is proposed and not done yet, oldest first, about one person or everybody (None)."""
    return rows(
        conn, OpenProposal, PROPOSALS, {"user_id": user_id, "most": most}, proposal=Proposal, status=ProposalStatus
    )


OPEN_PROPOSALS: LiteralString = """
SELECT count(*) AS count
FROM user_moderation
WHERE status IN ('open', 'confirmed') AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s)
"""


def count_proposals(conn: Connection, user_id: int | None) -> Cursor[int]:
    return value(conn, int, OPEN_PROPOSALS, {"user_id": user_id})


LOCK_PROPOSAL: LiteralString = f"{PROPOSAL} WHERE proposals.id = %(proposal_id)s FOR UPDATE OF proposals"


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


# Discord knows times in whole seconds.
CONFIRM: LiteralString = """
UPDATE user_moderation
SET status = 'confirmed', resolved_by = %(confirmed_by)s, resolved_at = clock_timestamp(), tries = tries + 1,
    ends_at = date_trunc('second', clock_timestamp() + %(lasts)s::interval), refusal = NULL
WHERE id = %(proposal_id)s AND status = 'open'
"""


def confirm(conn: Connection, proposal_id: int, confirmed_by: int, lasts: timedelta | None) -> None:
    """Somebody confirms an open proposal; it lasts that long, None: for good. The outbox gets it with `hand_on`."""
    conn.execute(CONFIRM, {"proposal_id": proposal_id, "confirmed_by": confirmed_by, "lasts": lasts})


# The row names nobody: it is also for people who have never played, and nothing is left of it once they are deleted.
HAND_ON: LiteralString = """
INSERT INTO outbox (key, kind, refs)
SELECT 'sanction:' || id || ':' || tries, 'sanction', jsonb_build_object('proposal_id', id)
FROM user_moderation
WHERE id = %(proposal_id)s AND status = 'confirmed'
ON CONFLICT (key) DO NOTHING
"""


def hand_on(conn: Connection, proposal_id: int) -> None:
    """Have the outbox do what was confirmed, once for each confirmation."""
    conn.execute(HAND_ON, {"proposal_id": proposal_id})


LIFT: LiteralString = """
INSERT INTO outbox (key, kind, refs)
VALUES ('lift:' || %(proposal_id)s::bigint, 'lift', jsonb_build_object('proposal_id', %(proposal_id)s::bigint))
ON CONFLICT (key) DO NOTHING
"""


def lift(conn: Connection, proposal_id: int) -> None:
    """Have the outbox lift what it has done, once."""
    conn.execute(LIFT, {"proposal_id": proposal_id})


SANCTIONS: LiteralString = """
SELECT
    proposals.id AS proposal_id, proposals.user_id, proposals.proposal, proposals.status,
    proposals.resolved_by AS confirmed_by, proposals.ends_at AS until, proposals.acted_at, proposals.lifted_at,
    warnings.id AS warning_id, warnings.strike, warnings.reason, warnings.withdrawn_by
FROM user_moderation AS proposals
JOIN user_warnings AS warnings ON warnings.id = proposals.warning_id
"""

FIND: LiteralString = f"{SANCTIONS} WHERE proposals.id = %(proposal_id)s"

FIND_LOCKED: LiteralString = f"{FIND} FOR UPDATE OF proposals"

OF_WARNING: LiteralString = f"{SANCTIONS} WHERE proposals.warning_id = %(warning_id)s FOR UPDATE OF proposals"


def find(conn: Connection, proposal_id: int) -> Cursor[Sanction]:
    """How it stands; no row when the person was deleted."""
    return _sanctions(conn, FIND, proposal_id=proposal_id)


def find_locked(conn: Connection, proposal_id: int) -> Cursor[Sanction]:
    """The same, held until the transaction ends."""
    return _sanctions(conn, FIND_LOCKED, proposal_id=proposal_id)


def of_warning(conn: Connection, warning_id: int) -> Cursor[Sanction]:
    """What a warning has proposed, held until the transaction ends; no row when it proposed nothing."""
    return _sanctions(conn, OF_WARNING, warning_id=warning_id)


def _sanctions(conn: Connection, query: LiteralString, **values: int) -> Cursor[Sanction]:
    return rows(conn, Sanction, query, values, proposal=Proposal, status=ProposalStatus)


DONE: LiteralString = """
UPDATE user_moderation
SET acted_at = clock_timestamp(), status = CASE status WHEN 'confirmed' THEN 'done' ELSE status END
WHERE id = %(proposal_id)s
"""


def note_done(conn: Connection, proposal_id: int) -> None:
    """Discord has done it."""
    conn.execute(DONE, {"proposal_id": proposal_id})


REOPEN: LiteralString = """
UPDATE user_moderation
SET status = 'open', resolved_by = NULL, resolved_at = NULL, refusal = %(refusal)s
WHERE id = %(proposal_id)s AND status = 'confirmed'
"""


def reopen(conn: Connection, proposal_id: int, refusal: str) -> None:
    """It could not be done: the admins decide again."""
    conn.execute(REOPEN, {"proposal_id": proposal_id, "refusal": refusal[:300]})


LIFTED: LiteralString = """
UPDATE user_moderation SET lifted_at = clock_timestamp(), refusal = NULL WHERE id = %(proposal_id)s
"""


def note_lifted(conn: Connection, proposal_id: int) -> None:
    conn.execute(LIFTED, {"proposal_id": proposal_id})


NOT_LIFTED: LiteralString = "UPDATE user_moderation SET refusal = %(refusal)s WHERE id = %(proposal_id)s"


def note_not_lifted(conn: Connection, proposal_id: int, refusal: str) -> None:
    """It stays as it is in Discord, for that reason."""
    conn.execute(NOT_LIFTED, {"proposal_id": proposal_id, "refusal": refusal[:300]})
