"""The course: members watch lessons and get the XP of a complete module; operators seed what the course consists of.

A watched lesson is stored under its interaction, so that a repeat changes nothing and gets the same answer; a module's
XP is booked once in any case, by the ledger's key.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mastermind.errors import MemberMistake
from mastermind.game.course import table as courses
from mastermind.game.course.rules import MODULE_XP, CourseProgress, changes
from mastermind.game.course.table import CourseStanding
from mastermind.game.exchanges import changing, looking
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.rules import BookingKind, Source
from mastermind.game.ledger.table import Booking
from mastermind.game.levels import rules as levels
from mastermind.postgres.exchange import decision, exchange, only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.game.course.rules import Course, Module
    from mastermind.game.exchanges import OngoingChange
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

WATCH = "course.watch"
"""The name of the change among the stored outcomes."""

RETIRED = "That lesson is no longer in the course. Type `/course overview` to see what there is."
CLOSED = "The module of that lesson is not open to you yet. `/course overview` shows what is still needed."


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a member stands in the course: how far they are, answers they have not seen, and questions they asked."""

    progress: CourseProgress
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


def read(conn: Connection, actor: Actor) -> Seat:
    """How far the member is."""
    with looking(conn, actor):
        seat = _ask(conn, actor)
    return seat()


def watch(conn: Connection, actor: Actor, lesson_id: str) -> Watched:
    """Record that the member has watched a lesson; raises MemberMistake when it is not open to them or retired."""
    with changing(conn, actor, WATCH) as change:
        seat = _ask(conn, actor)()
        if change.stored:
            return _repeated(change.stored, seat)
        module = seat.progress.course.module_of(lesson_id)
        if module is None:
            raise MemberMistake(RETIRED)
        if lesson_id in seat.progress.watched:
            return Watched(lesson_id, (), again=True, seat=seat)
        if not seat.progress.is_open(module):
            raise MemberMistake(CLOSED)
        seat = replace(seat, progress=replace(seat.progress, watched={*seat.progress.watched, lesson_id}))
        courses.watch(conn, actor.user_id, lesson_id)
        watched = _book(conn, actor, change, lesson_id, seat)
    return watched()


def collect(conn: Connection, actor: Actor) -> Watched:
    """Book the modules that became complete without a watched lesson: their last open one was taken from the course."""
    with changing(conn, actor, WATCH) as change:
        seat = _ask(conn, actor)()
        if change.stored:
            return _repeated(change.stored, seat)
        if not seat.progress.due:
            return Watched("", (), again=True, seat=seat)
        watched = _book(conn, actor, change, "", seat)
    return watched()


def _repeated(stored: Mapping[str, Any], seat: Seat) -> Watched:
    return Watched(stored.get("lesson_id", ""), tuple(stored.get("completed", ())), again=False, seat=seat)


def _ask(conn: Connection, actor: Actor) -> Callable[[], Seat]:
    """Send the queries for a seat; what is returned reads their rows. Who was never met has nothing yet."""
    listed, found = courses.listed(conn), courses.standing(conn, actor.user_id)

    def seat() -> Seat:
        standing = found.fetchone() or CourseStanding()
        level = levels.level_of(standing.xp)
        progress = CourseProgress(courses.course(listed).ready, standing.watched, standing.paid, level)
        return Seat(progress, standing.new_answers, standing.questions)

    return seat


def _book(conn: Connection, actor: Actor, change: OngoingChange, lesson_id: str, seat: Seat) -> Callable[[], Watched]:
    """Book the modules that are due; what is returned reads how the member stands after that."""
    due = seat.progress.due
    completed = tuple(module.id for module in due)
    ledger.book(conn, actor.user_id, [_booking(actor, module) for module in due])
    change.keep({"lesson_id": lesson_id, "completed": list(completed)})
    found = courses.standing(conn, actor.user_id)

    def watched() -> Watched:
        standing = only(found)
        progress = replace(seat.progress, paid=standing.paid, level=levels.level_of(standing.xp))
        return Watched(lesson_id, completed, again=False, seat=replace(seat, progress=progress))

    return watched


def _booking(actor: Actor, module: Module) -> Booking:
    details = {"module_id": module.id, "title": module.title}
    return Booking(MODULE_XP, BookingKind.MODULE, Source.COURSE, f"{actor.user_id}:{module.id}", details=details)


# --- seeding: the database gets what the file has, by ids; what members have watched is never touched ---


def compare(conn: Connection, wanted: Course) -> tuple[str, ...]:
    """What seeding would change, a line for each module and lesson; nothing is written."""
    with exchange(conn):
        stored = courses.stored(conn)
    return changes(stored.read(), wanted)


def seed(conn: Connection, wanted: Course) -> tuple[str, ...]:
    """Make the stored course this one, and say what that has changed; the same course again changes nothing."""
    with decision(conn) as transaction:
        transaction.begin()
        courses.take_turn(conn)
        lines = changes(courses.stored(conn).read(), wanted)
        if lines:
            courses.put(conn, wanted)
            transaction.commit()
    return lines
