"""Seeding the course: the database gets what the file has, by ids; what members have watched is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.course import table as course
from mastermind.game.course.rules import changes
from mastermind.postgres.exchange import begin, commit, decision, exchange

if TYPE_CHECKING:
    from mastermind.game.course.rules import Course
    from mastermind.postgres.connection import Connection


def compare(conn: Connection, wanted: Course) -> tuple[str, ...]:
    """What seeding would change, a line for each module and lesson; nothing is written."""
    with exchange(conn):
        stored = course.stored(conn)
    return changes(stored.read(), wanted)


def seed(conn: Connection, wanted: Course) -> tuple[str, ...]:
    """Make the stored course this one, and say what that has changed; the same course again changes nothing."""
    with decision(conn):
        with exchange(conn):
            begin(conn)
            course.take_turn(conn)
            stored = course.stored(conn)
        lines = changes(stored.read(), wanted)
        if lines:
            with exchange(conn):
                course.put(conn, wanted)
                commit(conn)
    return lines
