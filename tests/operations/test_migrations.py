from __future__ import annotations

import multiprocessing
import shutil
import signal
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import errors, sql

from devkit.postgres import OWNER, Postgres
from mastermind.deadline import Deadline
from mastermind.errors import MigrationFailed, MigrationRefused, MigrationsBusy
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres import schema
from mastermind.postgres.errors import DatabaseError
from tests.conftest import MIGRATIONS
from tests.connections import enter, refused
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mastermind.config import DatabaseSettings
    from tests.conftest import Connection, Enter, Superuser


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[DatabaseSettings]:
    """A database of its own on the shared server, with nothing in it."""
    settings = postgres.settings(OWNER)
    with closing(postgres.as_superuser("postgres")) as conn:
        conn.execute(sql.SQL("CREATE DATABASE fresh OWNER {}").format(sql.Identifier(OWNER)))
        yield type(settings)(
            settings.host, settings.port, "fresh", settings.user, settings.password, settings.sslmode, None
        )
        conn.execute("DROP DATABASE fresh WITH (FORCE)")


@pytest.fixture
def look(postgres: Postgres, empty: DatabaseSettings) -> Iterator[Connection]:
    """Looks into the database that is being migrated."""
    with closing(enter(postgres.url(OWNER, empty.name))) as conn:
        yield conn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "001_first.sql", "CREATE TABLE first (id int)")
    write(tmp_path, "002_second.sql", "CREATE TABLE second (id int)")
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text + ";\n")
    return path


def soon() -> Deadline:
    return Deadline.after(120)


def tables(conn: Connection) -> set[str]:
    found = conn.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    return {name for (name,) in found if not name.startswith("schema_migrations")}


# --- log-in by token, as on RDS ---

BOSS = "rds_master"


@pytest.fixture
def master(postgres: Postgres, empty: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """A master who may grant rds_iam, and is a member of the roles of the functions, as their creator is."""
    with closing(postgres.as_superuser("postgres")) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD 'boss'").format(sql.Identifier(BOSS)))
        conn.execute(sql.SQL("CREATE ROLE rds_iam; GRANT app_main TO {}").format(sql.Identifier(BOSS)))
        yield replace(empty, user=BOSS, password="boss")
        conn.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(empty.name), sql.Identifier(OWNER)))
        with closing(postgres.as_superuser(empty.name)) as there:
            there.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(BOSS)))
        conn.execute(sql.SQL("DROP ROLE rds_iam; DROP ROLE {}").format(sql.Identifier(BOSS)))


@contextmanager
def tokens_only(postgres: Postgres) -> Generator[None]:
    """As on RDS, whose pg_hba.conf begins with a line by which members of rds_iam log in with tokens only."""
    with closing(postgres.as_superuser("postgres")) as conn:
        ((file,),) = conn.execute("SHOW hba_file")
        before = Path(file).read_text()
        try:
            Path(file).write_text(f"host all +rds_iam all reject\n{before}")
            reload(conn, postgres)
            yield
        finally:
            Path(file).write_text(before)
            reload(conn, postgres)


def reload(conn: Superuser, postgres: Postgres) -> None:
    ((before, _),) = conn.execute("SELECT clock_timestamp(), pg_reload_conf()")
    while True:
        with closing(postgres.as_superuser("postgres")) as fresh:
            ((is_loaded,),) = fresh.execute("SELECT pg_conf_load_time() > %s", [before])
        if is_loaded:
            return
        time.sleep(0.01)


def test_tokens_for_the_functions_never_lock_the_owner_out(master: DatabaseSettings, postgres: Postgres) -> None:
    with tokens_only(postgres):
        for _ in range(2):
            with pytest.raises(MigrationFailed, match=r"owner could no longer log in: (?s:.*)So rds_iam was revoked"):
                migrations.apply(master, MIGRATIONS, soon())
    assert migrations.apply(master, MIGRATIONS, soon()).migration == schema.NEEDED


# --- what we ship ---


