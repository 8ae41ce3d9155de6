"""One connection to PostgreSQL, with one deadline over everything that waits for it, here and in the database.

psycopg's own `connect_timeout` is at least 2 seconds and starts again for each address, and its queries wait for ever.
Here the same deadline bounds name resolution, connecting, queries and pipelines; when it passes, the socket is closed
and nothing more is waited for.

What was sent by then is still in the server's hands. So each transaction that writes carries the deadline along, on the
database's clock, and the database refuses to begin or to commit after it (docs/decisions/028-deadlines-travel.md).
"""

from __future__ import annotations

import socket
import time
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, LiteralString, Never, override

import psycopg
from psycopg import generators, waiting
from psycopg.conninfo import make_conninfo
from psycopg.pq import DiagnosticField
from psycopg.rows import tuple_row

from mastermind.deadline import Deadline, within

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult

    from mastermind.config import DatabaseSettings

WAKE = 0.1  # seconds between two looks at signals such as Ctrl-C
KEEP_ALIVE: dict[str, int] = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}

LONGEST_IDLE = 300.0
"""Seconds unused after which a connection is not trusted: AWS's networks forget one after 350 and tell neither end.

TCP's keepalive probes do not prevent it, because a process that Lambda keeps frozen sends none.
"""

MARGIN = 0.1
"""Seconds by which the database gives up before we do, so that its answer still arrives."""

# pg_catalog's, as in check_deadline: tests move the other one.
NOW: LiteralString = "SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8 AS now"

CHECK_DEADLINE: LiteralString = "SELECT check_deadline(%(moment)s)"


class DeadlinePassed(psycopg.OperationalError):
    """PostgreSQL did not answer in time; the connection is closed."""


class _Cursor(psycopg.Cursor[tuple[Any, ...]]):
    """Notes that the database refused a statement: psycopg forgets it if the connection ends with that."""

    @override
    def _raise_for_result(self, result: PGresult) -> Never:
        if isinstance(self.connection, BoundedConnection) and result.error_field(DiagnosticField.SQLSTATE):
            self.connection.is_refused = True
        super()._raise_for_result(result)


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that waits for nothing beyond its deadline, in pipelines and transactions too."""

    deadline: Deadline
    is_refused = False  # a statement, since the last COMMIT of a change was sent
    _ahead = 0.0  # seconds that the database's clock is ahead of ours, at least
    _used = 0.0  # by the wall clock
    _moment = 0.0  # the deadline of the database, in seconds since 1970 by its clock
    _committed: psycopg.Cursor[tuple[Any, ...]] | None = None

    def learn_clock(self) -> None:
        """Compare the clocks, in one round trip. The answer is taken for as old as it can be: the deadline errs early.

        Ours is the wall clock: the monotonic one may stand still while Lambda keeps the process frozen.
        """
        ((now,),) = self.execute(NOW)
        self._ahead = now - time.time()

    def limit_to(self, deadline: Deadline) -> None:
        """Begin a piece of work that has until `deadline`."""
        self.deadline = deadline
        self._used = time.time()
        self._moment = self._used + deadline.remaining() + self._ahead - MARGIN
        self._committed = None

    @property
    def is_stale(self) -> bool:
        """Whether nobody has used it for so long that the other end may be gone without a word."""
        return time.time() - self._used > LONGEST_IDLE

    def check_deadline(self) -> None:
        """Have the database refuse the open transaction if it is too late, and end it when it becomes too late."""
        self.execute(CHECK_DEADLINE, {"moment": self._moment})

    def commit_change(self) -> None:
        """Commit the open transaction, unless it is too late; `is_outcome_open` until that is answered."""
        self.check_deadline()
        self.is_refused = False
        self._committed = self.execute("COMMIT")

    @property
    def is_outcome_open(self) -> bool:
        """Whether the connection ended between the last COMMIT of a change and its answer.

        A statement before it that was refused is an answer, too: the COMMIT behind it is not executed.
        """
        is_unanswered = self._committed is not None and self._committed.pgresult is None
        return self.closed and is_unanswered and not self.is_refused

    @override
    def wait[T](self, gen: PQGen[T], interval: float = WAKE, timeout: float | None = None) -> T:
        left = self.deadline.remaining()
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError as error:
            if error.sqlstate or not self.deadline.passed:
                raise
            self.pgconn.finish()
            raise DeadlinePassed("PostgreSQL did not answer in time") from error


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

    A server that takes no changes (a standby, or read-only by default) is none to connect to. `options` are server
    settings for this session (`-c name=value`). Raises psycopg.OperationalError or OSError.
    """
    addresses = _addresses(settings.host, settings.port, deadline)
    while True:
        share = Deadline.after(deadline.remaining() / len(addresses))
        address = addresses.pop(0)
        try:
            conninfo = _conninfo(address, settings, password, application_name=application_name, options=options)
            connection = _connect_to(conninfo, share, kind)
        except psycopg.OperationalError:
            if not addresses:
                raise
        else:
            connection.limit_to(deadline)
            return connection


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
        target_session_attrs="read-write",
        application_name=application_name,
        options=options,
        **KEEP_ALIVE,
    )


def _connect_to(conninfo: str, deadline: Deadline, kind: type[BoundedConnection]) -> BoundedConnection:
    connection = kind(_handshake(conninfo, deadline), tuple_row)
    connection.deadline = deadline
    connection.autocommit = True
    connection.prepare_threshold = None
    connection.cursor_factory = _Cursor
    connection.learn_clock()
    return connection


def _handshake(conninfo: str, deadline: Deadline) -> PGconn:
    try:
        return waiting.wait_conn(generators.connect(conninfo), interval=WAKE, timeout=deadline.remaining())
    except psycopg.OperationalError as error:
        if deadline.passed:
            raise DeadlinePassed("PostgreSQL did not take the connection in time") from error
        raise


def _addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    """The addresses of `host`."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        entries = within(deadline, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    return [str(entry[4][0]) for entry in entries]
