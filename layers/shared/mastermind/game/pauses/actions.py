"""Pausing: a member looks at their pause, begins one, ends it. What they log or tick ends it in the database."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.days import table as days
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.pauses import rules
from mastermind.game.pauses import table as pauses
from mastermind.game.pauses.rules import LONGEST, MOST, SHORTEST, WITHIN
from mastermind.postgres.exchange import only
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from mastermind.game.days.rules import Day
    from mastermind.game.days.streaks import Streak
    from mastermind.game.members.rules import Actor
    from mastermind.game.pauses.rules import Begun
    from mastermind.postgres.connection import Connection

__all__ = ["LONGEST", "MOST", "SHORTEST", "WITHIN", "Standing", "begin", "end", "read"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands with pausing; the pause that runs or will is that of their `streak`.

    A new one would begin on `first`; `left` more may, the `next` one then. `may_begin_late`: with yesterday, which
    needs it. `kept`: one ran already, so that none has begun now.
    """

    today: date
    streak: Streak
    first: date
    left: int
    next: date | None
    may_begin_late: bool
    kept: bool = False


def read(conn: Connection, actor: Actor) -> Standing:
    """How the member stands today."""
    with looking(conn, actor):
        found = days.day(conn, actor.user_id, None)
        latest = pauses.latest(conn, actor.user_id)
    return _standing(own_row(found), tuple(latest))


def begin(conn: Connection, actor: Actor, length: int, *, late: bool) -> Standing:
    """Begin a pause of so many days, with yesterday if it is `late` and that day needs it; one that runs is kept.

    Raises MemberMistake as rules.begin.
    """
    with changing(conn, actor, "pause.begin") as change:
        found, latest = days.day(conn, actor.user_id, None), pauses.latest(conn, actor.user_id)
        day, earlier = only(found), tuple(latest)
        if change.stored or day.pause:
            return replace(_standing(day, earlier), kept=not change.stored)
        begun = rules.begin(day, earlier, length, late=late)
        pauses.begin(conn, actor.user_id, begun)
        change.keep(as_dict(begun))
    return _standing(replace(day, paused_from=begun.first, paused_until=begun.last), (*earlier, begun))


def end(conn: Connection, actor: Actor) -> None:
    """End the pause that runs, or take back the one that has not begun; without one nothing happens."""
    with changing(conn, actor, "pause.end") as change:
        found = days.day(conn, actor.user_id, None)
        pause = only(found).pause
        if change.stored or not pause:
            return
        pauses.end(conn, actor.user_id)
        change.keep(as_dict(pause))


def _standing(day: Day, latest: Collection[Begun]) -> Standing:
    first = rules.first_day(day, latest)
    return Standing(
        today=day.today,
        streak=day.streak(counted=bool(day.in_time)),
        first=first,
        left=rules.left(latest, first),
        next=rules.next_first_day(latest, first),
        may_begin_late=rules.needs_yesterday(day) and not rules.next_late(latest, day.today),
    )
