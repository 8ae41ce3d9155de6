"""Resting: a member declares today as their rest day, takes that back, and looks at how it stands."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.days import table as days
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.pauses import table as pauses
from mastermind.game.rest_days import rules
from mastermind.game.rest_days import table as rest_days
from mastermind.game.rest_days.rules import WEEK, Obstacle
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from mastermind.game.days.rules import Day
    from mastermind.game.days.streaks import Streak
    from mastermind.game.members.rules import Actor
    from mastermind.game.pauses.rules import Begun
    from mastermind.postgres.connection import Connection

__all__ = ["Obstacle", "Standing", "declare", "read", "withdraw"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands with resting today; without an `obstacle` they may.

    `used` is the rest day that this week has, `next_week` the first day of the next. `kept`: today was declared, or
    taken back, now or by an earlier delivery of the same use.
    """

    today: date
    streak: Streak
    obstacle: Obstacle | None
    used: date | None
    next_week: date
    kept: bool = False


def read(conn: Connection, actor: Actor) -> Standing:
    """How the member stands today."""
    with looking(conn, actor):
        found = days.day(conn, actor.user_id, None)
        latest = pauses.latest(conn, actor.user_id)
    return _standing(own_row(found), tuple(latest))


def declare(conn: Connection, actor: Actor, shown: date) -> Standing:
    """Make the day that was `shown` a rest day, if it is the member's today and may become one."""
    with changing(conn, actor, "rest_day.declare") as change:
        found, latest = days.day(conn, actor.user_id, None), pauses.latest(conn, actor.user_id)
        day, paused = only(found), tuple(latest)
        if change.stored or shown != day.today or rules.obstacle(day, paused):
            return replace(_standing(day, paused), kept=bool(change.stored))
        rest_days.declare(conn, actor.user_id, shown)
        change.keep({"day": shown.isoformat()})
    return replace(_standing(replace(day, rest_days=day.rest_days | {shown}), paused), kept=True)


def withdraw(conn: Connection, actor: Actor, shown: date) -> Standing:
    """Take back the rest day that was `shown`, unless it is over."""
    with changing(conn, actor, "rest_day.withdraw") as change:
        found, latest = days.day(conn, actor.user_id, None), pauses.latest(conn, actor.user_id)
        day, paused = only(found), tuple(latest)
        if change.stored or shown < day.today or shown not in day.rest_days:
            return replace(_standing(day, paused), kept=bool(change.stored))
        rest_days.withdraw(conn, actor.user_id, shown)
        change.keep({"day": shown.isoformat()})
    return replace(_standing(replace(day, rest_days=day.rest_days - {shown}), paused), kept=True)


def _standing(day: Day, paused: Collection[Begun]) -> Standing:
    return Standing(
        today=day.today,
        streak=day.streak(counted=bool(day.in_time)),
        obstacle=rules.obstacle(day, paused),
        used=rules.used(day),
        next_week=rules.first_of_week(day.today) + WEEK,
    )
