"""Looks at a whole database, before and after a restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import BadEvent
from mastermind.operations.health import actions as health
from mastermind.operations.restored import table
from mastermind.postgres.exchange import exchange, only, snapshot, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.deadline import Deadline
    from mastermind.game.privacy.rules import Deletion
    from mastermind.operations.restored.table import Forgotten, Lost
    from mastermind.postgres.connection import Connection


TIME_FOR_ONE = 120.0
"""Seconds without which no further table is begun."""


@dataclass(frozen=True, slots=True)
class Sums:
    """How many members differ from their ledger, and from the board; where the walk through them goes on, or None."""

    drifted: int
    off_the_board: int
    onward: int | None

    @property
    def words(self) -> str:
        """What is wrong; "" if nothing is."""
        if not (self.drifted or self.off_the_board):
            return ""
        return f"{self.drifted} members differ from their ledger, {self.off_the_board} differ from the board"


def lost(conn: Connection, since: datetime) -> Lost:
    """What was played after that moment."""
    with exchange(conn), snapshot(conn):
        found = table.lost(conn, since)
    return only(found)


def tables(conn: Connection) -> list[str]:
    with exchange(conn), snapshot(conn):
        found = table.tables(conn)
    return list(found)


def warm(conn: Connection, names: Sequence[str], deadline: Deadline) -> dict[str, int]:
    """Read whole tables once, as many as there is time for; returns how many rows each of these has.

    A database that was just restored from a snapshot fetches each block when it is first read, so that everything is
    slow once. Raises BadEvent for a name that is none of the `tables`.
    """
    if not set(names) <= set(tables(conn)):
        raise BadEvent("no such table")
    found: dict[str, int] = {}
    for name in names:
        if found and deadline.remaining() < TIME_FOR_ONE:
            break
        with exchange(conn), transaction(conn):
            rows = table.warm(conn, name)
        found[name] = only(rows)
    return found


def add_up(conn: Connection, passed: int, deadline: Deadline) -> Sums:
    """Compare members' figures with their ledgers, after the first `passed` of them, until the deadline.

    At the end the board is compared as well.
    """
    facts = health.probe(conn, 0.0, passed, deadline)
    if facts.ledger_next is not None and not facts.drift:
        return Sums(0, 0, facts.ledger_next)
    with exchange(conn), snapshot(conn):
        off = table.off_the_board(conn)
    return Sums(facts.drift, only(off), None)


def forgotten(conn: Connection, log: Sequence[Deletion]) -> Forgotten:
    """Whether these deletions are done."""
    with exchange(conn), snapshot(conn):
        found = table.forgotten(conn, log)
    return only(found)
