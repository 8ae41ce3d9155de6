"""Reading the audit log, a stretch at a time: one exchange with the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.audit import table as audit
from mastermind.game.audit.table import Ends, Entry
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.postgres.exchange import exchange, only, snapshot

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection

__all__ = ["MOST_LINES", "Ends", "Entry", "Member", "Stretch", "read"]

MOST_LINES = 6
"""Entries that are shown at once, if their words are short enough."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries one after the other, newest first, among all that the filters leave."""

    entries: tuple[Entry, ...]
    ends: Ends


def read(
    conn: Connection,
    actor: Member,
    time_zone: str,
    *,
    user_id: int | None = None,
    action: str | None = None,
    older: int | None = None,
    newer: int | None = None,
) -> Stretch:
    """The newest entries, or those next to the entry `older` or `newer`; by or about a person, of one action."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        with snapshot(conn):
            ends = audit.ends(conn, user_id=user_id, action=action)
            if newer is None:
                found = audit.older(conn, older, user_id=user_id, action=action, most=MOST_LINES)
            else:
                found = audit.newer(conn, newer, user_id=user_id, action=action, most=MOST_LINES)
    entries = tuple(found)
    return Stretch(entries if newer is None else entries[::-1], only(ends))
