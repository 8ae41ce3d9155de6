"""The way into PostgreSQL: one warm connection, and one deadline over everything that waits for it.

psycopg's own `connect_timeout` is at least 2 seconds and starts again for each address, and its queries wait for ever.
Here the same deadline bounds name resolution, connecting, queries, pipelines and the second try; when it passes, the
socket is closed and nothing more is waited for.
"""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, override

import psycopg
from psycopg import errors, generators, waiting
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from mastermind.deadline import Deadline, within
from mastermind.errors import ConfigError, Forgotten, TooFast, Unavailable
from mastermind.gateways import rds
from mastermind.postgres.sqlstates import FORGOTTEN, TOO_FAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn

    from mastermind.config import AwsCredentials, DatabaseSettings

type Connection = psycopg.Connection[tuple[Any, ...]]

WAKE = 0.1  # seconds between two looks at signals such as Ctrl-C
KEEP_ALIVE: dict[str, int] = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}


class _DeadlinePassed(psycopg.OperationalError):
    """PostgreSQL did not answer in time; the connection is closed."""


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for nothing beyond its deadline, in pipelines and transactions too."""

    deadline: Deadline

    @override
    def wait[T](self, gen: PQGen[T], interval: float = WAKE, timeout: float | None = None) -> T:
        left = self.deadline.remaining()
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError as error:
            if not self.deadline.passed:
                raise
            self.pgconn.finish()
            raise _DeadlinePassed("PostgreSQL did not answer in time") from error


class Database:
    """PostgreSQL as one process sees it. Not for several threads at once: a function does one thing at a time."""

    kind: type[BoundedConnection] = BoundedConnection

    def __init__(
        self,
        settings: DatabaseSettings,
        region: str = "",
        credentials: AwsCredentials | None = None,
        *,
        application_name: str = "mastermind",
    ) -> None:
        self._settings = settings
        self._region = region
        self._credentials = credentials
        self._application_name = application_name
        self._connection: BoundedConnection | None = None

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        """What `work` returns, given a connection in autocommit mode.

        `work` is done a second time when its connection broke or PostgreSQL asked for it (deadlock), so it must be
        safe to repeat. Raises Unavailable when PostgreSQL cannot be had or does not answer before `deadline`, and when
        a lock or statement time-out struck; then no transaction of `work` is left open. Raises TooFast when the
        member's use was refused, Forgotten when they were deleted meanwhile. Other errors of psycopg are bugs and pass
        through.
        """
        try:
            return self._attempt(work, deadline)
        except _TryOnceMore:
            pass
        try:
            return self._attempt(work, deadline)
        except _TryOnceMore as failure:
            raise Unavailable("PostgreSQL failed twice") from failure.__cause__

    def close(self) -> None:
        """Close the connection; the next `run` makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _attempt[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        connection = self._enter(deadline)
        try:
            return work(connection)
        except psycopg.Error as error:
            raise _translated(error, connection) from error
        finally:
            if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
                self.close()

    def _enter(self, deadline: Deadline) -> BoundedConnection:
        if deadline.passed:
            raise Unavailable("no time left to ask PostgreSQL")
        if self._connection is None or self._connection.closed:
            self._connection = self._open(deadline)
        self._connection.deadline = deadline
        return self._connection

    def _open(self, deadline: Deadline) -> BoundedConnection:
        try:
            name = self._application_name
            return connect(self._settings, self._password(), deadline, application_name=name, kind=self.kind)
        except (psycopg.OperationalError, OSError) as error:
            raise Unavailable("PostgreSQL cannot be reached") from error

    def _password(self) -> str:
        """The configured password, or a fresh token of AWS: it is valid for 15 minutes and made within one."""
        if self._settings.password is not None:
            return self._settings.password
        if self._credentials is None:
            raise ConfigError("DATABASE_PASSWORD", "is not set, and there are no AWS credentials to sign a token with")
        settings = self._settings
        return rds.auth_token(settings.host, settings.port, settings.user, self._region, self._credentials)


class _TryOnceMore(Exception):
    """The attempt failed for a reason that a second one may not meet."""


def _translated(error: psycopg.Error, connection: BoundedConnection) -> Exception:
    """What an error of psycopg means to the caller."""
    if isinstance(error, _DeadlinePassed) or connection.deadline.passed:
        return Unavailable("PostgreSQL did not answer in time")
    if connection.closed or isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
        return _TryOnceMore()
    if error.sqlstate == TOO_FAST:
        return TooFast(int(error.diag.message_detail or 0))
    if error.sqlstate == FORGOTTEN:
        return Forgotten()
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(f"PostgreSQL gave up: {type(error).__name__}")
    return error


def connect(
    settings: DatabaseSettings,
    password: str,
    deadline: Deadline,
    *,
    application_name: str,
    options: str = "",
    kind: type[BoundedConnection] = BoundedConnection,
) -> BoundedConnection:
    """Connect before `deadline`, trying each address of the host; in autocommit mode, nothing prepared.

    `options` are server settings for this session (`-c name=value`). Raises psycopg.OperationalError or OSError.
    """
    addresses = _addresses(settings.host, settings.port, deadline)
    while True:
        share = Deadline.after(deadline.remaining() / len(addresses))
        address = addresses.pop(0)
        try:
            conninfo = _conninfo(address, settings, password, application_name=application_name, options=options)
            return _connect_to(conninfo, share, kind)
        except psycopg.OperationalError:
            if not addresses:
                raise


def _conninfo(address: str, settings: DatabaseSettings, password: str, *, application_name: str, options: str) -> str:
    return make_conninfo(
        "",
        hostaddr=address,
        host=settings.host,
        port=settings.port,
        dbname=settings.name,
        user=settings.user,
        password=password,
        sslmode=settings.sslmode,
        sslrootcert=settings.sslrootcert,
        gssencmode="disable",
        application_name=application_name,
        options=options,
        **KEEP_ALIVE,
    )


def _connect_to(conninfo: str, deadline: Deadline, kind: type[BoundedConnection]) -> BoundedConnection:
    connection = kind(_handshake(conninfo, deadline), tuple_row)
    connection.deadline = deadline
    connection.autocommit = True
    connection.prepare_threshold = None
    return connection


def _handshake(conninfo: str, deadline: Deadline) -> PGconn:
    try:
        return waiting.wait_conn(generators.connect(conninfo), interval=WAKE, timeout=deadline.remaining())
    except psycopg.OperationalError as error:
        if deadline.passed:
            raise _DeadlinePassed("PostgreSQL did not take the connection in time") from error
        raise


def _addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    """The addresses of `host`."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        entries = within(deadline, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    return [str(entry[4][0]) for entry in entries]
