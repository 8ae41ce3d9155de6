"""Whether a member is still in the server, asked before a reminder if they were not seen there for a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mastermind.discord.requests import GetMember, Outcome
from mastermind.game.days import table as days
from mastermind.game.reminders import actions as reminders
from mastermind.game.reminders import counts, rules
from mastermind.game.reminders import table as rows
from mastermind.game.reminders.rules import LASTS, Occasion, Off
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection

NO_MEMBER = 10007
"""Discord's code for somebody who is not in the server; any other error says something of the bot."""


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> GetMember | None:
    if entry.user_id is None:
        return None
    today = days.day_without_figures(conn, entry.user_id).fetchone()
    return GetMember(entry.user_id) if today and rules.is_due(_occasion(entry), today) else None


def _occasion(entry: Entry) -> Occasion:
    return Occasion(str(entry.refs["occasion"]))


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """Who is there is reminded now; who is not is reminded no more, until they ask for it again."""
    if result is None:
        counts.lapsed(entry.due_at)
    elif entry.user_id is None:
        return
    elif result.outcome is Outcome.DONE:
        rows.see(conn, entry.user_id)
        day = date.fromisoformat(str(entry.refs["day"]))
        reminders.insert(conn, _occasion(entry), entry.user_id, day, entry.due_at)
    elif result.code == NO_MEMBER:
        rows.turn_off(conn, entry.user_id, Off.LEFT)
    else:
        counts.dropped()


KIND = Kind(reminders.MEMBERSHIP, Priority.REMINDERS, LASTS, _compose, settled=_settled)
