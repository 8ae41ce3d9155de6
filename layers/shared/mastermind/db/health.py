"""Whether the database answers, and whether it has what this code was written for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from mastermind.db.connection import Connection

# The migrations this code relies on. A set, not just the highest: an area's reserved number may come late.
NEEDED = frozenset({1, 2})

MIGRATIONS: LiteralString = "SELECT left(migration_id, 3)::int FROM schema_migrations"


@dataclass(frozen=True, slots=True)
class Health:
    """`migration` is the highest number applied; `missing` are those this code needs and the database lacks."""

    migration: int
    missing: tuple[int, ...]

    @property
    def is_good(self) -> bool:
        return not self.missing


def read(conn: Connection) -> Health:
    """One query: answered at all, it is also the proof that the database is there."""
    applied = {number for (number,) in conn.execute(MIGRATIONS)}
    return Health(max(applied, default=0), tuple(sorted(NEEDED - applied)))
