"""Reminders: relay hands over those that are due, and what is tapped below one is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.reminders import rules
from mastermind.game.reminders import table as reminders
from mastermind.postgres.exchange import decision, exchange, only

if TYPE_CHECKING:
    from datetime import date, datetime

    from mastermind.game.reminders.rules import Due
    from mastermind.postgres.connection import Connection

REMINDER, MEMBERSHIP = "reminder", "membership"
"""The kinds of rows in the outbox (mastermind/relay/kinds)."""

MOST_WAITING = 100
"""Reminders that wait in the outbox at once: the others wait in their own table, where they cost nothing."""

DROPPED = "RemindersDropped"
"""Counts the reminders that did not fit into their hour."""


def hand_over(conn: Connection, openings: int) -> int:
    """Put those that are due into the outbox, as far as it has room; returns how many.

    `openings` is how many channels of direct messages may be opened in a minute.
    """
    with decision(conn) as change:
        change.begin()
        waiting = reminders.waiting(conn, (REMINDER, MEMBERSHIP))
        opened = outreach.opened(conn)
        due = reminders.due(conn, MOST_WAITING)
        room = max(0, MOST_WAITING - only(waiting))
        found = rules.sort(due.fetchall()[:room], openings - only(opened))
        for each in found.told:
            insert(conn, each.user_id, each.day, each.hour_at)
        for each in found.asked:
            outbox.insert(
                conn,
                MEMBERSHIP,
                _key(MEMBERSHIP, each),
                user_id=each.user_id,
                refs={"day": str(each.day)},
                due_at=each.hour_at,
            )
        reminders.decided(conn, found.decided)
        reminders.wait(conn, found.waiting)
        change.commit()
    if found.dropped:
        observability.count(DROPPED, len(found.dropped))
    return len(found.told) + len(found.asked)


def insert(conn: Connection, user_id: int, day: date, hour_at: datetime) -> None:
    """Have the member reminded on that date of theirs, once, within an hour of that moment."""
    key = f"{REMINDER}:{user_id}:{day}"
    outbox.insert(conn, REMINDER, key, user_id=user_id, refs={"day": str(day)}, due_at=hour_at)


def _key(kind: str, due: Due) -> str:
    return f"{kind}:{due.user_id}:{due.day}"


def may_tap(conn: Connection, user_id: int, message_id: int) -> bool:
    """Whether they may use the buttons below that direct message: it was sent to them, and they are in the server."""
    with exchange(conn):
        found = reminders.may_tap(conn, user_id, message_id)
    return only(found)
