"""Applies the numbered SQL files in order: each once, in one transaction, recorded with a checksum of its content."""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.errors import MigrationError, MigrationFailed, MigrationRefused, MigrationsBusy
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue import table as stat_table
from mastermind.game.challenges import content as challenges
from mastermind.game.settings import content as time_zones
from mastermind.game.settings import table as zone_table
from mastermind.game.today import table as today_table
from mastermind.game.today.rules import pools
from mastermind.operations.migrations.scripts import Recorded, read
from mastermind.postgres import schema, sqlstates
from mastermind.postgres.connecting import connect
from mastermind.postgres.errors import DatabaseError, LockNotAvailable
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.operations.migrations.scripts import Script
    from mastermind.postgres.connection import Connection

log = logging.getLogger(__name__)

LOCK_TIMEOUT = "3s"  # a migration gives way to the game, not the game to a migration
SPARE = 0.5  # seconds before its deadline at which a runner no longer waits for another

CREATE_RECORD: LiteralString = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""
# No role of the functions may take this lock, and it does not block /health, which reads the table.
LOCK: LiteralString = "LOCK TABLE schema_migrations IN EXCLUSIVE MODE"
RECORDED: LiteralString = "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
RECORD: LiteralString = """
INSERT INTO schema_migrations (number, name, checksum) VALUES (%(number)s, %(name)s, %(checksum)s)
"""
SET: LiteralString = "SELECT set_config(%(name)s, %(value)s, true)"
HAS_ROLES: LiteralString = "SELECT to_regprocedure('set_up_roles()') IS NOT NULL AS has_roles"
SET_UP_ROLES: LiteralString = "SELECT set_up_roles()"
LACK_TOKENS: LiteralString = """
SELECT count(*) > 0 AS lack_tokens FROM pg_roles AS app JOIN pg_roles AS rds ON rds.rolname = 'rds_iam'
WHERE app.rolname IN ('app_main', 'app_tensey', 'app_award', 'app_outbox')
    AND NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = rds.oid AND member = app.oid)
"""
GRANT_TOKENS: LiteralString = "GRANT rds_iam TO app_main, app_tensey, app_award, app_outbox"
REVOKE_TOKENS: LiteralString = "REVOKE rds_iam FROM app_main, app_tensey, app_award, app_outbox"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did: the names it applied, and the highest number the database has now."""

    names: tuple[str, ...]
    migration: int


def apply(settings: DatabaseSettings, folder: Path, deadline: Deadline) -> Applied:
    """Bring the database up to the files in `folder`, its roles to their settings and its size, and more.

    Its time zones, private stats and challenges of the day become ours. On RDS it also lets the roles of the functions
    log in with IAM tokens.

    A database that is newer than the files is left as it is: the code was rolled back, which is no failure. Raises
    MigrationRefused, MigrationFailed, MigrationsBusy, or DatabaseError when the database cannot be reached.
    """
    scripts = read(folder)
    # PostgreSQL ends this session soon after we are killed, even in the middle of a statement.
    options = f"-c lock_timeout={LOCK_TIMEOUT} -c client_connection_check_interval=500"
    password = settings.password or ""
    with closing(connect(settings, password, deadline, application_name="migrate", options=options)) as conn:
        _create_record(conn)
        with _turn(conn):
            _refuse_contradictions(scripts, recorded(conn))
        names = tuple(script.name for script in scripts if _apply(conn, script))
        with _turn(conn):
            _set_up_roles(conn)
            _bring_zones_up_to_date(conn)
            _bring_private_stats_up_to_date(conn)
            _bring_day_challenges_up_to_date(conn)
        _allow_tokens(conn, settings, deadline)
        return Applied(names, schema.number(conn))


def report(settings: DatabaseSettings, folder: Path, deadline: Deadline) -> dict[str, object]:
    """`apply` as the answer of a function: {"migration": 2, "applied": [...]}, or {"failure": "..."} to be read."""
    try:
        done = apply(settings, folder, deadline)
    except MigrationError as error:
        log.exception("the migrations were not applied")
        return {"failure": str(error)}
    except (DatabaseError, OSError) as error:
        log.exception("the database could not be migrated")
        return {"failure": f"The database could not be migrated: {error}"}
    log.info("migrated", extra={"applied": done.names, "migration": done.migration})
    return {"migration": done.migration, "applied": list(done.names)}


def recorded(conn: Connection) -> list[Recorded]:
    """The applied migrations by number."""
    return rows(conn, Recorded, RECORDED).fetchall()


def _create_record(conn: Connection) -> None:
    # Another runner may create it at the same moment; at which step PostgreSQL notices decides the error.
    try:
        conn.execute(CREATE_RECORD)
    except DatabaseError as error:
        if error.sqlstate not in sqlstates.DUPLICATES:
            raise


@contextmanager
def _turn(conn: Connection) -> Generator[None]:
    """One transaction that no other runner's can overlap. It waits for theirs until a little before the deadline."""
    with conn.transaction():
        _set(conn, lock_timeout=f"{max(1, int((conn.deadline.remaining() - SPARE) * 1000))}ms")
        try:
            conn.execute(LOCK)
        except LockNotAvailable as error:
            raise MigrationsBusy("another migration runner is at work") from error
        left = f"{max(1, int(conn.deadline.remaining() * 1000))}ms"
        _set(conn, lock_timeout=LOCK_TIMEOUT, statement_timeout=left, transaction_timeout=left)
        yield


