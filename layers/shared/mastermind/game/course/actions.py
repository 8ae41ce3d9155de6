"""The course as a member takes it: looking, watching lessons, and the XP of a complete module.

Watching is a decision of two exchanges: the first locks the member and reads how far they are, the second notes the
lesson and books each module that is complete by it. Its interaction is stored with it, so that a repeat changes nothing
and gets the same answer; a module's XP are booked once in any case, by the ledger's key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game.course import table as course
from mastermind.game.course.rules import MODULE_XP, Course, Lesson, Missing, Module, Progress
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.table import Booking
from mastermind.game.levels import rules as levels
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Cursor

    from mastermind.game.course.table import Row, Standing
    from mastermind.postgres.connection import Connection

__all__ = ["Course", "Lesson", "Member", "Missing", "Module", "Progress", "Seat", "Watched", "collect", "read", "watch"]

SOURCE, KIND = "course", "module"
"""Whose rows these are in the ledger; their source_id is "<member>:<module>"."""

DID = "course.watch"

RETIRED = "That lesson is no longer in the course. Type `/course overview` to see what there is."
CLOSED = "The module of that lesson is not open to you yet. `/course overview` says what it still takes."


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a member sits in the course: how far they are, answers they have not seen, and questions they asked."""

    progress: Progress
    new_answers: int
    questions: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What watching led to, and the seat after it.

    `lesson_id` is "" when modules were only collected, `completed` are the ids of the modules that were booked by it.
    `again`: the lesson had been watched before, so nothing changed.
    """

    lesson_id: str
    completed: tuple[str, ...]
    again: bool
    seat: Seat

    @property
    def xp(self) -> int:
        return MODULE_XP * len(self.completed)


def read(conn: Connection, member: Member, time_zone: str) -> Seat:
    """How far the member is. `time_zone` is the deployment's, for a member at first contact."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            asked = _ask(conn, member)
    return asked.seat()


def watch(conn: Connection, member: Member, interaction_id: int, lesson_id: str, time_zone: str) -> Watched:
    """Note that the member has watched a lesson; raises MemberMistake when it is not open to them or retired."""
    with decision(conn):
        stored, seat = _begin(conn, member, interaction_id, time_zone)
        if stored is not None:
            return Watched(str(stored["lesson_id"]), _ids(stored), again=False, seat=seat)
        module = seat.progress.course.module_of(lesson_id)
        if module is None:
            raise MemberMistake(RETIRED)
        if lesson_id in seat.progress.watched:
            return Watched(lesson_id, (), again=True, seat=seat)
        if not seat.progress.is_open(module):
            raise MemberMistake(CLOSED)
        seat = replace(seat, progress=replace(seat.progress, watched={*seat.progress.watched, lesson_id}))
        return _save(conn, member, interaction_id, lesson_id, seat)


def collect(conn: Connection, member: Member, interaction_id: int, time_zone: str) -> Watched:
    """Book the modules that became complete without a watched lesson: their last open one was taken from the course."""
    with decision(conn):
        stored, seat = _begin(conn, member, interaction_id, time_zone)
        if stored is not None:
            return Watched("", _ids(stored), again=False, seat=seat)
        if not seat.progress.due:
            return Watched("", (), again=True, seat=seat)
        return _save(conn, member, interaction_id, "", seat)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that make a seat, on their way."""

    rows: Cursor[Row]
    standing: Cursor[Standing]

    def seat(self) -> Seat:
        standing = only(self.standing)
        listed = course.course(self.rows)
        level = levels.level_of(standing.xp)
        progress = Progress(listed, frozenset(standing.watched), frozenset(standing.paid), level)
        return Seat(progress, standing.new_answers, standing.questions)


def _ask(conn: Connection, member: Member) -> _Asked:
    return _Asked(course.listed(conn), course.standing(conn, member.user_id))


def _begin(
    conn: Connection, member: Member, interaction_id: int, time_zone: str
) -> tuple[Mapping[str, object] | None, Seat]:
    """The first exchange: what the same interaction led to before, if it did, and the seat behind the lock."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        begin(conn)
        users.lock_own(conn, member.user_id)
        stored = interactions.find(conn, member.user_id, DID, [interaction_id])
        asked = _ask(conn, member)
    return stored.fetchone(), asked.seat()


def _save(conn: Connection, member: Member, interaction_id: int, lesson_id: str, seat: Seat) -> Watched:
    """The second exchange: the lesson, if there is one, and what is due with it, in one transaction."""
    due = seat.progress.due
    completed = tuple(module.id for module in due)
    with exchange(conn):
        if lesson_id:
            course.watch(conn, member.user_id, lesson_id)
        ledger.book(conn, member.user_id, [_booking(member, module) for module in due])
        outcome = {"lesson_id": lesson_id, "completed": list(completed)}
        interactions.store(conn, member.user_id, DID, [interaction_id], outcome)
        course_standing = course.standing(conn, member.user_id)
        commit(conn)
    standing = only(course_standing)
    progress = replace(seat.progress, paid=frozenset(standing.paid), level=levels.level_of(standing.xp))
    return Watched(lesson_id, completed, again=False, seat=replace(seat, progress=progress))


def _booking(member: Member, module: Module) -> Booking:
    details = {"module_id": module.id, "title": module.title}
    return Booking(MODULE_XP, KIND, SOURCE, f"{member.user_id}:{module.id}", details=details)


def _ids(stored: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(cast("Sequence[str]", stored["completed"]))
