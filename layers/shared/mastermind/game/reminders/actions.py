"""Reminders: relay hands over those that are due, and what is tapped below one is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.discord.requests import Outcome
from mastermind.game.days import table as days
from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.reminders import counts, rules
from mastermind.game.reminders import table as reminders
from mastermind.game.reminders.rules import Fate, Occasion, Off
from mastermind.postgres.exchange import decision, exchange, only

if TYPE_CHECKING:
    from datetime import date, datetime

    from mastermind.discord.requests import Result
    from mastermind.game.days.rules import Day
    from mastermind.game.outbox.rules import Entry
    from mastermind.game.reminders.rules import Due
    from mastermind.game.reminders.table import Standing
    from mastermind.postgres.connection import Connection

MEMBERSHIP = "membership"
"""The kind of rows in the outbox that ask for it (mastermind/relay/kinds)."""

MOST_WAITING = 100
"""Reminders that wait in the outbox at once: the others wait in their own table, where they cost nothing."""


def hand_over(conn: Connection, openings: int) -> int:
    """Put those that are due into the outbox, as far as it has room; returns how many.

    `openings` is how many channels of direct messages may be opened in a minute.
    """
    with decision(conn) as change:
        change.begin()
        before = reminders.waiting(conn, (*Occasion, MEMBERSHIP))
        opened = outreach.opened(conn)
        due = reminders.due(conn, MOST_WAITING)
        room = max(0, MOST_WAITING - only(before))
        found = rules.sort(due.fetchall()[:room], openings - only(opened))
        told, asked, waiting = found[Fate.TOLD], found[Fate.ASKED], found[Fate.WAITING]
        for each in told:
            insert(conn, each.occasion, each.user_id, each.day, each.hour_at)
        for each in asked:
            _look_up(conn, each)
        reminders.decided(conn, [each for fate in Fate if fate is not Fate.WAITING for each in found[fate]])
        reminders.wait(conn, waiting)
        change.commit()
    if dropped := len(found[Fate.DROPPED]):
        counts.dropped(dropped)
    return len(told) + len(asked)


def insert(conn: Connection, occasion: Occasion, user_id: int, day: date, hour_at: datetime) -> None:
    """Have the member written to on that date of theirs, once, within an hour of that moment."""
    key = f"{occasion}:{user_id}:{day}"
    outbox.insert(conn, occasion, key, user_id=user_id, refs={"day": str(day)}, due_at=hour_at)


def _look_up(conn: Connection, due: Due) -> None:
    """Have Discord say whether the member is in the server; the reminder follows."""
    key = f"{MEMBERSHIP}:{due.occasion}:{due.user_id}:{due.day}"
    refs = {"day": str(due.day), "occasion": str(due.occasion)}
    outbox.insert(conn, MEMBERSHIP, key, user_id=due.user_id, refs=refs, due_at=due.hour_at)


@dataclass(frozen=True, slots=True)
class StillDue:
    """The day of a member who is written to now; `is_last`: the message says that it is the last."""

    today: Day
    is_last: bool


def still_due(conn: Connection, entry: Entry) -> StillDue | None:
    """The message as of hand-over; None if the member no longer wants it, or it is not for today."""
    if entry.user_id is None:
        return None
    occasion = Occasion(entry.kind)
    found, standing = days.day_without_figures(conn, entry.user_id), reminders.standing(conn, entry.user_id, occasion)
    today, wish = found.fetchone(), standing.fetchone()
    if (
        not (today and wish)
        or wish.off
        or str(today.today) != entry.refs["day"]
        or not rules.is_due(occasion, today, wish.rhythm)
    ):
        return None
    return StillDue(today, _is_last(wish))


def _is_last(wish: Standing) -> bool:
    return rules.is_silent(wish.last_used, wish.since, wish.now)


def settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """A member who has got the last message gets no other; an unsent one is counted."""
    if result is None:
        counts.lapsed(entry.due_at)
    elif entry.user_id and result.outcome in {Outcome.DONE, Outcome.UNKNOWN}:
        wish = reminders.standing(conn, entry.user_id, Occasion(entry.kind)).fetchone()
        if wish and _is_last(wish):
            reminders.turn_off(conn, entry.user_id, Off.SILENCE)


def may_tap(conn: Connection, user_id: int, message_id: int) -> bool:
    """Whether they may use the buttons below that direct message: it was sent to them, and they are in the server."""
    with exchange(conn):
        found = reminders.may_tap(conn, user_id, message_id)
    return only(found)