def test_the_migrations_we_ship_bring_what_the_code_needs(empty: DatabaseSettings) -> None:
    assert migrations.apply(empty, MIGRATIONS, soon()).migration == schema.NEEDED


def test_every_migration_we_ship_begins_with_why() -> None:
    assert all(script.sql.startswith("-- Why: ") for script in migrations.read(MIGRATIONS))


def test_the_connection_limits_of_the_roles_follow_the_size_of_the_server(
    postgres: Postgres, owner: Connection
) -> None:
    owner.execute("ALTER ROLE app_main CONNECTION LIMIT 1")
    migrations.apply(postgres.settings(OWNER), MIGRATIONS, soon())
    limits = owner.execute(
        "SELECT sum(rolconnlimit), min(rolconnlimit) FROM pg_roles WHERE starts_with(rolname, 'app_')"
    )
    (most,) = owner.execute("SELECT current_setting('max_connections')::int").fetchone() or (0,)
    total, least = limits.fetchone() or (0, 0)
    assert total <= most * 0.7
    assert least > 1


# --- once, in order, whole ---


SETTINGS = """
SELECT setrole::regrole::text || ' ' || coalesce(datname, 'everywhere') AS place, setconfig
FROM pg_db_role_setting LEFT JOIN pg_database ON pg_database.oid = setdatabase
WHERE starts_with(setrole::regrole::text, 'app_')
ORDER BY 1
"""


LEFT_BEHIND = """
ALTER ROLE CURRENT_USER SET statement_timeout = '1ms';
ALTER ROLE CURRENT_USER SET search_path = pg_temp;
ALTER ROLE CURRENT_USER RESET lock_timeout;
DO $$ BEGIN
    EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET default_transaction_read_only = on', current_database());
END $$;
"""


@pytest.mark.parametrize("role", ["app_main", "app_tensey", "app_award", "app_outbox"])
def test_whatever_a_role_changed_of_its_own_settings_is_gone_with_the_next_deploy(
    postgres: Postgres, owner: Connection, as_role: Enter, role: str
) -> None:
    before = owner.execute(SETTINGS).fetchall()
    try:
        as_role(role).run_script(LEFT_BEHIND)
        assert len(owner.execute(SETTINGS).fetchall()) == len(before) + 1
    finally:
        migrations.apply(postgres.settings(OWNER), MIGRATIONS, soon())
    assert owner.execute(SETTINGS).fetchall() == before


def test_migrations_are_applied_once_and_in_order(empty: DatabaseSettings, folder: Path, look: Connection) -> None:
    write(folder, "003_third.sql", "ALTER TABLE first RENAME TO third")

    assert migrations.apply(empty, folder, soon()).names == ("001_first", "002_second", "003_third")
    assert migrations.apply(empty, folder, soon()) == migrations.Applied((), 3)
    assert tables(look) == {"second", "third"}


def test_a_migration_that_fails_leaves_nothing_of_itself_and_keeps_those_before_it(
    empty: DatabaseSettings, folder: Path, look: Connection
) -> None:
    broken = write(folder, "002_second.sql", "CREATE TABLE second (id int); SELECT 1 / 0")
    with pytest.raises(MigrationFailed, match=r"002_second\.sql: division by zero"):
        migrations.apply(empty, folder, soon())
    assert tables(look) == {"first"}

    broken.write_text("CREATE TABLE second (id int);")
    assert migrations.apply(empty, folder, soon()).names == ("002_second",)


def test_a_migration_may_hold_functions_and_percent_signs(
    empty: DatabaseSettings, folder: Path, look: Connection
) -> None:
    body = (
        "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN format('%s;', 'BEGIN; x');\nEND;\n$$"
    )
    write(folder, "003_function.sql", body + "; SELECT f()")
    migrations.apply(empty, folder, soon())
    assert look.execute("SELECT f()").fetchone() == ("BEGIN; x;",)


