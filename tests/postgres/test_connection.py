from __future__ import annotations

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, LiteralString

import pytest
from psycopg import errors

from devkit.postgres import OWNER, Postgres, temporary
from mastermind.config import AwsCredentials, DatabaseSettings
from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.postgres import connection
from mastermind.postgres.database import Database
from mastermind.postgres.errors import DatabaseError
from mastermind.postgres.exchange import exchange
from tests.connections import enter
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mastermind.postgres.connection import Connection
    from tests.connections import Entered

LIMIT = 2.5  # seconds: the deadline of an interaction
SLACK = 0.3
TRIES = 5
PLENTY = 60.0  # seconds for what must succeed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own: here it is frozen and crashed, which nobody else should feel."""
    with temporary(tmp_path_factory.mktemp("mistreated")) as server:
        with closing(enter(server.owner_url)) as conn:
            conn.execute("CREATE TABLE notes (id int PRIMARY KEY, words text)")
            conn.execute("CREATE ROLE app_test LOGIN")
        server.set_role_passwords()
        yield server


@pytest.fixture
def notes(server: Postgres) -> Iterator[Entered]:
    """An independent look at an empty table."""
    server.start()
    with closing(enter(server.owner_url)) as conn:
        conn.execute("TRUNCATE notes")
        yield conn


@pytest.fixture
def database(server: Postgres, notes: Entered) -> Iterator[Database]:
    assert notes.pgconn.port == str(server.port).encode()
    database = Database(server.settings(OWNER), application_name="a test")
    yield database
    database.close()


def plenty() -> Deadline:
    return Deadline.after(PLENTY)


def backend(conn: Connection) -> int:
    """One query; each connection has another answer."""
    (number,) = conn.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    return number


def write(number: int) -> Callable[[Connection], None]:
    def work(conn: Connection) -> None:
        conn.execute("INSERT INTO notes VALUES (%(number)s, 'written')", {"number": number})

    return work


def written(notes: Entered) -> list[int]:
    return [number for (number,) in notes.execute("SELECT id FROM notes ORDER BY id")]


@contextmanager
def frozen(server: Postgres) -> Generator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


def seconds_until_unavailable(
    database: Database, work: Callable[[Connection], object] = backend, limit: float = LIMIT
) -> float:
    """How long it takes to be told so, with a deadline after `limit` seconds."""
    started = time.monotonic()
    with pytest.raises(Unavailable):
        database.run(work, Deadline.after(limit))
    return time.monotonic() - started


def until_thawed(server: Postgres, database: Database, work: Callable[[Connection], object]) -> float:
    """The same for work that freezes the server, on a connection that is open before; it is thawed at the end."""
    database.run(backend, plenty())
    try:
        return seconds_until_unavailable(database, work)
    finally:
        server.thaw()


def ends_in_time(take: Callable[[], float], limit: float = LIMIT) -> bool:
    """Whether it takes no longer than the limit. A machine may stand still for a while, but not each time."""
    return any(take() < limit + SLACK for _ in range(TRIES))


# --- a warm connection ---


def test_one_connection_serves_one_work_after_the_other(database: Database) -> None:
    assert database.run(backend, plenty()) == database.run(backend, plenty())


