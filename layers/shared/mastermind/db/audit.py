"""The table audit_log: who did what to whom, with before and after; entries are only ever added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.db.connection import Connection

WRITE: LiteralString = """
INSERT INTO audit_log (actor_id, action, subject_id, before, after, reason)
VALUES (%(actor_id)s, %(action)s, %(subject_id)s, %(before)s::jsonb, %(after)s::jsonb, %(reason)s)
"""


def write(
    conn: Connection,
    *,
    actor_id: int,
    action: str,
    subject_id: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Add an entry, in the transaction of what it tells of.

    `action` is a stable name like "xp.adjust" (domain.audit has them all); `before` and `after` are whatever JSON can
    hold; a reason has at most 1000 characters.
    """
    values = {"actor_id": actor_id, "action": action, "subject_id": subject_id, "reason": reason}
    conn.execute(WRITE, {**values, "before": _json(before), "after": _json(after)})


def _json(image: Mapping[str, object] | None) -> str | None:
    return None if image is None else json.dumps(image)
