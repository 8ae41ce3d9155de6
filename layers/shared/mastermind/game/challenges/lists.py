"""What a member has completed: one exchange with the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.challenges import table as awards
from mastermind.game.challenges.table import LiveAward
from mastermind.game.members import table as users
from mastermind.postgres.exchange import exchange

if TYPE_CHECKING:
    from mastermind.game.members.rules import Member
    from mastermind.postgres.connection import Connection

__all__ = ["LiveAward", "read"]


def read(conn: Connection, member: Member, time_zone: str) -> tuple[LiveAward, ...]:
    """The member's live awards, newest first; `time_zone` is the deployment's, for a member at first contact."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        live = awards.live(conn, member.user_id)
    return tuple(live)
