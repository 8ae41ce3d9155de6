"""The SQLSTATEs that our own functions in the database raise, and those of PostgreSQL that mean more than a failure."""

from __future__ import annotations

TOO_FAST = "MM429"
"""A use beyond the rate limit; the error's detail is when to try again, in seconds since 1970."""

FORGOTTEN = "MM410"
"""The member who acts was deleted while this waited for their row."""

TOO_LATE = "MM408"
"""The deadline that a transaction carries has passed: nothing of it is stored."""

BAD_TEXT = "22021"
"""A text that is none in UTF-8, or has a NUL byte."""

OUT_OF_RANGE = "22008"
"""A date or a moment that the calendar has not."""

UNIQUE, FOREIGN_KEY, LOCK, NO_TABLE = "23505", "23503", "55P03", "42P01"

DUPLICATES = {"42710", "42P07", UNIQUE}
"""What somebody else has created at the same moment."""

_CONFLICTS = {
    "40001",  # the transactions of others do not fit in any order
    "40P01",  # a deadlock
}

_OPERATION_CLASSES = {
    "08",  # the connection
    "28",  # whom we say we are
    "40",  # conflicts with other transactions
    "53",  # too little of something
    "54",  # too much of something
    "55",  # something is not in the state for it: a lock that is not had in time
    "57",  # an operator, a time-out
    "58",  # the server's disk
    "F0",  # the server's settings
}

# A session in one of these states stays in it, and another one need not be.
_ENDING = {
    "25006",  # read-only: it was opened before a failover, or while an operator had the database frozen
    "25P03",  # its transaction was idle for too long
    "25P04",  # its transaction took too long: check_deadline() says how long it has
    TOO_LATE,  # if it was early by our clock, the comparison of the clocks is out of date: a new session compares again
    "53300",  # too many connections
    "57P01",  # ended by an operator, a restart, a failover
    "57P02",  # the server crashed
    "57P03",  # the server starts or stops
    "57P04",  # the database was dropped: a restore puts another in its place
    "57P05",  # it was idle for too long
}
_ENDING_CLASSES = {
    "08",  # the connection, or what a proxy makes of it
    "28",  # whom we say we are: a token that expired, a password that was changed
}

# What a session has kept from before a migration. An error that a new session has as well is a bug of ours.
_STALE = {
    "0A000",  # "cached plan must not change result type"; every other feature that is not supported is a bug
    "26000",  # a prepared statement that is not known
}


def ends_session(sqlstate: str | None) -> bool:
    """Whether the session is no longer fit for use, for a reason that is not in our SQL."""
    return sqlstate is not None and (sqlstate in _ENDING or sqlstate[:2] in _ENDING_CLASSES)


def is_of_session(sqlstate: str | None) -> bool:
    """Whether the error may belong to the session rather than to the statement: then a new session is tried."""
    return ends_session(sqlstate) or sqlstate in _STALE


def is_of_operation(sqlstate: str | None) -> bool:
    """Whether it says more about PostgreSQL, or the time it took, than about our SQL."""
    return sqlstate is not None and sqlstate[:2] in _OPERATION_CLASSES


def is_conflict(sqlstate: str | None) -> bool:
    """Whether the same statements may succeed a moment later."""
    return sqlstate in _CONFLICTS
