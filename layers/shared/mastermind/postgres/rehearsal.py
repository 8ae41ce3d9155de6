"""The database for rehearsals: everything is really read and written, then rolled back.

A rehearsed connection never sends COMMIT: whatever an action begins and ends happens inside one transaction that is
rolled back when the connection is closed, which it is after each piece of work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString, override

from mastermind.errors import OutcomeUnknown, Unavailable
from mastermind.postgres.connection import Connection, Cursor, as_they_are
from mastermind.postgres.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.deadline import Deadline
    from mastermind.postgres.connection import Make

BOUNDARIES = ("BEGIN", "COMMIT")
"""How the statements begin that an exchange sends around its transactions (postgres.exchange)."""


class RehearsedConnection(Connection):
    """A connection that stands in a transaction all the time; what would begin or end one is not sent."""

    @override
    def learn_clock(self) -> None:
        super().learn_clock()
        self._begin()

    @override
    def send[Row](self, query: LiteralString, named: Mapping[str, object] | None, make: Make[Row]) -> Cursor[Row]:
        if query.startswith(BOUNDARIES):
            return Cursor(self, make)
        cursor = super().send(query, named, make)
        if query == "ROLLBACK":
            self._begin()
        return cursor

    def _begin(self) -> None:
        super().send("BEGIN", None, as_they_are)


class RehearsedDatabase(Database):
    """PostgreSQL for one rehearsal after another."""

    kind = RehearsedConnection

    @override
    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        """As `Database.run`, and then nothing of it has happened."""
        try:
            return super().run(work, deadline)
        except OutcomeUnknown as unknown:
            raise Unavailable(str(unknown)) from unknown
        finally:
            self.close()