def _set(conn: Connection, **values: str) -> None:
    for name, setting in values.items():
        conn.execute(SET, {"name": name, "value": setting})


def _refuse_contradictions(scripts: tuple[Script, ...], done: list[Recorded]) -> None:
    """A released file never changes, neither its text nor its name: databases that have it would not notice."""
    for script, applied in zip(scripts, done, strict=False):
        if script.name != applied.name:
            raise MigrationRefused(f"{script.name}.sql: number {applied.number:03} was applied as {applied.name}.sql")
        if script.record != applied:
            raise MigrationRefused(f"{script.name}.sql: it was edited after it was applied; write a new migration")


def _apply(conn: Connection, script: Script) -> bool:
    """Apply the script and record it; False when it was applied before."""
    try:
        with _turn(conn):
            if script.record in recorded(conn):
                return False
            conn.run_script(script.sql)
            conn.execute(RECORD, script.record._asdict())
    except DatabaseError as error:
        raise MigrationFailed(f"{script.name}.sql: {error}") from error
    return True


def _bring_zones_up_to_date(conn: Connection) -> None:
    """Store the time zones that the code ships, unless the database has a later release: the code was rolled back."""
    if zone_table.has_zones(conn) and zone_table.release(conn) < time_zones.RELEASE:
        zone_table.put_zones(conn, time_zones.RELEASE, time_zones.clocks())


def _bring_private_stats_up_to_date(conn: Connection) -> None:
    """Store which stats are private in the code that is deployed, also when it was rolled back."""
    if stat_table.has_private(conn):
        stat_table.put_private(conn, stats.load())


def _bring_day_challenges_up_to_date(conn: Connection) -> None:
    """Store which challenges a day chooses from in the code that is deployed, also when it was rolled back."""
    if today_table.has_pools(conn):
        today_table.put_pools(conn, pools(challenges.load()))


def _set_up_roles(conn: Connection) -> None:
    """Their limits follow `max_connections`, which changes with the size of the instance; their settings are ours."""
    if value(conn, bool, HAS_ROLES).fetchone():
        conn.execute(SET_UP_ROLES)


def _allow_tokens(conn: Connection, settings: DatabaseSettings, deadline: Deadline) -> None:
    """On RDS, let the roles of the functions log in with IAM tokens, and verify that the owner can still log in.

    Members of rds_iam log in with a token only. PostgreSQL makes the creator of a role a member of it, so the owner
    becomes a member of rds_iam through the roles: in plain PostgreSQL, with RDS's order of pg_hba.conf, that would lock
    the owner out for good. This session is still open then, and takes the grant back.
    """
    if not value(conn, bool, LACK_TOKENS).fetchone():
        return
    conn.execute(GRANT_TOKENS)
    try:
        connect(settings, settings.password or "", deadline, application_name="migrate").close()
    except (DatabaseError, OSError) as error:
        conn.execute(REVOKE_TOKENS)
        raise MigrationFailed(
            f"With IAM tokens for the functions the database's owner could no longer log in: {error}. So rds_iam was"
            " revoked from them again, and they cannot log in. Deploy again; if it stays so, report it with this text"
        ) from error
