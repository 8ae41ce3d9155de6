"""What tests share: one real PostgreSQL for the whole run, migrated by the real runner, clean for each test."""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, Protocol

import hypothesis
import psycopg
import pytest
from psycopg import sql
from xdist.scheduler import LoadFileScheduling  # pyright: ignore[reportMissingTypeStubs]

from devkit.postgres import OWNER, Postgres, temporary
from mastermind.deadline import Deadline
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.operations.migrations import runner as migrations
from tests.connections import Entered, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]

    from local.cloud import Cloud

type Connection = Entered

type Superuser = psycopg.Connection[tuple[Any, ...]]

TESTS = Path(__file__).parent
MIGRATIONS = TESTS.parent / "migrations"

# Machines are shared, so no test fails for being slow, nor for the size of its first examples, which is by chance. The
# seed is the Makefile's: a pull request's CI repeats the same examples, and a failure is the change's; the weekly run
# looks at others (.github/workflows/weekly.yml).
CHANCE = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
hypothesis.settings.register_profile(
    "mastermind", deadline=None, derandomize=False, print_blob=True, suppress_health_check=CHANCE
)
hypothesis.settings.load_profile("mastermind")

PROVE = (
    "award/test_all_at_once.py",
    "award/test_crashes.py",
    "award/test_mutations.py",
    "browser/",
    "chaos/",
    "cloud/",
    "commands/test_fuzz.py",
    "devkit/test_postgres.py",
    "gallery/",
    "local/test_deployer.py",
    "local/test_emulator.py",
    "local/test_run.py",
    "local/test_signals.py",
    "operations/test_backup.py",
    "ops/test_docs.py",
    "ops/test_restore_drill.py",
    "ops/test_restore.py",
    "ops/test_try_release.py",
    "project/test_build.py",
    "project/test_own_content.py",
    "project/test_recipe.py",
)
"""Files and folders that `make prove` runs and `make test` does not; single tests carry the mark `prove`."""

TEST = ("cloud/test_end_to_end.py", "browser/test_smoke.py")
"""What `make test` runs of these folders all the same."""

ONE_CLOUD = (
    "cloud/test_end_to_end.py",
    "browser/test_smoke.py",
    "cloud/test_ops.py",  # it begins with a cloud in which nothing is wrong
    "cloud/test_health.py",
    "cloud/test_backup.py",
    "cloud/test_faults.py",
    "cloud/test_strangers.py",
    "cloud/test_iam.py",
    "browser/test_attacks.py",
    "browser/test_play.py",
    "browser/test_accessible.py",
)
"""Files whose tests share a local cloud, in the order in which they have it."""

HEAVY = (
    *ONE_CLOUD,
    "local/test_run.py",
    "cloud/",
    "browser/",
    "chaos/",
    "commands/test_fuzz.py",
    "gallery/",
    "award/test_state_machine.py",
    "stories/test_state_machine.py",
    "project/test_build.py",
    "operations/test_backup.py",
    "stories/test_all_at_once.py",
    "postgres/test_connection.py",
)
"""The slowest first: a worker that starts one of them last would leave the other idle."""

TABLES: LiteralString = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'time_zones' AND NOT starts_with(tablename, 'schema_migrations')
    ORDER BY 1
"""

# No tick is the challenge of the day, whatever the date, unless a test says so.
NO_DAY_CHALLENGES: LiteralString = "DELETE FROM day_challenges"
# Nor is anybody told on top of an answer where to begin.
NO_OFFERS: tuple[LiteralString, ...] = (
    "ALTER TABLE users DISABLE TRIGGER offer_first_run",
    "ALTER TABLE first_runs DISABLE TRIGGER follow_first_run",
)
UNLINK: LiteralString = "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"

# What a function writes carries its deadline (docs/decisions/028-deadlines-travel.md): no test may write without.
BOUNDED: LiteralString = """
CREATE FUNCTION seeds.check_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') = 'mastermind' AND current_setting('transaction_timeout') = '0' THEN
        RAISE EXCEPTION '% is written without a deadline', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$
