"""The way into PostgreSQL: one warm connection, replaced when it breaks or ages, and a second try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.errors import ConfigError, Forgotten, OutcomeUnknown, TooFast, Unavailable
from mastermind.gateways import rds
from mastermind.postgres import sqlstates
from mastermind.postgres.connecting import connect
from mastermind.postgres.connection import MARGIN, Connection
from mastermind.postgres.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.gateways.credentials import Credentials

WORTHWHILE = 2 * MARGIN
"""Seconds without which nothing is tried a second time: a new connection takes some, and the database stops early."""

READ_ONLY = "session is read-only"
"""What libpq says of a server that is none to connect to (`target_session_attrs`)."""


class Database:
    """PostgreSQL as one process sees it. Not for several threads at once: a function does one thing at a time."""

    kind: type[Connection] = Connection

    def __init__(
        self,
        settings: DatabaseSettings,
        region: str = "",
        credentials: Credentials | None = None,
        *,
        application_name: str = "mastermind",
    ) -> None:
        self._settings = settings
        self._region = region
        self._credentials = credentials
        self._application_name = application_name
        self._connection: Connection | None = None

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        """What `work` returns, given a connection in autocommit mode.

        `work` is done a second time when its connection broke or PostgreSQL asked for it (deadlock), so it must be
        safe to repeat. Raises

        * Unavailable when PostgreSQL cannot be had, does not answer before `deadline`, or gives up for a while: the
          change that was under way is not stored, and never will be;
        * OutcomeUnknown when the COMMIT of a change was sent, and neither it nor a second try was answered;
        * TooFast when the member's use was refused, Forgotten when they were deleted meanwhile.

            Other errors of the database are bugs and pass through.
        """
        try:
            return self._attempt(work, deadline)
        except _TryOnceMore as first:
            return self._last_attempt(work, deadline, first.otherwise)

    def close(self) -> None:
        """Close the connection; the next `run` makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _last_attempt[T](self, work: Callable[[Connection], T], deadline: Deadline, first: Exception) -> T:
        """The second try. While the first may be stored, a second that gets no further leaves that open."""
        try:
            return self._attempt(work, deadline)
        except _TryOnceMore as second:
            failure, cause = second.otherwise, second.__cause__
        except (Unavailable, TooFast) as refusal:
            failure, cause = refusal, refusal.__cause__
        raise first if isinstance(first, OutcomeUnknown) else failure from cause

    def _attempt[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        connection = self._enter(deadline)
        is_spoilt = False
        try:
            return work(connection)
        except DatabaseError as error:
            is_spoilt = sqlstates.is_of_session(error.sqlstate)
            raise _translated(error, connection) from error
        finally:
            if is_spoilt or connection.closed or not connection.is_idle:
                self.close()

    def _enter(self, deadline: Deadline) -> Connection:
        if deadline.passed:
            raise Unavailable("no time left to ask PostgreSQL")
        if self._connection is not None and self._connection.is_stale:
            self.close()
        if self._connection is None or self._connection.closed:
            self._connection = self._open(deadline)
        self._connection.limit_to(deadline)
        return self._connection

    def _open(self, deadline: Deadline) -> Connection:
        try:
            name = self._application_name
            return connect(self._settings, self._password(deadline), deadline, application_name=name, kind=self.kind)
        except (DatabaseError, OSError) as error:
            words = "takes no changes" if READ_ONLY in str(error) else "cannot be reached"
            raise Unavailable(f"PostgreSQL {words}") from error

    def _password(self, deadline: Deadline) -> str:
        """The configured password, or a fresh token of AWS: it is valid for 15 minutes and made within one."""
        if self._settings.password is not None:
            return self._settings.password
        if self._credentials is None:
            raise ConfigError("DATABASE_PASSWORD", "is not set, and there are no AWS credentials to sign a token with")
        settings = self._settings
        credentials = self._credentials(deadline)
        return rds.auth_token(settings.host, settings.port, settings.user, self._region, credentials)


class _TryOnceMore(Exception):
    """The attempt failed for a reason that a second one may not meet; `otherwise` is what it means without one."""

    def __init__(self, otherwise: Exception) -> None:
        super().__init__()
        self.otherwise = otherwise


def _translated(error: DatabaseError, connection: Connection) -> Exception:
    """What the caller gets for an error of the database, or a second try."""
    meaning = _meaning(error, connection)
    is_worthwhile = _may_pass(error, connection) and connection.deadline.remaining() > WORTHWHILE
    return _TryOnceMore(meaning) if is_worthwhile else meaning


def _meaning(error: DatabaseError, connection: Connection) -> Exception:
    if connection.is_outcome_open:
        return OutcomeUnknown("PostgreSQL did not say whether it was stored")
    if error.sqlstate == sqlstates.TOO_FAST:
        return TooFast(int(error.detail or 0))
    if error.sqlstate == sqlstates.FORGOTTEN:
        return Forgotten()
    if _is_transient(error, connection):
        is_late = connection.deadline.remaining() <= WORTHWHILE
        return Unavailable(f"PostgreSQL {'did not answer in time' if is_late else f'gave up: {error.sqlstate}'}")
    return error


def _is_transient(error: DatabaseError, connection: Connection) -> bool:
    """Whether it says more about PostgreSQL, or the time it took, than about our SQL."""
    is_over = connection.closed or connection.deadline.passed
    return is_over or sqlstates.is_of_operation(error.sqlstate) or sqlstates.ends_session(error.sqlstate)


def _may_pass(error: DatabaseError, connection: Connection) -> bool:
    """Whether a second try, on a new connection if this one is done for, may not meet the error."""
    return sqlstates.is_conflict(error.sqlstate) or connection.closed or sqlstates.is_of_session(error.sqlstate)
