"""The errors of the database, by what their SQLSTATE says (PostgreSQL's manual, appendix A)."""

from __future__ import annotations

from mastermind.postgres import sqlstates


class DatabaseError(Exception):
    """PostgreSQL refused a statement; `detail` is what it says beside the message."""

    def __init__(self, message: str, sqlstate: str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.detail = detail


class ConnectionLost(DatabaseError):
    """The connection is over, or there never was one."""


class DeadlinePassed(ConnectionLost):
    """PostgreSQL did not answer in time; the connection is closed."""


class WorkRefused(DatabaseError):
    """The database refuses one piece of work and stays fit for the next."""


class IntegrityViolation(WorkRefused):
    """A rule of a table forbids it."""


class UniqueViolation(IntegrityViolation):
    """Another row has the same key."""


class ForeignKeyViolation(IntegrityViolation):
    """The row that it refers to is not there."""


class DataError(WorkRefused):
    """A value is none that the database can store or compute."""


class LockNotAvailable(WorkRefused):
    """The lock was not had in time."""


_BY_SQLSTATE: dict[str, type[DatabaseError]] = {
    sqlstates.UNIQUE: UniqueViolation,
    sqlstates.FOREIGN_KEY: ForeignKeyViolation,
    sqlstates.LOCK: LockNotAvailable,
}
_BY_CLASS: dict[str, type[DatabaseError]] = {"22": DataError, "23": IntegrityViolation}


def kind(sqlstate: str) -> type[DatabaseError]:
    """The error that a SQLSTATE means."""
    return _BY_SQLSTATE.get(sqlstate) or _BY_CLASS.get(sqlstate[:2], DatabaseError)