def test_a_migration_gives_way_to_the_game_after_three_seconds(
    empty: DatabaseSettings, folder: Path, look: Connection
) -> None:
    write(folder, "003_third.sql", "CREATE TABLE patience AS SELECT current_setting('lock_timeout')")
    migrations.apply(empty, folder, soon())
    assert look.execute("TABLE patience").fetchone() == ("3s",)
    write(folder, "004_fourth.sql", "ALTER TABLE first ADD COLUMN more int")
    started = time.monotonic()
    look.run_script("BEGIN; LOCK TABLE first IN ACCESS SHARE MODE")
    with pytest.raises(MigrationFailed, match="lock timeout"):
        migrations.apply(empty, folder, soon())
    assert time.monotonic() - started > 2.9


def test_a_migration_cannot_hang(empty: DatabaseSettings, folder: Path, look: Connection) -> None:
    migrations.apply(empty, folder, soon())
    write(folder, "003_slow.sql", "SELECT pg_sleep(600)")
    for seconds in (1, 10, 60):  # the first deadline may pass before the migration begins
        with pytest.raises((MigrationFailed, MigrationsBusy, DatabaseError, OSError)) as ended:
            migrations.apply(empty, folder, Deadline.after(seconds))
        if "003_slow" in str(ended.value):
            break
    assert isinstance(ended.value, MigrationFailed)
    assert tables(look) == {"first", "second"}


# --- files that contradict the database or each other ---


def test_an_edited_released_file_is_refused_by_name(empty: DatabaseSettings, folder: Path, look: Connection) -> None:
    migrations.apply(empty, folder, soon())
    write(folder, "001_first.sql", "CREATE TABLE first (id bigint)")
    write(folder, "003_third.sql", "CREATE TABLE third (id int)")
    with pytest.raises(MigrationRefused, match=r"001_first\.sql: it was edited"):
        migrations.apply(empty, folder, soon())
    assert tables(look) == {"first", "second"}


def test_other_line_ends_are_no_edit(empty: DatabaseSettings, folder: Path) -> None:
    migrations.apply(empty, folder, soon())
    first = folder / "001_first.sql"
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    assert migrations.apply(empty, folder, soon()).names == ()


def test_a_renamed_released_file_is_refused_by_name(empty: DatabaseSettings, folder: Path) -> None:
    migrations.apply(empty, folder, soon())
    (folder / "002_second.sql").rename(folder / "002_other.sql")
    with pytest.raises(MigrationRefused, match=r"002_other\.sql: number 002 was applied as 002_second\.sql"):
        migrations.apply(empty, folder, soon())


def test_a_database_that_is_newer_than_the_files_is_a_success(empty: DatabaseSettings, folder: Path) -> None:
    migrations.apply(empty, folder, soon())
    (folder / "002_second.sql").unlink()
    assert migrations.apply(empty, folder, soon()) == migrations.Applied((), 2)


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        ("002_again.sql", "SELECT 1", "002_second.sql: the next number is 003"),
        ("004_later.sql", "SELECT 1", "004_later.sql: the next number is 003"),
        ("3_short.sql", "SELECT 1", "3_short.sql: a migration is named like"),
        ("003_Big.sql", "SELECT 1", "003_Big.sql: a migration is named like"),
        ("001_first.rollback.sql", "SELECT 1", "001_first.rollback.sql: a migration is named like"),
        ("003_third.sql", "SELECT 1;\nCOMMIT;\nSELECT 2", "003_third.sql: COMMIT; would break the one transaction"),
        ("003_third.sql", "begin transaction ; SELECT 2", "003_third.sql: begin transaction ; would break"),
    ],
)
def test_files_that_make_no_sense_are_refused_by_name(folder: Path, name: str, text: str, refusal: str) -> None:
    write(folder, name, text)
    with pytest.raises(MigrationRefused) as refused:
        migrations.read(folder)
    assert str(refused.value).startswith(refusal)


def test_a_folder_without_migrations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match="there are no migrations"):
        migrations.read(tmp_path / "nowhere")


def test_other_files_are_not_looked_at(folder: Path) -> None:
    write(folder, "README.md", "how to write one")
    assert [script.name for script in migrations.read(folder)] == ["001_first", "002_second"]


# --- several runners, and runners that die ---


