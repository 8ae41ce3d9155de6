"""Applies the numbered SQL files: each once, in order, in one transaction, recorded with a checksum of its content.

yoyo-migrations keeps the book. It lacks two safeguards that are added here: one runner at a time (an advisory lock that
PostgreSQL lets go of when its holder dies; yoyo's lock is a row that stays), and a checksum (yoyo knows a migration by
its name alone). It also records a migration in a transaction of its own, so that a runner killed in between would apply
it twice; here both are one transaction.
"""

# yoyo carries no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUntypedBaseClass=false

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, LiteralString, cast, override
from uuid import uuid4

import psycopg
from psycopg import errors
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import Migration, MigrationList

from mastermind.errors import MastermindError
from mastermind.postgres.connection import connect

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.postgres.connection import BoundedConnection

log = logging.getLogger(__name__)

NAME = re.compile(r"(?P<number>\d{3})_[a-z0-9_]+\.sql")
# Each of the 14 areas has its first number; an area without features has no file yet.
RESERVED = range(1, 15)
TRANSACTION_CONTROL = re.compile(
    r"^\s*(?:BEGIN|COMMIT|ROLLBACK|START)(?:\s+(?:WORK|TRANSACTION))?\s*;", re.IGNORECASE | re.MULTILINE
)

RUNNER_LOCK = 4_207_051_301  # one runner at a time; any number that nothing else in this database uses
WORK_LOCK = 4_207_051_302  # one migration at a time, even when a killed runner's last statement still works
LOCK_TIMEOUT = "3s"  # a migration gives way to the game, not the game to a migration

LOCK: LiteralString = "SELECT pg_advisory_lock(%(key)s)"
LOCK_FOR_TRANSACTION: LiteralString = "SELECT pg_advisory_xact_lock(%(key)s)"
SET: LiteralString = "SELECT set_config(%(name)s, %(value)s, %(local)s)"
ADD_CHECKSUM: LiteralString = "ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS checksum text"
RECORDED: LiteralString = "SELECT migration_id, checksum FROM schema_migrations"
RECORD_CHECKSUM: LiteralString = "UPDATE schema_migrations SET checksum = %(checksum)s WHERE migration_id = %(name)s"
LIMITS_KNOWN: LiteralString = "SELECT to_regprocedure('set_connection_limits()') IS NOT NULL"
SET_LIMITS: LiteralString = "SELECT set_connection_limits()"


class MigrationRefused(MastermindError):
    """The files contradict each other or the database; nothing was applied. The message names the file."""


class MigrationFailed(MastermindError):
    """PostgreSQL refused a migration; those before it are applied, it and those after it are not."""


class MigrationsBusy(MastermindError):
    """Another runner was still at work when the time was up."""


@dataclass(frozen=True, slots=True)
class Script:
    """One migration file. `name` has no suffix; `checksum` is the SHA-256 of its text with any line ends."""

    number: int
    name: str
    path: Path
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did: the names it applied, and the highest number the database has now."""

    names: tuple[str, ...]
    migration: int


def apply(settings: DatabaseSettings, folder: Path, deadline: Deadline) -> Applied:
    """Bring the database up to the files in `folder`, and its connection limits up to its size.

    A database that is newer than the files is left as it is: that is a rollback of the code, and no failure. Raises
    MigrationRefused, MigrationFailed, MigrationsBusy, or psycopg.OperationalError when the database cannot be reached.
    """
    scripts = read(folder)
    with closing(_open(settings, deadline)) as guard:
        _take_turn(guard)
        with closing(_open(settings, deadline)) as conn:
            names = _apply_pending(_Book(conn), scripts, guard)
            _set_connection_limits(conn)
            return Applied(names, max((_number(name) for name in recorded(conn)), default=0))


def report(settings: DatabaseSettings, folder: Path, deadline: Deadline) -> dict[str, object]:
    """`apply` as the answer of a function: {"migration": 2, "applied": [...]}, or {"failure": "..."} for a person."""
    try:
        done = apply(settings, folder, deadline)
    except MastermindError as error:
        log.exception("the migrations were not applied")
        return {"failure": str(error)}
    except (psycopg.OperationalError, OSError) as error:
        log.exception("the database could not be migrated")
        return {"failure": f"The database could not be migrated: {error}"}
    log.info("migrated", extra={"applied": done.names, "migration": done.migration})
    return {"migration": done.migration, "applied": list(done.names)}


def read(folder: Path) -> tuple[Script, ...]:
    """The migrations in `folder` by number. MigrationRefused for none, a bad name, a number used twice, a gap."""
    scripts = sorted((_read(path) for path in folder.glob("*.sql")), key=lambda script: (script.number, script.name))
    if not scripts:
        raise MigrationRefused(f"{folder}: there are no migrations; was the function built without them?")
    for script, following in pairwise(scripts):
        if script.number == following.number:
            raise MigrationRefused(f"{following.path.name}: {script.path.name} has the same number")
    numbers = {script.number for script in scripts}
    for script in scripts:
        if script.number - 1 not in numbers and script.number - 1 not in {0, *RESERVED}:
            raise MigrationRefused(f"{script.path.name}: there is no migration {script.number - 1:03} before it")
    return tuple(scripts)


def recorded(conn: psycopg.Connection[tuple[Any, ...]]) -> dict[str, str | None]:
    """The names of the applied migrations and the checksums they had."""
    return dict(cast("list[tuple[str, str | None]]", conn.execute(RECORDED).fetchall()))


def _read(path: Path) -> Script:
    if not NAME.fullmatch(path.name):
        raise MigrationRefused(f"{path.name}: a migration is named like 015_what_it_brings.sql")
    sql = path.read_text(encoding="utf-8")  # any line end becomes \n: a checkout may have changed them
    if control := TRANSACTION_CONTROL.search(sql):
        raise MigrationRefused(f"{path.name}: {control[0].strip()} would break the one transaction it runs in")
    return Script(_number(path.name), path.stem, path, sql)


def _number(name: str) -> int:
    return int(name[:3])


def _open(settings: DatabaseSettings, deadline: Deadline) -> BoundedConnection:
    """A connection that PostgreSQL gives up soon after we are gone, even in the middle of a statement."""
    options = f"-c lock_timeout={LOCK_TIMEOUT} -c client_connection_check_interval=500"
    return connect(settings, settings.password or "", deadline, application_name="migrate", options=options)


def _take_turn(guard: BoundedConnection) -> None:
    """Wait until no other runner is at work. The lock is this connection's own and ends with it, however we end."""
    _wait_for_locks(guard, local=False)
    try:
        guard.execute(LOCK, {"key": RUNNER_LOCK})
    except errors.LockNotAvailable as error:
        raise MigrationsBusy("another migration runner is at work") from error


