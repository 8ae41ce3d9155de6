"""A member looks back at their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.days import table as days
from mastermind.game.days.marks import marks
from mastermind.game.exchanges import looking, own_row
from mastermind.game.progress import table as past
from mastermind.game.progress.rules import Span
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.days.marks import Mark
    from mastermind.game.members.rules import Actor
    from mastermind.game.progress.table import Self
    from mastermind.postgres.connection import Connection

WEEKS = timedelta(weeks=52)
"""A year: this week and so many before it, from a Monday on."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year of days up to today: the first of them, what each was for the streak, the longest streak ever."""

    span: Span
    first: date
    marks: tuple[Mark, ...]
    longest: int


def read_span(conn: Connection, actor: Actor, number: int) -> tuple[Self, Span]:
    """The member and their last days, today the last of so many."""
    with looking(conn, actor):
        found, rows = past.find(conn, actor.user_id), past.days(conn, actor.user_id, number - 1)
    own = own_row(found)
    return own, Span(own.today, number, {each.day: each for each in rows})


def read_year(conn: Connection, actor: Actor) -> tuple[Self, Calendar]:
    """The member and the calendar of their last year."""
    back = WEEKS.days + 6
    with looking(conn, actor):
        found, rows = past.find(conn, actor.user_id), past.days(conn, actor.user_id, back)
        counted, covered = days.day(conn, actor.user_id, None), days.bridges(conn, actor.user_id, back)
    own, day = own_row(found), only(counted)
    first = own.today - timedelta(own.today.weekday()) - WEEKS
    bridges = {each.day: each.mark for each in covered}
    span = Span(own.today, (own.today - first).days + 1, {each.day: each for each in rows})
    row = marks(day, bridges, own.joined, first, own.today)
    return own, Calendar(span, first, row, day.streak(counted=bool(day.in_time)).longest)
