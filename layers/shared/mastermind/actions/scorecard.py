"""Where a member stands: one exchange with the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.actions.members import Member
from mastermind.db import ranks, users
from mastermind.db.exchange import exchange
from mastermind.db.ranks import Scorecard

if TYPE_CHECKING:
    from mastermind.db.connection import Connection

__all__ = ["Member", "Scorecard", "read"]


def read(conn: Connection, who: Member | int, time_zone: str | None = None) -> Scorecard | None:
    """The scorecard of a member; None for someone the game has never met.

    With the deployment's `time_zone`, a Member who looks at their own card is met by this, and so always has one.
    """
    with exchange(conn):
        if isinstance(who, Member):
            _see(conn, who, time_zone)
        card = ranks.scorecard(conn, who.user_id if isinstance(who, Member) else who)
    return card.fetchone()


def _see(conn: Connection, member: Member, time_zone: str | None) -> None:
    if time_zone:
        users.enter(conn, member, time_zone)
    else:
        users.rename(conn, member)
