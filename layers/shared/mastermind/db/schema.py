"""How far the database's migrations have come, and how far this code needs them to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from mastermind.db.connection import Connection

NEEDED = 17
"""The number of the last migration this code relies on; a test holds it against the files in migrations/."""

NUMBER: LiteralString = "SELECT coalesce(max(left(migration_id, 3)::int), 0) FROM schema_migrations"


def number(conn: Connection) -> int:
    """The highest migration the database has; more than NEEDED after a rollback of the code, which is fine."""
    row = conn.execute(NUMBER).fetchone()
    return row[0] if row else 0
