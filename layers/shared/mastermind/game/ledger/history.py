"""A member's ledger, page by page: one exchange with the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game import paging
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.table import Entry
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.postgres.exchange import exchange, only, snapshot

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection

__all__ = ["PAGE_SIZE", "Entry", "History", "Member", "read"]

PAGE_SIZE = 8
"""Rows a page: each has a line for what it was and one for why it was as much."""

FARTHEST = 10**12
"""A page beyond every ledger; what is asked for is held below it, so that the database can count with it."""


@dataclass(frozen=True, slots=True)
class History:
    """A page of the member's ledger, the newest row first; no entries when nothing was ever booked."""

    entries: tuple[Entry, ...]
    page: int
    pages: int


def read(conn: Connection, member: Member, time_zone: str, page: int = 1) -> History:
    """A page, counted from 1; beyond the end it is the last one. `time_zone` is the deployment's, at first contact."""
    wanted = paging.held(page, FARTHEST)
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            size = ledger.size(conn, member.user_id)
            entries = ledger.page(conn, member.user_id, skipped=(wanted - 1) * PAGE_SIZE, most=PAGE_SIZE)
    pages = paging.page_count(only(size), PAGE_SIZE)
    return History(tuple(entries), paging.held(wanted, pages), pages)
