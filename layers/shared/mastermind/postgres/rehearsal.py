"""The database for rehearsals: everything is really asked and written, and nothing of it stays.

A rehearsed connection never sends COMMIT: whatever an action begins and ends happens inside one transaction that is
rolled back when the connection is closed, which it is after each piece of work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, override

import psycopg

from mastermind.errors import OutcomeUnknown, Unavailable
from mastermind.postgres.bounded import BoundedConnection
from mastermind.postgres.connection import Database

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Cursor
    from psycopg.abc import Params

    from mastermind.deadline import Deadline
    from mastermind.postgres.connection import Connection

BOUNDARIES = ("BEGIN", "COMMIT")
"""How the statements begin that an exchange sends around its transactions (postgres.exchange)."""


class RehearsedConnection(BoundedConnection):
    """A connection without autocommit, deaf to what would begin or end a transaction."""

    @override
    def execute(self, query: Any, params: Params | None = None, **options: bool | None) -> Cursor[tuple[Any, ...]]:  # pyright: ignore[reportIncompatibleMethodOverride] # psycopg's has an overload for templates of Python 3.14
        if isinstance(query, str) and query.startswith(BOUNDARIES):
            return self.cursor()
        return super().execute(cast("Any", query), params, **cast("Any", options))

    @override
    def commit(self) -> None:
        raise psycopg.ProgrammingError("a rehearsal commits nothing")


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

    @override
    def _open(self, deadline: Deadline) -> BoundedConnection:
        connection = super()._open(deadline)
        connection.autocommit = False
        return connection
