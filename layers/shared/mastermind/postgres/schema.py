"""How far the database's migrations have come, and how far this code needs them to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import only, value

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

NEEDED = 21
"""The number of the last migration this code relies on; a test holds it against the files in migrations/."""

NUMBER: LiteralString = "SELECT coalesce(max(number), 0) AS number FROM schema_migrations"


def reached(conn: Connection) -> Cursor[int]:
    """The highest migration the database has; more than NEEDED after a rollback of the code, which is fine."""
    return value(conn, int, NUMBER)


def number(conn: Connection) -> int:
    """The same, asked for alone."""
    return only(reached(conn))
