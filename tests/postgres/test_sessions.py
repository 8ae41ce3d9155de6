"""Errors that belong to the session: it is replaced, and as soon as the database is well the next call works."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest
from psycopg import errors

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.postgres.database import Database
from tests.actors import by
from tests.connections import refused

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from devkit.postgres import Postgres
    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection, Superuser

ANN = Member(1, "Ann")

EVERYBODY: LiteralString = "ALTER SYSTEM"
"""Open sessions too, as when an operator freezes the database."""
NEW_SESSIONS: LiteralString = "ALTER DATABASE mastermind"
"""As in the first half of a blue/green switch."""


@pytest.fixture
def tensey(database: Postgres) -> Iterator[Database]:
    """A function's warm way into the database."""
    with closing(Database(database.settings("app_tensey"))) as tensey:
        tick(tensey, 1)
        yield tensey


def tick(database: Database, number: int) -> challenges.Ticked:
    actor = by(ANN, number)
    return database.run(lambda conn: challenges.tick(conn, actor, f"challenge {number}", delay=60), Deadline.after(60))


def backend(database: Database) -> int:
    return database.run(lambda conn: conn.pgconn.backend_pid, Deadline.after(60))


@contextmanager
def read_only(database: Postgres, where: LiteralString) -> Generator[None]:
    """The server takes no changes for a while; then it does again, without a notice."""
    with closing(database.as_superuser()) as conn:
        try:
            _set(conn, where + " SET default_transaction_read_only = on", database, "on")
            yield
        finally:
            _set(conn, where + " RESET default_transaction_read_only", database, "off")


def _set(conn: Superuser, statement: LiteralString, database: Postgres, expected: str) -> None:
    conn.execute(statement)
    conn.execute("SELECT pg_reload_conf()")
    shown = None
    while shown != (expected,):
        with psycopg.connect(database.url("app_main")) as look:
            shown = look.execute("SHOW default_transaction_read_only").fetchone()


@pytest.mark.parametrize("where", [EVERYBODY, NEW_SESSIONS])
def test_when_the_database_takes_changes_again_a_warm_function_works_at_once(
    database: Postgres, tensey: Database, where: LiteralString
):
    with read_only(database, where):
        if where == NEW_SESSIONS:
            tick(tensey, 2)  # the session that is open already goes on
            tensey.close()
        for number in (3, 4):
            with pytest.raises(Unavailable):
                tick(tensey, number)
    assert tick(tensey, 4).fresh


def test_a_session_that_alone_is_read_only_is_replaced_before_anybody_notices(tensey: Database):
    """It was opened before the failover, on what is a standby now."""
    before = backend(tensey)
    tensey.run(lambda conn: conn.execute("SET default_transaction_read_only = on"), Deadline.after(60))
    assert backend(tensey) == before
    assert tick(tensey, 2).fresh
    assert backend(tensey) != before


def test_a_session_whose_plans_are_older_than_the_tables_is_replaced(tensey: Database, owner: Connection):
    """A migration runs while functions serve."""
    owner.run_script("CREATE TABLE plan (a int); GRANT SELECT ON plan TO app_tensey")
    try:
        tensey.run(lambda conn: conn.execute("PREPARE planned AS SELECT * FROM plan"), Deadline.after(60))
        owner.execute("ALTER TABLE plan ADD b int")
        sessions: list[int] = []

        def work(conn: Entered) -> None:
            sessions.append(conn.pgconn.backend_pid)
            if len(set(sessions)) > 1:
                conn.execute("PREPARE planned AS SELECT * FROM plan")
            conn.execute("EXECUTE planned")

        tensey.run(work, Deadline.after(60))
        assert len(sessions) == 2
    finally:
        owner.execute("DROP TABLE plan")


def test_what_is_not_supported_on_a_new_session_either_is_a_bug(tensey: Database):
    with refused(errors.FeatureNotSupported):
        tensey.run(lambda conn: conn.execute("SELECT count(*) FROM users FOR UPDATE"), Deadline.after(60))
