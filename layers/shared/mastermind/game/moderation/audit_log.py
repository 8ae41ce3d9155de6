"""Reading the audit log, a stretch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.audit import table as audit
from mastermind.game.audit.table import AuditEntry, Ends
from mastermind.game.exchanges import looking
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

__all__ = ["MOST_LINES", "AuditEntry", "Ends", "Stretch", "read"]

MOST_LINES = 6
"""Entries that are shown at once, if their words are short enough."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries one after the other, newest first, among all that the filters leave."""

    entries: tuple[AuditEntry, ...]
    ends: Ends


def read(
    conn: Connection,
    actor: Actor,
    *,
    user_id: int | None = None,
    action: str | None = None,
    older: int | None = None,
    newer: int | None = None,
) -> Stretch:
    """The newest entries, or those next to the entry `older` or `newer`; by or about a person, of one action."""
    with looking(conn, actor):
        ends = audit.ends(conn, user_id=user_id, action=action)
        if newer is None:
            found = audit.older(conn, older, user_id=user_id, action=action, most=MOST_LINES)
        else:
            found = audit.newer(conn, newer, user_id=user_id, action=action, most=MOST_LINES)
    entries = tuple(found)
    return Stretch(entries if newer is None else entries[::-1], only(ends))