def test_a_connection_that_was_not_used_for_minutes_is_replaced_before_it_is_used(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network forgets it, and a frozen process does not learn that."""
    now = time.time()
    monkeypatch.setattr(connection, "time", clock := SimpleNamespace(time=lambda: now))
    warm = database.run(backend, plenty())
    clock.time = lambda: now + 299
    assert database.run(backend, plenty()) == warm
    clock.time = lambda: now + 299 + 301
    fresh = database.run(backend, plenty())
    assert fresh != warm
    assert database.run(backend, plenty()) == fresh


def test_a_connection_says_whose_it_is_and_stays_alive(database: Database) -> None:
    def look(conn: Connection) -> tuple[Any, ...] | None:
        return conn.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()

    assert database.run(look, plenty()) == ("a test",)


def test_a_host_may_be_a_name(server: Postgres) -> None:
    database = Database(replace(server.settings(OWNER), host="localhost"))
    try:
        assert database.run(backend, plenty()) > 0
    finally:
        database.close()


def test_what_a_work_raises_itself_passes_through_and_is_rolled_back(database: Database, notes: Entered) -> None:
    def work(conn: Connection) -> None:
        with conn.transaction():
            write(1)(conn)
            raise LookupError("not found")

    before = database.run(backend, plenty())
    with pytest.raises(LookupError):
        database.run(work, plenty())
    assert written(notes) == []
    assert database.run(backend, plenty()) == before


def test_a_transaction_that_was_left_open_never_meets_the_next_work(database: Database, notes: Entered) -> None:
    def careless(conn: Connection) -> None:
        conn.execute("BEGIN")
        write(1)(conn)

    database.run(careless, plenty())
    database.run(write(2), plenty())
    assert written(notes) == [2]


# --- PostgreSQL is away ---


def test_a_stopped_database_is_unavailable_at_once(server: Postgres, database: Database) -> None:
    server.stop()
    assert ends_in_time(lambda: seconds_until_unavailable(database), 0)


def test_a_database_that_stopped_between_two_works_is_unavailable(server: Postgres, database: Database) -> None:
    def take() -> float:
        server.start(server.port)
        database.run(backend, plenty())
        server.stop()
        return seconds_until_unavailable(database)

    assert ends_in_time(take)


def test_a_database_that_came_back_gets_a_new_connection(server: Postgres, database: Database) -> None:
    database.run(backend, plenty())
    server.crash()
    server.start(server.port)
    assert database.run(backend, plenty()) > 0


def test_a_passed_deadline_does_no_work(database: Database, notes: Entered) -> None:
    with pytest.raises(Unavailable):
        database.run(write(1), Deadline.after(0))
    assert written(notes) == []


# --- PostgreSQL is frozen: it takes connections and words, and never answers ---


def test_a_database_frozen_before_we_connect_is_unavailable_in_time(server: Postgres, database: Database) -> None:
    with frozen(server):
        assert ends_in_time(lambda: seconds_until_unavailable(database))
    assert database.run(backend, plenty()) > 0


def test_a_database_frozen_between_queries_is_unavailable_in_time(server: Postgres, database: Database) -> None:
    def take() -> float:
        database.run(backend, plenty())
        with frozen(server):
            return seconds_until_unavailable(database, write(1))

    assert ends_in_time(take)
    assert database.run(backend, plenty()) > 0


def test_a_deadline_may_be_shorter_than_any_floor_of_the_driver(server: Postgres, database: Database) -> None:
    with frozen(server):
        assert ends_in_time(lambda: seconds_until_unavailable(database, limit=0.2), 0.2)


def test_a_database_frozen_inside_a_transaction_leaves_nothing_half_done(
    server: Postgres, database: Database, notes: Entered
) -> None:
    def work(conn: Connection) -> None:
        with conn.transaction():
            write(1)(conn)
            server.freeze()
            write(2)(conn)

    assert ends_in_time(lambda: until_thawed(server, database, work))
    others = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'a test'"
    wait_for(lambda: not notes.execute(others).fetchone(), what="the end of the other session")
    assert written(notes) == []


def test_the_deadline_holds_off_the_main_thread_too(server: Postgres, database: Database) -> None:
    def take() -> float:
        seconds = elsewhere.submit(seconds_until_unavailable, database).result()
        assert seconds > LIMIT - SLACK
        return seconds

    with frozen(server), ThreadPoolExecutor(1) as elsewhere:
        assert ends_in_time(take)


def test_a_name_that_is_never_resolved_is_unavailable_in_time(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    database = Database(replace(server.settings(OWNER), host="database.example"))
    assert ends_in_time(lambda: seconds_until_unavailable(database))
    released.set()


def test_a_name_that_does_not_exist_is_unavailable(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable):
        Database(replace(server.settings(OWNER), host="database.example")).run(backend, plenty())


def test_an_address_that_swallows_everything_leaves_time_for_the_next_one(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.2", server.port)) as silent:  # takes connections, never reads
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, server.port)) for host in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        database = Database(replace(server.settings(OWNER), host="database.example"))
        assert any(is_reached(database, within) for within in (2.5, 10, 40))
        database.close()
        assert silent.getsockname()[1] == server.port


def is_reached(database: Database, within: float) -> bool:
    try:
        return database.run(backend, Deadline.after(within)) > 0
    except Unavailable:
        return False


# --- a broken connection ---


def test_a_connection_that_broke_between_two_works_is_replaced(database: Database, notes: Entered) -> None:
    before = database.run(backend, plenty())
    notes.execute("SELECT pg_terminate_backend(%s, 60000)", [before])
    database.run(write(1), plenty())
    assert written(notes) == [1]


def test_a_work_whose_connection_broke_is_done_once_more(database: Database, notes: Entered) -> None:
    seen: list[int] = []

    def work(conn: Connection) -> None:
        seen.append(conn.pgconn.backend_pid)
        with exchange(conn), conn.transaction():
            write(1)(conn)
            if len(seen) == 1:
                notes.execute("SELECT pg_terminate_backend(%s, 60000)", [conn.pgconn.backend_pid])
            write(2)(conn)

    database.run(work, plenty())
    assert len(set(seen)) == 2
    assert written(notes) == [1, 2]


def test_a_work_whose_connection_broke_twice_is_given_up(database: Database, notes: Entered) -> None:
    seen: list[int] = []

    def work(conn: Connection) -> None:
        seen.append(conn.pgconn.backend_pid)
        notes.execute("SELECT pg_terminate_backend(%s, 60000)", [conn.pgconn.backend_pid])
        conn.execute("SELECT 1")

    with pytest.raises(Unavailable):
        database.run(work, plenty())
    assert len(seen) == 2


def test_a_second_try_gets_no_second_deadline(server: Postgres, database: Database, notes: Entered) -> None:
    def work(conn: Connection) -> None:
        time.sleep(1)
        if not gone:
            gone.append(notes.execute("SELECT pg_terminate_backend(%s, 60000)", [conn.pgconn.backend_pid]))
            conn.execute("SELECT 1")
        server.freeze()
        conn.execute("SELECT 1")

    gone: list[object] = []

    def take() -> float:
        gone.clear()
        return until_thawed(server, database, work)

    assert ends_in_time(take)


# --- PostgreSQL refuses ---


def test_a_lock_that_is_not_had_in_time_is_unavailable(database: Database, notes: Entered) -> None:
    def work(conn: Connection) -> None:
        with conn.transaction():
            conn.execute("SET LOCAL lock_timeout = '50ms'")
            conn.execute("LOCK TABLE notes")

    before = database.run(backend, plenty())
    with notes.transaction():
        notes.execute("LOCK TABLE notes")
        with pytest.raises(Unavailable):
            database.run(work, plenty())
    assert database.run(backend, plenty()) == before


def test_a_statement_that_takes_too_long_is_unavailable(database: Database) -> None:
    def work(conn: Connection) -> None:
        with exchange(conn), conn.transaction():
            conn.execute("SET LOCAL statement_timeout = '50ms'")
            conn.execute("SELECT pg_sleep(5)")

    with pytest.raises(Unavailable):
        database.run(work, plenty())
    assert database.run(backend, plenty()) > 0


def test_a_deadlock_is_tried_once_more(database: Database, notes: Entered) -> None:
    tries: list[int] = []

    def work(conn: Connection) -> None:
        tries.append(1)
        if len(tries) == 1:
            conn.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$")
        write(1)(conn)

    database.run(work, plenty())
    assert written(notes) == [1]


def test_an_endless_conflict_is_given_up(database: Database) -> None:
    def work(conn: Connection) -> None:
        conn.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$")

    with pytest.raises(Unavailable):
        database.run(work, plenty())


def test_a_role_without_connections_left_is_unavailable(server: Postgres, notes: Entered) -> None:
    notes.execute("ALTER ROLE app_test CONNECTION LIMIT 0")
    try:
        with pytest.raises(Unavailable):
            Database(server.settings("app_test")).run(backend, plenty())
    finally:
        notes.execute("ALTER ROLE app_test CONNECTION LIMIT -1")


# --- bugs stay bugs ---


@pytest.mark.parametrize("pipelined", [False, True])
@pytest.mark.parametrize(
    ("query", "bug"),
    [
        ("SELECT * FROM nowhere", errors.UndefinedTable.sqlstate),
        ("INSERT INTO notes VALUES (7, ''), (7, '')", errors.UniqueViolation.sqlstate),
        ("SELECT 1 / 0", errors.DivisionByZero.sqlstate),
    ],
)
def test_a_mistake_in_our_sql_is_a_bug(
    database: Database, notes: Entered, pipelined: bool, query: LiteralString, bug: str
) -> None:
    def work(conn: Connection) -> None:
        if not pipelined:
            conn.execute(query)
            return
        with exchange(conn), conn.transaction():
            conn.execute(query)
            conn.execute("SELECT 1")

    before = database.run(backend, plenty())
    with pytest.raises(DatabaseError, check=lambda error: error.sqlstate == bug):
        database.run(work, plenty())
    assert database.run(backend, plenty()) == before
    assert written(notes) == []


# --- whom we are ---


@pytest.mark.usefixtures("notes")
def test_a_wrong_password_is_unavailable_and_said_nowhere(server: Postgres, caplog: pytest.LogCaptureFixture) -> None:
    settings = replace(server.settings(OWNER), password="hush-hush")
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as refusal:
        Database(settings).run(backend, plenty())
    assert "hush" not in f"{refusal.value!r} {refusal.value.__cause__!r} {settings!r} {caplog.text}"


def test_without_a_password_a_token_of_aws_is_shown() -> None:
    credentials = AwsCredentials("AKIAEXAMPLE", "hush", "on-loan")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        shown: list[bytes] = []
        thread = threading.Thread(target=ask_for_password, args=[listener, shown])
        thread.start()
        port: int = listener.getsockname()[1]
        settings = DatabaseSettings("127.0.0.1", port, "mastermind", "app_main", None, "disable", None)
        with pytest.raises(Unavailable):
            Database(settings, "eu-central-1", lambda _: credentials).run(backend, plenty())
        thread.join()
    assert shown[0].startswith(b"127.0.0.1:%d/?Action=connect&DBUser=app_main&" % port)
    assert b"hush" not in shown[0]


def ask_for_password(listener: socket.socket, shown: list[bytes]) -> None:
    """As PostgreSQL does for IAM: a password in the clear (inside of TLS there); then no more interest."""
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        client.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x03")
        shown.append(client.recv(8192)[5:-1])


def test_without_a_password_and_without_credentials_the_variable_is_named() -> None:
    settings = DatabaseSettings("127.0.0.1", 1, "mastermind", "app_main", None, "disable", None)
    with pytest.raises(ConfigError, match="DATABASE_PASSWORD"):
        Database(settings).run(backend, plenty())
