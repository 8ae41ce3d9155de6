"""A leaderboard a page at a time, and where the member stands on it: one exchange with the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.paging import held, page_count
from mastermind.game.standings import table as standings
from mastermind.game.standings.rules import Board
from mastermind.game.standings.table import Entry, Standing
from mastermind.postgres.exchange import exchange, only, snapshot

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection

__all__ = ["LINES", "Board", "Entry", "Leaderboard", "Member", "Standing", "read"]

LINES = 10
"""Lines of a page: what a narrow phone shows at once."""

FARTHEST = 10**12
"""A page beyond every board; what is asked for is held below it, so that the database can count with it."""


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A page of a board with `own`, the standing of the member who looks; no entries when nobody is listed."""

    entries: tuple[Entry, ...]
    own: Standing

    @property
    def page(self) -> int:
        return page_count(self.entries[0].place, LINES) if self.entries else 1

    @property
    def pages(self) -> int:
        return page_count(self.own.members, LINES)

    @property
    def shows_own(self) -> bool:
        """Whether the member's own line is on this page."""
        return any(entry.user_id == self.own.user_id for entry in self.entries)


def read(conn: Connection, member: Member, time_zone: str, board: Board, page: int | None = 1) -> Leaderboard:
    """A page, counted from 1 (beyond the end: the last one); None for the page with the member's own line.

    A member without a line gets the first page then. Lines and ranks are those of one moment. `time_zone` is the
    deployment's: for a member at first contact, and for which week or month it is.
    """
    before = None if page is None else (held(page, FARTHEST) - 1) * LINES
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            own = standings.standing(conn, board, time_zone, member.user_id)
            entries = standings.page(conn, board, time_zone, member.user_id, before=before, size=LINES)
    return Leaderboard(tuple(entries), only(own))
