"""Operators' reads: a member's ledger and figures that differ from it, the game's own messages, large objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import date, datetime

    from mastermind.postgres.connection import Connection, Cursor

MEMBER: LiteralString = """
SELECT xp, level, social_freedom_exercises_tenseys AS challenges FROM users WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Member:
    """The figures of a member as they are kept."""

    xp: int
    level: int
    challenges: int


def member(conn: Connection, user_id: int) -> Cursor[Member]:
    """No row for somebody the game has never met."""
    return rows(conn, Member, MEMBER, {"user_id": user_id})


SUMS: LiteralString = """
SELECT source, kind, count(*) AS bookings, sum(xp)::bigint AS xp
FROM xp_ledger
WHERE user_id = %(user_id)s
GROUP BY source, kind
ORDER BY source, kind
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What a member got from one source, in one kind of booking."""

    source: str
    kind: str
    bookings: int
    xp: int


def sums(conn: Connection, user_id: int) -> Cursor[Sum]:
    return rows(conn, Sum, SUMS, {"user_id": user_id})


NEWEST: LiteralString = """
SELECT id AS entry_id, at, day, source, kind, source_id, xp, (sum(xp) OVER (ORDER BY id))::bigint AS total
FROM xp_ledger
WHERE user_id = %(user_id)s
ORDER BY id DESC
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Booked:
    """A row of the ledger, and the sum of all up to it; without the words of members."""

    entry_id: int
    at: datetime
    day: date
    source: str
    kind: str
    source_id: str
    xp: int
    total: int


def rows_of(conn: Connection, user_id: int, most: int) -> Cursor[Booked]:
    """The newest rows of a member."""
    return rows(conn, Booked, NEWEST, {"user_id": user_id, "most": most})


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what the ledger says: as it is `kept`, and as it is `booked`."""

    figure: str
    kept: int
    booked: int


DIFFERENCES: LiteralString = "SELECT figure, kept, booked FROM ledger_differences(%(user_id)s)"


def differences(conn: Connection, user_id: int) -> Cursor[Difference]:
    return rows(conn, Difference, DIFFERENCES, {"user_id": user_id})


REPAIR: LiteralString = "SELECT figure, kept, booked FROM repair_figures(%(user_id)s)"


def repair(conn: Connection, user_id: int) -> Cursor[Difference]:
    """Set each figure that differs to what is booked, behind the lock on the member; what it changed."""
    return rows(conn, Difference, REPAIR, {"user_id": user_id})


WAITING: LiteralString = """
SELECT kind, state, count(*) AS amount, min(due_at) AS oldest, max(tries) AS tries
FROM outbox
GROUP BY kind, state
ORDER BY kind, state COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a kind are in a state of the outbox, when the oldest was due, and how often one was tried."""

    kind: str
    state: str
    amount: int
    oldest: datetime
    tries: int


def waiting(conn: Connection) -> Cursor[Waiting]:
    """The whole outbox, counted."""
    return rows(conn, Waiting, WAITING)


ANNOUNCED: LiteralString = """
SELECT key, status, made_at FROM announcements ORDER BY made_at DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Announced:
    """What became of an announcement; its key names the occasion."""

    key: str
    status: str
    made_at: datetime


def announced(conn: Connection, most: int) -> Cursor[Announced]:
    """The newest ones."""
    return rows(conn, Announced, ANNOUNCED, {"most": most})


OWNERS: LiteralString = """
SELECT lomowner::regrole::text AS role, count(*) AS amount
FROM pg_largeobject_metadata
GROUP BY lomowner
ORDER BY lomowner
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """How many large objects a role of the database has."""

    role: str
    amount: int


def owners(conn: Connection) -> Cursor[Owner]:
    """Whose large objects there are; the game makes none."""
    return rows(conn, Owner, OWNERS)


REMOVE: LiteralString = "SELECT remove_large_objects(%(most)s) AS removed"


def remove_large_objects(conn: Connection, most: int) -> Cursor[int]:
    """Delete up to so many, whosever they are; how many it were."""
    return value(conn, int, REMOVE, {"most": most})