def test_two_runners_at_once_apply_each_migration_once(empty: DatabaseSettings, folder: Path) -> None:
    write(folder, "003_slow.sql", "SELECT pg_sleep(0.5)")
    done: list[tuple[str, ...]] = []
    runners = [
        threading.Thread(target=lambda: done.append(migrations.apply(empty, folder, soon()).names)) for _ in range(2)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(sum(done, ())) == ["001_first", "002_second", "003_slow"]
    assert len(done) == 2


def test_a_runner_does_not_wait_for_ever_for_another(
    empty: DatabaseSettings, folder: Path, look: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations.apply(empty, folder, soon())
    look.execute("BEGIN")
    look.execute(migrations.LOCK)
    deadline = soon()
    monkeypatch.setattr(migrations, "SPARE", deadline.remaining() - 1)
    with pytest.raises(MigrationsBusy):
        migrations.apply(empty, folder, deadline)
    assert not deadline.passed


@pytest.mark.parametrize("moment", ["SELECT pg_sleep(600)", "SELECT count(*) FROM generate_series(1, 1000000000)"])
def test_after_a_runner_was_killed_in_a_migration_the_next_one_goes_on(
    empty: DatabaseSettings, folder: Path, look: Connection, moment: str
) -> None:
    slow = write(folder, "003_third.sql", f"CREATE TABLE third (id int); {moment}")
    runner = multiprocessing.get_context("spawn").Process(target=migrations.apply, args=[empty, folder, soon()])
    runner.start()
    wait_for(lambda: sleeping(look, moment))
    assert runner.pid
    runner.kill()
    runner.join()
    assert runner.exitcode == -signal.SIGKILL

    write(folder, slow.name, "CREATE TABLE third (id int)")
    assert migrations.apply(empty, folder, soon()).names == ("003_third",)
    assert tables(look) == {"first", "second", "third"}


def sleeping(look: Connection, query: str) -> bool:
    active = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND application_name = 'migrate' AND query LIKE %s"
    return look.execute(active, [f"%{query}%"]).fetchone() is not None


def test_the_roles_of_the_functions_cannot_hold_a_runner_up(postgres: Postgres) -> None:
    for role in ("app_main", "app_award", "app_outbox", "app_tensey"):
        with closing(enter(postgres.url(role))) as conn, refused(errors.InsufficientPrivilege):
            conn.run_script(f"BEGIN; {migrations.LOCK}")


def test_health_can_be_read_while_a_migration_runs(postgres: Postgres, owner: Connection) -> None:
    owner.execute("BEGIN")
    owner.execute(migrations.LOCK)
    with closing(enter(postgres.url("app_main"))) as conn:
        assert schema.number(conn) == schema.NEEDED


# --- the answer of the function ---


def test_the_report_says_how_far_the_database_is(empty: DatabaseSettings, folder: Path) -> None:
    assert migrations.report(empty, folder, soon()) == {"migration": 2, "applied": ["001_first", "002_second"]}


def test_the_report_says_what_is_wrong_and_never_the_password(
    empty: DatabaseSettings, folder: Path, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder, "003_bad.sql", "SELECT nothing")
    report = migrations.report(empty, folder, soon())
    assert str(report["failure"]).startswith("003_bad.sql: column")
    assert postgres.password(OWNER) not in caplog.text


def test_the_report_says_that_the_database_is_away(postgres: Postgres, folder: Path) -> None:
    settings = postgres.settings(OWNER)
    away = type(settings)("127.0.0.1", 1, "mastermind", OWNER, "hush", "disable", None)
    report = migrations.report(away, folder, soon())
    assert str(report["failure"]).startswith("The database could not be migrated: connection to server")


def test_the_folder_of_the_function_holds_what_the_repository_holds(tmp_path: Path) -> None:
    shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    built, kept = migrations.read(tmp_path / "migrations"), migrations.read(MIGRATIONS)
    assert [(script.name, script.sql) for script in built] == [(script.name, script.sql) for script in kept]
    assert kept[-1].record.number == schema.NEEDED
