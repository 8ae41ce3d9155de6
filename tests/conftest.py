"""What tests share: one real PostgreSQL for the whole run, migrated by the real runner, clean for each test."""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, Protocol

import hypothesis
import psycopg
import pytest
from psycopg import sql

from devkit.postgres import OWNER, Postgres, temporary
from mastermind.deadline import Deadline
from mastermind.game.course import content as course
from mastermind.game.course import seeding
from mastermind.operations.migrations import runner as migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

type Connection = psycopg.Connection[tuple[Any, ...]]

TESTS = Path(__file__).parent
MIGRATIONS = TESTS.parent / "migrations"

hypothesis.settings.register_profile("untimed", deadline=None)  # machines are shared: no test fails for being slow
hypothesis.settings.load_profile("untimed")

# Much work in one file, the longest first: `make tests` deals whole files to two workers, and whoever were dealt the
# longest one last would let the other wait.
HEAVY = (
    "local/test_run.py",
    "cloud/test_alerts.py",
    "cloud/test_end_to_end.py",
    "browser/test_play.py",
    "chaos/test_chaos.py",
    "cloud/test_sam_deploy.py",
    "cloud/test_ops_deploy.py",
    "cloud/test_ops.py",
    "cloud/test_health.py",
    "cloud/test_rollback.py",
    "cloud/test_ops.py",
    "cloud/test_ops_deploy.py",
    "cloud/test_backup.py",
    "operations/test_backup.py",
    "browser/test_accessible.py",
    "browser/test_gallery.py",
    "project/test_build.py",
    "gallery/test_gallery.py",
    "award/test_state_machine.py",
    "stories/test_state_machine.py",
    "postgres/test_connection.py",
)

TABLES: LiteralString = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND NOT starts_with(tablename, 'schema_migrations') ORDER BY 1
"""


class Enter(Protocol):
    """Connects as a role: `as_role("app_tensey")`; autocommit, closed after the test."""

    def __call__(self, role: str) -> Connection: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The heavy files first, all others in their usual order."""
    weights = {str(TESTS / file): place for place, file in enumerate(HEAVY)}
    items.sort(key=lambda item: weights.get(str(item.path), len(HEAVY)))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server for the whole run, as a deploy leaves it: every migration, the course, every role's password."""
    with temporary(tmp_path_factory.mktemp("postgres")) as server:
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(60))
        with closing(psycopg.connect(server.owner_url, autocommit=True)) as conn:
            seeding.seed(conn, course.load())
        server.set_role_passwords()
        yield server


@pytest.fixture(scope="session")
def _cleaning(postgres: Postgres) -> Iterator[tuple[Connection, str]]:
    """A superuser's connection, and the SQL that takes the database back to what the migrations left."""
    with closing(postgres.as_superuser()) as conn:
        conn.execute("CREATE SCHEMA seeds")
        tables = [table for (table,) in conn.execute(TABLES).fetchall()]
        yield conn, ";".join(statement for table in tables for statement in _reset(conn, table))


def _reset(conn: Connection, table: str) -> list[str]:
    """Empty the table; then put back what a migration had put there, of which a copy is made now."""
    empty, kept = f"DELETE FROM {table}", table.replace("public.", "seeds.")  # noqa: S608 # PostgreSQL quoted the name
    made = conn.execute(_sql(f"CREATE TABLE {kept} AS TABLE {table}")).rowcount
    return [empty, f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {kept}"] if made else [empty]


@pytest.fixture(scope="session")
def clean(_cleaning: tuple[Connection, str]) -> Callable[[], None]:
    """Leaves just what the migrations left, for tests that begin anew many times."""
    conn, cleaning = _cleaning
    # As a replica: no triggers and no foreign keys, so the order of the tables does not matter.
    once = _sql(f"SET session_replication_role = replica; {cleaning}; RESET session_replication_role")

    def clean() -> None:
        for _ in range(5):  # what an earlier test has left to its fate may still be writing
            with suppress(psycopg.errors.DeadlockDetected):
                conn.execute(once)
                return
        conn.execute(once)

    return clean


@pytest.fixture
def database(postgres: Postgres, clean: Callable[[], None]) -> Postgres:
    """The server, with just what the migrations left in it."""
    clean()
    return postgres


@pytest.fixture
def as_role(database: Postgres) -> Iterator[Enter]:
    """Connections as the roles of production."""
    with ExitStack() as stack:
        yield lambda role: stack.enter_context(closing(psycopg.connect(database.url(role), autocommit=True)))


@pytest.fixture
def owner(as_role: Enter) -> Connection:
    """A connection as `mastermind_owner`."""
    return as_role(OWNER)


def _sql(text: str) -> sql.SQL:
    return sql.SQL(text)  # pyright: ignore[reportArgumentType] # made of names that PostgreSQL itself quoted
