"""Where members stand: one exchange with the database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mastermind.game.days import streaks
from mastermind.game.days import table as records
from mastermind.game.days.streaks import Streak
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.standings import ranks
from mastermind.game.standings.ranks import Scorecard
from mastermind.postgres.exchange import exchange, only, snapshot

if TYPE_CHECKING:
    from psycopg import Cursor

    from mastermind.game.days.table import Day
    from mastermind.postgres.connection import Connection

__all__ = ["Member", "Scorecard", "Streak", "read"]


def read(conn: Connection, member: Member, time_zone: str, *wanted: int) -> tuple[Scorecard | None, ...]:
    """The scorecards of those whom the member wants to see, as of one moment; None for whom the game has never met.

    The member who looks is met by this. `time_zone` is the deployment's, for a first contact.
    """
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            found = [(ranks.scorecard(conn, user_id), records.day(conn, user_id, None)) for user_id in wanted]
    return tuple(_whole(card, day) for card, day in found)


def _whole(cards: Cursor[Scorecard], days: Cursor[Day]) -> Scorecard | None:
    card = cards.fetchone()
    return card and replace(card, streak=_streak(only(days)))


def _streak(day: Day) -> Streak:
    """The streak as it stands today."""
    counted = (*day.other_days, day.day) if day.in_time else day.other_days
    return streaks.replay(counted, day.covered_days, day.today)
