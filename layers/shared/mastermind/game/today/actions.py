"""A member's today: how it stands, and the challenge of the day, done and taken back.

Doing it and taking it back are one round trip each, stored under the interaction they answer: when that is delivered
again it gets the stored outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.catalogue.archetypes import Points
from mastermind.game.contributions import table as contributions
from mastermind.game.days import rules as days
from mastermind.game.days import table as records
from mastermind.game.days.actions import Edited, Submitted, submit
from mastermind.game.days.actions import undo as undo_submission
from mastermind.game.exchanges import looking, own_row, writing
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import RaidStatus
from mastermind.game.today import table as today
from mastermind.game.today.rules import Did, active_days
from mastermind.game.today.table import Standing
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.contributions.table import Own
    from mastermind.game.days.rules import Day, DayCard
    from mastermind.game.members.rules import Actor
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection, Cursor

__all__ = ["Done", "Logged", "Standing", "TakenBack", "Today", "Undone", "do", "log", "read", "take_back", "undo"]

CHANGED = "Nothing was undone: the day has changed since. `/stats-edit` corrects it."


@dataclass(frozen=True, slots=True)
class Today:
    """All that the card shows; `points` are the day's, `raid` is the one that runs, `part` what the member gave it.

    `active_days` are those of this week that count for a streak.
    """

    standing: Standing
    day: DayCard
    points: Points
    active_days: int
    raid: Raid | None
    part: int


@dataclass(frozen=True, slots=True)
class Logged:
    """What one more led to, and today after it."""

    done: Submitted
    today: Today


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking one of a stat back led to, and today after it."""

    done: Edited
    today: Today


@dataclass(frozen=True, slots=True)
class Done:
    """What *Did it* led to, and today after it."""

    did: Did
    today: Today


@dataclass(frozen=True, slots=True)
class Undone:
    """Whether this took anything back, and today after it."""

    undone: bool
    today: Today


def read(conn: Connection, actor: Actor) -> Today:
    """The member's today."""
    with looking(conn, actor):
        sent = _Sent.send(conn, actor)
    return sent.today()


def log(conn: Connection, actor: Actor, day: date, stat: str, *, catalogue: Catalogue) -> Logged:
    """One more of a stat, as a form of /submit-stats would add it; raises as days.submit."""
    sent: list[_Sent] = []
    done = submit(conn, actor, day, {stat: 1}, catalogue=catalogue, after=lambda: sent.append(_Sent.send(conn, actor)))
    return Logged(done, sent[0].today())


def take_back(
    conn: Connection, actor: Actor, day: date, submission: int, shown: int, *, catalogue: Catalogue
) -> TakenBack:
    """Take back one more of a stat, as days.undo; MemberMistake where the day has changed since."""
    sent: list[_Sent] = []
    done = undo_submission(
        conn, actor, day, submission, shown, catalogue=catalogue, after=lambda: sent.append(_Sent.send(conn, actor))
    )
    if done is None:
        raise MemberMistake(CHANGED)
    return TakenBack(done, sent[0].today())


def do(conn: Connection, actor: Actor, challenge_id: str) -> Done:
    """The member did this challenge today: the database knows whether it is one of the two, and what it brings."""
    with writing(conn, actor):
        did = today.do(conn, actor.user_id, actor.key, challenge_id)
        sent = _Sent.send(conn, actor)
    return Done(Did(only(did)), sent.today())


def undo(conn: Connection, actor: Actor, award_id: UUID) -> Undone:
    """Take back what the challenge of a day brought, if it is the member's and live."""
    with writing(conn, actor):
        undone = today.undo(conn, actor.user_id, actor.key, award_id)
        sent = _Sent.send(conn, actor)
    return Undone(only(undone), sent.today())


@dataclass(frozen=True, slots=True)
class _Sent:
    """The queries of a card, on their way."""

    standing: Cursor[Standing]
    day: Cursor[Day]
    raid: Cursor[Raid]
    own: Cursor[Own]

    @classmethod
    def send(cls, conn: Connection, actor: Actor) -> _Sent:
        user_id = actor.user_id
        return cls(
            today.standing(conn, user_id),
            records.day(conn, user_id, None),
            raids.find(conn, None),
            contributions.own(conn, None, user_id),
        )

    def today(self) -> Today:
        raid = self.raid.fetchone()
        running = raid if raid and raid.status is RaidStatus.ACTIVE else None
        own = self.own.fetchone()
        part = own.points if running and own else 0
        day = own_row(self.day)
        active = active_days(day.counted_days, day.today)
        return Today(own_row(self.standing), days.card(day), _points(day), active, running, part)


def _points(day: Day) -> Points:
    return Points(sum(each.warrior for each in day.worths.values()), sum(each.mage for each in day.worths.values()))
