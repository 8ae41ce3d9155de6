"""Reminders: relay hands over those that are due, and what is tapped below one is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.reminders import counts, rules
from mastermind.game.reminders import table as reminders
from mastermind.game.reminders.rules import Fate
from mastermind.postgres.exchange import decision, exchange, only

if TYPE_CHECKING:
    from datetime import date, datetime

    from mastermind.game.reminders.rules import Due
    from mastermind.postgres.connection import Connection

REMINDER, MEMBERSHIP = "reminder", "membership"
"""The kinds of rows in the outbox (mastermind/relay/kinds)."""

MOST_WAITING = 100
"""Reminders that wait in the outbox at once: the others wait in their own table, where they cost nothing."""


def hand_over(conn: Connection, openings: int) -> int:
    """Put those that are due into the outbox, as far as it has room; returns how many.

    `openings` is how many channels of direct messages may be opened in a minute.
    """
    with decision(conn) as change:
        change.begin()
        before = reminders.waiting(conn, (REMINDER, MEMBERSHIP))
        opened = outreach.opened(conn)
        due = reminders.due(conn, MOST_WAITING)
        room = max(0, MOST_WAITING - only(before))
        found = rules.sort(due.fetchall()[:room], openings - only(opened))
        told, asked, waiting = found[Fate.TOLD], found[Fate.ASKED], found[Fate.WAITING]
        for each in told:
            insert(conn, each.user_id, each.day, each.hour_at)
        for each in asked:
            _look_up(conn, each)
        reminders.decided(conn, [each for fate in Fate if fate is not Fate.WAITING for each in found[fate]])
        reminders.wait(conn, waiting)
        change.commit()
    if dropped := len(found[Fate.DROPPED]):
        counts.dropped(dropped)
    return len(told) + len(asked)


def insert(conn: Connection, user_id: int, day: date, hour_at: datetime) -> None:
    """Have the member reminded on that date of theirs, once, within an hour of that moment."""
    key = f"{REMINDER}:{user_id}:{day}"
    outbox.insert(conn, REMINDER, key, user_id=user_id, refs={"day": str(day)}, due_at=hour_at)


def _look_up(conn: Connection, due: Due) -> None:
    """Have Discord say whether the member is in the server; the reminder follows."""
    key = f"{MEMBERSHIP}:{due.user_id}:{due.day}"
    outbox.insert(conn, MEMBERSHIP, key, user_id=due.user_id, refs={"day": str(due.day)}, due_at=due.hour_at)


def may_tap(conn: Connection, user_id: int, message_id: int) -> bool:
    """Whether they may use the buttons below that direct message: it was sent to them, and they are in the server."""
    with exchange(conn):
        found = reminders.may_tap(conn, user_id, message_id)
    return only(found)
