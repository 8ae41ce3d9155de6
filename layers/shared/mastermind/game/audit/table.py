"""The table audit_log: who did what to whom, with before and after; entries are only ever added."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.audit.rules import ACTIONS, Act
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mastermind.game.audit.rules import Operator
    from mastermind.postgres.connection import Connection, Cursor

WRITE: LiteralString = """
INSERT INTO audit_log (actor_id, action, subject_id, before, after, reason)
VALUES (%(actor_id)s, %(action)s, %(subject_id)s, %(before)s::jsonb, %(after)s::jsonb, %(reason)s)
"""


def write(
    conn: Connection,
    *,
    actor_id: int | None,
    action: str,
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Add an entry, in the transaction of the change.

    `action` is the stable name of one of game.audit.rules's ACTIONS (ValueError for another: it would have no words);
    `before` and `after` are whatever JSON can hold; a reason has at most 1000 characters.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} has no words in game/audit/rules.py")
    values = {"actor_id": actor_id, "action": action, "subject_id": subject_id, "reason": reason}
    conn.execute(WRITE, {**values, "before": _json(before), "after": _json(after)})


WRITE_OPERATORS: LiteralString = """
INSERT INTO audit_log (operator, invocation, action, subject_id, before, after, reason)
VALUES (
    %(operator)s, %(invocation)s, %(action)s, %(subject_id)s, %(before)s::jsonb, %(after)s::jsonb, %(reason)s
)
"""


def write_operators(
    conn: Connection,
    operator: Operator,
    *,
    action: str,
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Add an entry of what an operator did, as `write` does; no member is its actor."""
    if action not in ACTIONS:
        raise ValueError(f"{action} has no words in game/audit/rules.py")
    values = {"operator": operator.arn, "invocation": operator.invocation, "action": action, "reason": reason}
    conn.execute(WRITE_OPERATORS, {**values, "subject_id": subject_id, "before": _json(before), "after": _json(after)})


# relay notifies the admins of it, from the entry as it is then: who was forgotten meanwhile is not named.
WRITE_AND_TELL: LiteralString = """
WITH entry AS (
    INSERT INTO audit_log (actor_id, operator, invocation, action, subject_id, before, after, reason)
    VALUES (
        %(actor_id)s, %(operator)s, %(invocation)s, %(action)s, %(subject_id)s,
        %(before)s::jsonb, %(after)s::jsonb, %(reason)s
    )
    RETURNING id
)
INSERT INTO outbox (key, kind, refs)
SELECT 'act:' || id, 'act', jsonb_build_object('entry_id', id, 'xp', %(xp)s::bigint) FROM entry
"""


def write_and_tell(
    conn: Connection,
    *,
    action: str,
    actor_id: int | None = None,
    operator: Operator | None = None,
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    xp: int = 0,
) -> None:
    """The same for an act of which the admins are told, once: of a member, or of an operator, who is none.

    `xp` is how much was given, below zero how much was taken.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} has no words in game/audit/rules.py")
    values = {"actor_id": actor_id, "action": action, "subject_id": subject_id, "reason": reason, "xp": xp}
    by = {"operator": operator and operator.arn, "invocation": operator and operator.invocation}
    conn.execute(WRITE_AND_TELL, {**values, **by, "before": _json(before), "after": _json(after)})


ACT: LiteralString = """
SELECT action, coalesce(actor_id, 0) AS actor_id, coalesce(operator, '') AS operator,
    coalesce(subject_id, 0) AS subject_id, %(xp)s::bigint AS xp
FROM audit_log
WHERE id = %(entry_id)s
"""


def act(conn: Connection, entry_id: int, xp: int) -> Cursor[Act]:
    """What the admins are told of an entry."""
    return rows(conn, Act, ACT, {"entry_id": entry_id, "xp": xp})


# Each filter is left out where its value is null.
NEWEST_FIRST: LiteralString = """
SELECT
    id AS entry_id, at, actor_id, coalesce(actors.display_name, '') AS actor_name, action,
    subject_id, coalesce(subjects.display_name, '') AS subject_name, before, after, reason,
    coalesce(operator, '') AS operator
FROM audit_log
LEFT JOIN users AS actors ON actors.user_id = actor_id
LEFT JOIN users AS subjects ON subjects.user_id = subject_id
WHERE (%(user_id)s::bigint IS NULL OR actor_id = %(user_id)s OR subject_id = %(user_id)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(older)s::bigint IS NULL OR id < %(older)s)
ORDER BY id DESC
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done: by whom and to whom (None: nobody, or somebody who was deleted), with before and after.

    A name is that of today, "" for somebody who never played. `operator` is the ARN of an operator, "" if it was none.
    """

    entry_id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    subject_id: int | None
    subject_name: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: str
    operator: str


def older(
    conn: Connection, before: int | None, *, user_id: int | None, action: str | None, most: int
) -> Cursor[AuditEntry]:
    """Entries by or about a person, and of one action (None: all), before an entry or from the end, newest first."""
    return rows(conn, AuditEntry, NEWEST_FIRST, {"user_id": user_id, "action": action, "older": before, "most": most})


OLDEST_FIRST: LiteralString = """
SELECT
    id AS entry_id, at, actor_id, coalesce(actors.display_name, '') AS actor_name, action,
    subject_id, coalesce(subjects.display_name, '') AS subject_name, before, after, reason,
    coalesce(operator, '') AS operator
FROM audit_log
LEFT JOIN users AS actors ON actors.user_id = actor_id
LEFT JOIN users AS subjects ON subjects.user_id = subject_id
WHERE (%(user_id)s::bigint IS NULL OR actor_id = %(user_id)s OR subject_id = %(user_id)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
    AND id > %(newer)s
ORDER BY id
LIMIT %(most)s
"""


def newer(conn: Connection, after: int, *, user_id: int | None, action: str | None, most: int) -> Cursor[AuditEntry]:
    """The same after an entry, oldest first."""
    return rows(conn, AuditEntry, OLDEST_FIRST, {"user_id": user_id, "action": action, "newer": after, "most": most})


ENDS: LiteralString = """
SELECT coalesce(min(id), 0) AS oldest, coalesce(max(id), 0) AS newest
FROM audit_log
WHERE (%(user_id)s::bigint IS NULL OR actor_id = %(user_id)s OR subject_id = %(user_id)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
"""


@dataclass(frozen=True, slots=True)
class Ends:
    """The ids of the oldest and the newest of some entries; 0 when there are none."""

    oldest: int
    newest: int


def ends(conn: Connection, *, user_id: int | None, action: str | None) -> Cursor[Ends]:
    """How far the entries reach that these filters leave."""
    return rows(conn, Ends, ENDS, {"user_id": user_id, "action": action})


def _json(image: Mapping[str, object] | None) -> str | None:
    return None if image is None else json.dumps(image)