"""


BOUNDS: LiteralString = "FOR EACH STATEMENT EXECUTE FUNCTION seeds.check_bounds()"


@pytest.fixture(scope="session", autouse=True)
def _no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The settings of a real game, which a checkout may have, are none of the tests' business."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPS_SETTINGS", str(tmp_path_factory.mktemp("settings") / "settings.toml"))
        yield


class Enter(Protocol):
    """Connects as a role: `as_role("app_tensey")`; autocommit, closed after the test."""

    def __call__(self, role: str) -> Connection: ...


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what only `make prove` runs, and put the slowest files first."""
    for item in items:
        file = item.path.relative_to(TESTS).as_posix()
        if file.startswith(PROVE) and file not in TEST:
            item.add_marker(pytest.mark.prove)
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    file = item.path.relative_to(TESTS).as_posix()
    return next((place for place, heavy in enumerate(HEAVY) if file.startswith(heavy)), len(HEAVY))


class Files(LoadFileScheduling):
    """Deals whole files out to the workers, and those that share a cloud to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "cloud" if file.removeprefix("tests/").startswith(ONE_CLOUD) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    return Files(config, log)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local cloud that tests share; each leaves it running and whole, and plays members of its own."""
    from tests.cloud.running import cloud_running, settings

    with cloud_running(settings(tmp_path_factory.mktemp("cloud"))) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server for the whole run, as a deploy leaves it: every migration, the course, every role's password."""
    with temporary(tmp_path_factory.mktemp("postgres")) as server:
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(60))
        with closing(enter(server.owner_url)) as conn:
            courses.seed(conn, course.load())
            conn.execute(NO_DAY_CHALLENGES)
            for statement in NO_OFFERS:
                conn.execute(statement)
        server.set_role_passwords()
        yield server


@pytest.fixture(scope="session")
def _cleaning(postgres: Postgres) -> Iterator[tuple[Superuser, str]]:
    """A superuser's connection, and the SQL that takes the database back to what the migrations left."""
    with closing(postgres.as_superuser()) as conn:
        conn.execute("CREATE SCHEMA seeds")
        conn.execute(BOUNDED)
        tables = [table for (table,) in conn.execute(TABLES).fetchall()]
        for table in tables:
            conn.execute(_sql(f"CREATE TRIGGER check_bounds AFTER INSERT OR UPDATE OR DELETE ON {table} {BOUNDS}"))
        yield conn, ";".join(statement for table in tables for statement in _reset(conn, table))


def _reset(conn: Superuser, table: str) -> list[str]:
    """Empty the table; then put back what a migration had put there, of which a copy is made now."""
    empty, kept = f"DELETE FROM {table}", table.replace("public.", "seeds.")  # noqa: S608 # PostgreSQL quoted the name
    made = conn.execute(_sql(f"CREATE TABLE {kept} AS TABLE {table}")).rowcount
    return [empty, f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {kept}"] if made else [empty]


@pytest.fixture(scope="session")
def clean(_cleaning: tuple[Superuser, str]) -> Callable[[], None]:
    """Leaves just what the migrations left, for tests that start over many times."""
    conn, cleaning = _cleaning
    # As a replica: no triggers and no foreign keys, so the order of the tables does not matter.
    once = _sql(f"SET session_replication_role = replica; {cleaning}; RESET session_replication_role; {UNLINK}")

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
        yield lambda role: stack.enter_context(closing(enter(database.url(role))))


@pytest.fixture
def owner(as_role: Enter) -> Connection:
    """A connection as `mastermind_owner`."""
    return as_role(OWNER)


def _sql(text: str) -> sql.SQL:
    return sql.SQL(text)  # pyright: ignore[reportArgumentType] # made of names that PostgreSQL itself quoted