def _wait_for_locks(conn: BoundedConnection, *, local: bool) -> None:
    """Let lock requests wait until a little before the deadline, so that PostgreSQL says why we waited."""
    wait = max(1, int((conn.deadline.remaining() - 0.5) * 1000))
    conn.execute(SET, {"name": "lock_timeout", "value": f"{wait}ms", "local": local})


def _apply_pending(book: _Book, scripts: tuple[Script, ...], guard: BoundedConnection) -> tuple[str, ...]:
    book.open()
    _refuse_contradictions(scripts, recorded(book.conn))
    pending = [cast("_Numbered", one) for one in book.to_apply(MigrationList(_Numbered(script) for script in scripts))]
    for one in pending:
        guard.execute("SELECT 1")  # still our turn
        book.apply_script(one)
    return tuple(one.script.name for one in pending)


def _refuse_contradictions(scripts: tuple[Script, ...], done: dict[str, str | None]) -> None:
    """A released file never changes, neither its words nor its name: the databases that have it would not notice."""
    by_number = {_number(name): name for name in done}
    for script in scripts:
        name = by_number.get(script.number, script.name)
        if name != script.name:
            raise MigrationRefused(f"{script.path.name}: number {script.number:03} was applied as {name}.sql")
        if name in done and done[name] != script.checksum:
            raise MigrationRefused(f"{script.path.name}: it was edited after it was applied; write a new migration")


def _set_connection_limits(conn: BoundedConnection) -> None:
    """The limits of the roles follow `max_connections`, which changes with the size of the instance."""
    if conn.execute(LIMITS_KNOWN).fetchone() == (True,):
        conn.execute(SET_LIMITS)


class _Numbered(Migration):
    """A script as yoyo sees it: nothing to depend on, and one step, because PostgreSQL itself splits SQL best."""

    def __init__(self, script: Script) -> None:
        super().__init__(script.name, str(script.path), str(script.path.parent))
        self.script = script

    @override
    def load(self) -> None:
        self.steps, self._depends = [], set()


class _Book(PostgresqlPsycopgBackend):
    """yoyo's book of what was applied, kept on our own connection in the table `schema_migrations`."""

    log_table = "schema_migrations_log"
    version_table = "schema_migrations_version"

    def __init__(self, conn: BoundedConnection) -> None:
        """Not through yoyo's own, which connects without a deadline; what else it sets up is for other databases."""
        self.DatabaseError = psycopg.DatabaseError
        self.migration_table = "schema_migrations"
        self.uri = DatabaseURI("postgresql+psycopg", None, None, None, None, conn.info.dbname, {})
        self._connection = self.conn = conn

    def open(self) -> None:
        """Make the book's tables if this is the first run."""
        self.ensure_internal_schema_updated()
        self.conn.execute(ADD_CHECKSUM)

    @override
    @contextmanager
    def lock(self, timeout: float = 0) -> Generator[None]:
        """Ours is held already."""
        yield

    @override
    def get_log_data(self, migration: Migration | None = None, operation: str = "apply") -> dict[str, object]:
        """Unlike yoyo's own, this does not ask the system for names that a Lambda function does not have."""
        return {
            "id": str(uuid4()),
            "migration_id": migration.id if migration else None,
            "migration_hash": migration.hash if migration else None,
            "username": self.conn.info.user,
            "hostname": self.conn.info.host,
            "created_at_utc": datetime.now(UTC).replace(tzinfo=None),
            "operation": operation,
        }

    def apply_script(self, one: _Numbered) -> None:
        """The script, its entry and its checksum, in one transaction."""
        script = one.script
        try:
            with self.conn.transaction():
                self._prepare()
                self.conn.execute(cast("LiteralString", script.sql))
                self.log_migration(one, "apply")
                self.mark_one(one, log=False)
                self.conn.execute(RECORD_CHECKSUM, {"checksum": script.checksum, "name": script.name})
        except psycopg.Error as error:
            raise MigrationFailed(f"{script.path.name}: {error}") from error

    def _prepare(self) -> None:
        """Wait for the last statement of a killed runner; then let nothing wait or work for long."""
        _wait_for_locks(self.conn, local=True)
        self.conn.execute(LOCK_FOR_TRANSACTION, {"key": WORK_LOCK})
        left = f"{max(1, int(self.conn.deadline.remaining() * 1000))}ms"
        for name, value in (("lock_timeout", LOCK_TIMEOUT), ("statement_timeout", left), ("transaction_timeout", left)):
            self.conn.execute(SET, {"name": name, "value": value, "local": True})
