"""Flags on what members write: made with the words, looked at by moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.content import flags as rules
from mastermind.db import flags
from mastermind.domain.flags import LONGEST_EXCERPT

if TYPE_CHECKING:
    from mastermind.db.connection import Connection


def look_at(conn: Connection, user_id: int, source: str, source_id: str, text: str) -> None:
    """Flag a member's words when a rule finds something in them; part of the transaction that stores the words.

    `source` is a kind of place like "course.question", `source_id` names the place itself; at most one flag for each.
    """
    if categories := rules.check(text):
        flags.write(conn, user_id, source, source_id, categories, text[:LONGEST_EXCERPT])
