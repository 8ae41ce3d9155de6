"""The table user_warnings, with what a new warning causes: a message to who gets it, or a proposal to the admins.

The person who is warned need not be a member, so there may be no row of users to lock: giving a warning locks their row
of warned_people instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from mastermind.game.members.rules import Subject
    from mastermind.game.paging import Window
    from mastermind.game.sanctions.rules import Proposal
    from mastermind.postgres.connection import Connection, Cursor

LOCK: LiteralString = """
INSERT INTO warned_people (user_id) VALUES (%(user_id)s)
ON CONFLICT (user_id) DO UPDATE SET warned_at = clock_timestamp()
"""


def lock(conn: Connection, user_id: int) -> None:
    """Let nobody else warn this person until the transaction ends; the first lock of a transaction that warns."""
    conn.execute(LOCK, {"user_id": user_id})


STANDING: LiteralString = """
SELECT
    (
        SELECT count(*)
        FROM user_warnings
        WHERE user_id = %(user_id)s AND withdrawn_at IS NULL AND at > clock_timestamp() - %(stands_for)s::interval
    ) + (SELECT count(*) FROM kept_of(%(user_id)s) WHERE what = 'warning') AS count
"""


def standing(conn: Connection, user_id: int, stands_for: timedelta) -> Cursor[int]:
    """How many warnings of this person stand, with those from before they had themselves deleted."""
    return value(conn, int, STANDING, {"user_id": user_id, "stands_for": stands_for})


GIVE: LiteralString = """
WITH given AS (
    INSERT INTO user_warnings (user_id, display_name, strike, reason, given_by)
    VALUES (%(user_id)s, %(display_name)s, %(strike)s, %(reason)s, %(given_by)s)
    RETURNING id, user_id
),
message AS (
    INSERT INTO outbox (key, kind, user_id, refs)
    SELECT 'warning:' || given.id, 'warning', users.user_id, jsonb_build_object('warning_id', given.id)
    FROM given
    LEFT JOIN users ON users.user_id = given.user_id
    WHERE %(proposal)s::text IS NULL
)
INSERT INTO user_moderation (user_id, warning_id, proposal)
SELECT user_id, id, %(proposal)s FROM given WHERE %(proposal)s::text IS NOT NULL
"""


def give(
    conn: Connection, subject: Subject, strike: int, reason: str, given_by: int, proposal: Proposal | None
) -> None:
    """Warn somebody, and propose to the admins what this strike proposes; if nothing, they get a message."""
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
    warnings.withdrawn_at IS NULL AND warnings.at > clock_timestamp() - %(stands_for)s::interval AS stands,
    proposals.proposal, proposals.acted_at, proposals.lifted_at, proposals.refusal
FROM user_warnings AS warnings
LEFT JOIN user_moderation AS proposals ON proposals.warning_id = warnings.id
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
    What it has proposed was done by the bot at `acted_at` and ended at `lifted_at`; `refusal` is why it was not.
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
    proposal: str | None
    acted_at: datetime | None
    lifted_at: datetime | None
    refusal: str | None


def page(conn: Connection, user_id: int | None, stands_for: timedelta, window: Window) -> Cursor[Warned]:
    """A page of the warnings of one person, or of everybody (None), newest first."""
    return rows(
        conn, Warned, PAGE, {"user_id": user_id, "stands_for": stands_for, "before": window.before, "most": window.size}
    )


COUNTS: LiteralString = """
SELECT
    count(*) AS given,
    count(*) FILTER (WHERE withdrawn_at IS NULL AND at > clock_timestamp() - %(stands_for)s::interval) AS standing,
    (SELECT count(*) FROM kept_of(%(user_id)s) WHERE what = 'warning') AS kept
FROM user_warnings
WHERE %(user_id)s::bigint IS NULL OR user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many warnings there are in all, and how many of them stand.

    `kept` are those of one person that stand from before they had themselves deleted, and are nowhere to be read.
    """

    given: int
    standing: int
    kept: int


def counts(conn: Connection, user_id: int | None, stands_for: timedelta) -> Cursor[Counts]:
    return rows(conn, Counts, COUNTS, {"user_id": user_id, "stands_for": stands_for})


LOCK_WARNING: LiteralString = """
SELECT
    id AS warning_id, user_id, display_name, strike, reason, given_by, at, withdrawn_by, withdrawn_at,
    withdrawn_at IS NULL AS stands,
    NULL::text AS proposal, NULL::timestamptz AS acted_at, NULL::timestamptz AS lifted_at, NULL::text AS refusal
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
SET status = 'withdrawn', resolved_by = CASE status WHEN 'open' THEN %(withdrawn_by)s ELSE resolved_by END,
    resolved_at = clock_timestamp()
WHERE warning_id = (SELECT id FROM withdrawn) AND status IN ('open', 'confirmed')
"""


def withdraw(conn: Connection, warning_id: int, withdrawn_by: int) -> None:
    """Take back a warning, and with it what it proposed if that is not done. Later strikes stay what they were."""
    conn.execute(WITHDRAW, {"warning_id": warning_id, "withdrawn_by": withdrawn_by})


GIVEN: LiteralString = """
SELECT user_id, reason FROM user_warnings WHERE id = %(warning_id)s AND withdrawn_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class GivenFor:
    """Who was warned, and what for."""

    user_id: int
    reason: str


def given(conn: Connection, warning_id: int) -> Cursor[GivenFor]:
    """No row when the warning was withdrawn, or the person was deleted."""
    return rows(conn, GivenFor, GIVEN, {"warning_id": warning_id})
