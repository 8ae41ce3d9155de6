"""The table audit_log: who did what to whom, with before and after; entries are only ever added."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.audit.rules import ACTIONS, Act, Operator
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor

COLUMNS: LiteralString = "action, subject_id, before, after, reason"
VALUES: LiteralString = "%(action)s, %(subject_id)s, %(before)s::jsonb, %(after)s::jsonb, %(reason)s"

BY_MEMBER: LiteralString = f"""
INSERT INTO audit_log (actor_id, {COLUMNS}) VALUES (%(actor_id)s, {VALUES})
"""  # noqa: S608 # all parts are written out here

# relay may not: its role has no right to the columns of operators.
BY_OPERATOR: LiteralString = f"""
INSERT INTO audit_log (operator, invocation, {COLUMNS}) VALUES (%(operator)s, %(invocation)s, {VALUES})
"""  # noqa: S608 # the same

# Follows an insert: relay notifies the admins of the entry as it is then; who was forgotten meanwhile is not named.
NOTIFY: LiteralString = """
RETURNING id)
INSERT INTO outbox (key, kind, refs)
SELECT 'act:' || id, 'act', jsonb_build_object('entry_id', id, 'xp', %(xp)s::bigint) FROM entry
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """All admins are notified of the act, once; `xp` is how much was given, below zero how much was taken."""

    xp: int = 0


def write(
    conn: Connection,
    by: int | Operator | None,
    *,
    action: str,
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    notice: Notice | None = None,
) -> None:
    """Add an entry, in the transaction of the change; `by` is a member, an operator, who is none, or nobody.

    `action` is the stable name of one of game.audit.rules's ACTIONS (ValueError for another: it would have no words);
    `before` and `after` are whatever JSON can hold; a reason has at most 1000 characters.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} has no words in game/audit/rules.py")
    insert, values = _by(by)
    values |= {"action": action, "subject_id": subject_id, "reason": reason}
    values |= {"before": _json(before), "after": _json(after)}
    if notice:
        insert, values["xp"] = f"WITH entry AS ({insert} {NOTIFY}", notice.xp
    conn.execute(insert, values)


def _by(by: int | Operator | None) -> tuple[LiteralString, dict[str, object]]:
    """The statement for one of them, and the values that name them."""
    if isinstance(by, Operator):
        return BY_OPERATOR, {"operator": by.arn, "invocation": by.invocation}
    return BY_MEMBER, {"actor_id": by}


ACT: LiteralString = """
SELECT action, coalesce(actor_id, 0) AS actor_id, coalesce(operator, '') AS operator,
    coalesce(subject_id, 0) AS subject_id, %(xp)s::bigint AS xp
FROM audit_log
WHERE id = %(entry_id)s
"""


def act(conn: Connection, entry_id: int, xp: int) -> Cursor[Act]:
    """The part of an entry that the admins' notice names."""
    return rows(conn, Act, ACT, {"entry_id": entry_id, "xp": xp})


# Each filter is left out where its value is null.
ENTRIES: LiteralString = """
SELECT
    id AS entry_id, at, actor_id, coalesce(actors.display_name, '') AS actor_name, action,
    subject_id, coalesce(subjects.display_name, '') AS subject_name, before, after, reason,
    coalesce(operator, '') AS operator
FROM audit_log
LEFT JOIN users AS actors ON actors.user_id = actor_id
LEFT JOIN users AS subjects ON subjects.user_id = subject_id
WHERE (%(user_id)s::bigint IS NULL OR actor_id = %(user_id)s OR subject_id = %(user_id)s)
    AND (%(action)s::text IS NULL OR action = %(action)s)
"""

NEWEST_FIRST: LiteralString = f"""{ENTRIES}
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


OLDEST_FIRST: LiteralString = f"""{ENTRIES}
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
