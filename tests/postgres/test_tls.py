from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from devkit.postgres import OWNER, Postgres
from devkit.tls import YESTERDAY, Authority, PostgresProxy
from mastermind.config import DatabaseSettings
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.postgres.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mastermind.postgres.connection import Connection


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def enter(postgres: Postgres) -> Iterator[Enter]:
    entered = Enter(postgres)
    yield entered
    for database in entered.databases:
        database.close()


class Enter:
    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self.databases: list[Database] = []

    def __call__(self, port: int, root: Path | None) -> str:
        """The role as which we got in at `port`, believing the authorities in `root`."""
        password = self._postgres.password(OWNER)
        trusted = str(root) if root else None
        database = Database(DatabaseSettings("localhost", port, "mastermind", OWNER, password, "verify-full", trusted))
        self.databases.append(database)
        return database.run(whoami, Deadline.after(60))


def whoami(conn: Connection) -> str:
    (name,) = conn.execute("SELECT current_user").fetchone() or ("",)
    return name


def test_a_certificate_for_our_host_lets_us_in(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with PostgresProxy(authority.issue("localhost"), postgres.port) as tls:
        assert enter(tls.port, authority.certificate) == OWNER
        assert tls.encrypted == 1


def test_a_certificate_for_another_host_keeps_us_out(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with PostgresProxy(authority.issue("other.example"), postgres.port) as tls, pytest.raises(Unavailable) as refusal:
        enter(tls.port, authority.certificate)
    assert "does not match host name" in str(refusal.value.__cause__)


def test_an_expired_certificate_keeps_us_out(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with (
        PostgresProxy(authority.issue("localhost", YESTERDAY), postgres.port) as tls,
        pytest.raises(Unavailable) as refusal,
    ):
        enter(tls.port, authority.certificate)
    assert "certificate verify failed" in str(refusal.value.__cause__)


def test_a_certificate_of_an_unknown_authority_keeps_us_out(
    postgres: Postgres, authority: Authority, enter: Enter, tmp_path: Path
) -> None:
    with PostgresProxy(authority.issue("localhost"), postgres.port) as tls, pytest.raises(Unavailable) as refusal:
        enter(tls.port, Authority(tmp_path).certificate)
    assert "certificate verify failed" in str(refusal.value.__cause__)


def test_a_server_without_encryption_is_not_spoken_to(postgres: Postgres, authority: Authority, enter: Enter) -> None:
    with pytest.raises(Unavailable) as refusal:
        enter(postgres.port, authority.certificate)
    assert "does not support SSL" in str(refusal.value.__cause__)


def test_a_missing_file_of_authorities_keeps_us_out(
    postgres: Postgres, authority: Authority, enter: Enter, tmp_path: Path
) -> None:
    with PostgresProxy(authority.issue("localhost"), postgres.port) as tls, pytest.raises(Unavailable):
        enter(tls.port, tmp_path / "nowhere.pem")


def test_a_handshake_that_never_ends_is_unavailable_in_time(postgres: Postgres, authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port: int = silent.getsockname()[1]
        settings = DatabaseSettings("127.0.0.1", port, "m", OWNER, "-", "verify-full", str(authority.certificate))
        # A machine may stand still for a while, but not each time.
        assert any(seconds_late(Database(settings), Deadline.after(0.5)) < 0.3 for _ in range(5))
    assert postgres.running


def seconds_late(database: Database, deadline: Deadline) -> float:
    """How long after the deadline we are told that PostgreSQL is away; not before it."""
    with pytest.raises(Unavailable):
        database.run(whoami, deadline)
    assert deadline.passed
    return Deadline.after(0).moment - deadline.moment
