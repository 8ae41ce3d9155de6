"""An outage that is recorded after days were booked: it changes their share of the streak."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.days import rules
from mastermind.game.days import table as records
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.rules import BookingKind, Source
from mastermind.game.ledger.table import Booking
from mastermind.game.members import table as members
from mastermind.postgres.exchange import decision
from mastermind.records import as_dict

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.days.table import BookedDay
    from mastermind.postgres.connection import Connection

DECIDED = timedelta(days=1)
"""The days of a shorter outage are still in their grace when the game is back, so it has ended no streak."""


def raise_shares(conn: Connection, began: datetime, ended: datetime) -> int:
    """Raise the shares of days that were booked before this outage was known; how many were raised.

    Each in a transaction of its own. Once is enough, and doing it again changes nothing.
    """
    if ended - began <= DECIDED:
        return 0
    found = list(records.booked_since(conn, began))
    return sum(_raise_share(conn, each, began) for each in found)


def _raise_share(conn: Connection, each: BookedDay, began: datetime) -> bool:
    with decision(conn) as change:
        change.begin()
        members.lock(conn, each.user_id)
        day = records.day(conn, each.user_id, each.day).fetchone()
        raised = day and rules.raised(day)
        if not day or not raised:
            return False
        records.raise_share(conn, each.user_id, each.day, raised.share)
        details = {**as_dict(raised.price), "price": raised.price.xp, "booked_before": day.booked}
        key = f"{each.user_id}:{each.day}:{began.isoformat()}"
        booking = Booking(raised.booked_xp, BookingKind.OUTAGE, Source.STATS, key, each.day, details)
        ledger.book(conn, each.user_id, [booking] if booking.xp else [])
        change.commit()
    return True
