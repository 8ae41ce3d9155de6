"""The migration files: their names, order and checksums."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mastermind.errors import MigrationRefused

if TYPE_CHECKING:
    from pathlib import Path

NAME = re.compile(r"\d{3}_[a-z0-9_]+\.sql")
TRANSACTION_CONTROL = re.compile(
    r"^\s*(?:BEGIN|COMMIT|ROLLBACK|START)(?:\s+(?:WORK|TRANSACTION))?\s*;", re.IGNORECASE | re.MULTILINE
)


class Recorded(NamedTuple):
    """An applied migration as the database recorded it."""

    number: int
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Script:
    """One migration file. `name` has no suffix; line ends of `sql` are always a line feed."""

    name: str
    sql: str

    @property
    def record(self) -> Recorded:
        return Recorded(int(self.name[:3]), self.name, hashlib.sha256(self.sql.encode()).hexdigest())


def read(folder: Path) -> tuple[Script, ...]:
    """The migrations in `folder` by number. MigrationRefused for none, a bad name, a number used twice, a gap."""
    scripts = tuple(_read(path) for path in sorted(folder.glob("*.sql")))
    if not scripts:
        raise MigrationRefused(f"{folder}: there are no migrations; was the function built without them?")
    for number, script in enumerate(scripts, 1):
        if script.record.number != number:
            raise MigrationRefused(f"{script.name}.sql: the next number is {number:03}, without gaps")
    return scripts


def _read(path: Path) -> Script:
    if not NAME.fullmatch(path.name):
        raise MigrationRefused(f"{path.name}: a migration is named like 015_what_it_adds.sql")
    sql = path.read_text(encoding="utf-8")  # any line end becomes \n: a checkout may have changed them
    if control := TRANSACTION_CONTROL.search(sql):
        raise MigrationRefused(f"{path.name}: {control[0].strip()} would break the one transaction it runs in")
    return Script(path.stem, sql)
