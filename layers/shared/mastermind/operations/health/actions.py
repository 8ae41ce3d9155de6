"""What the database contributes to health: its facts, the outages that are over, and the last report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.operations.health import table as health
from mastermind.operations.health.rules import MOST_LARGE_OBJECTS, SAID, Facts
from mastermind.postgres import schema
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.operations.health.rules import Outage, Report
    from mastermind.postgres.connection import Connection

SAMPLE = 500
"""Members whose ledgers every probe adds up: all of a small game, some of a large one, others each time."""

STRIDE = 500
"""Members that the walk through the whole ledger passes with one statement."""

SPARE = 1.0
"""Seconds before its deadline at which a probe walks no further."""


def probe(conn: Connection, chance: float, passed: int | None, deadline: Deadline) -> Facts:
    """The facts, from a database that could be written; `chance`, from 0 to 1, chooses the sample of the ledger.

    With `passed`, how many members an earlier probe has walked past, it walks on through the whole ledger instead.
    """
    number = schema.number(conn)
    with exchange(conn), transaction(conn):
        health.touch(conn)
        server, overdue, members = health.server(conn), health.overdue(conn), health.members(conn)
        large_objects, outbox = health.large_objects(conn, MOST_LARGE_OBJECTS), health.outbox(conn, SAID)
    load, late, said = only(server), only(overdue), only(outbox)
    drifted, onward = (
        (_sampled(conn, chance, only(members)), None) if passed is None else _walked(conn, passed, deadline)
    )
    return Facts(
        migration=number,
        needed=schema.NEEDED,
        overdue=late.awards,
        oldest_overdue_seconds=late.oldest_seconds,
        drift=drifted,
        connections=load.connections,
        connection_limit=load.connection_limit,
        deadlocks=load.deadlocks,
        rollbacks=load.rollbacks,
        ledger_next=onward,
        large_objects=only(large_objects),
        outbox_waiting_seconds=said.waiting_seconds,
        outbox_unanswered_seconds=said.unanswered_seconds,
    )


def _sampled(conn: Connection, chance: float, members: int) -> int:
    """How many of a sample have drifted."""
    return only(health.drift(conn, int(chance * max(0, members - SAMPLE)), SAMPLE)).drifted


def _walked(conn: Connection, passed: int, deadline: Deadline) -> tuple[int, int | None]:
    """How many have drifted in the stride at which the walk stopped, and where it goes on; None at its end.

    It stops where somebody has, so that the next probe finds them again until they are fixed.
    """
    while True:
        found = only(health.drift(conn, passed, STRIDE))
        if found.drifted:
            return found.drifted, passed
        if found.members < STRIDE:
            return 0, None
        passed += STRIDE
        if deadline.remaining() <= SPARE:
            return 0, passed


def record(conn: Connection, outage: Outage) -> bool:
    """Write down an outage that is over; one that is known already changes nothing. Whether it was new."""
    with exchange(conn), transaction(conn):
        recorded = health.record_outage(conn, outage)
    return only(recorded)


def store(conn: Connection, report: Report) -> bool:
    """Keep the report, unless a newer one is kept; whether it was."""
    with exchange(conn), transaction(conn):
        stored = health.store_report(conn, report)
    return stored.rowcount > 0
