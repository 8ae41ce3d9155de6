"""What must be true of a restored database: its rows, its ledger, and the deletions since its dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.game.privacy import actions as privacy
from mastermind.operations.deletion_log import DeletionLog, lacks
from mastermind.operations.restored import actions as restored

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection
    from ops.dumps import Inventory
    from ops.restore.report import Drill

WITHIN = 600.0
"""Seconds that one query over all members may take."""


def warm(conn: Connection) -> str:
    """Read every table once, and say how much that was: what is read for the first time is slow, and not wrong."""
    found = restored.warm(conn, restored.tables(conn), Deadline.after(WITHIN))
    return f"{sum(found.values()):,} rows in {len(found)} tables were read once"


def check_rows(drill: Drill, held: Inventory, restored: Inventory) -> None:
    """Every table has as many rows as were dumped, and there is no other table."""
    tables = sorted({*held.rows, *restored.rows})
    wrong = [
        f"{table}: {held.rows.get(table, 'no table')} dumped, {restored.rows.get(table, 'no table')} restored"
        for table in tables
        if held.rows.get(table) != restored.rows.get(table)
    ]
    words = "; ".join(wrong) or f"{restored.total:,} rows in {len(restored.rows)} tables, as dumped"
    drill.check("rows", words, passed=not wrong)


def check_ledger(drill: Drill, conn: Connection) -> None:
    """Every member's XP and challenges equal the sum of their ledger, and so does the all-time board."""
    sums = restored.add_up(conn, 0, Deadline.after(WITHIN))
    while sums.onward is not None:
        sums = restored.add_up(conn, sums.onward, Deadline.after(WITHIN))
    drill.check("ledger", sums.words or "every member's XP is the sum of their ledger", passed=not sums.words)


def check_empty_log(drill: Drill, conn: Connection, stack_began: datetime) -> None:
    """In a stack that is younger than its database the log is empty, and must not pass for the database's."""
    words = lacks(DeletionLog((), ()), privacy.origin(conn), stack_began)
    drill.check(
        "empty log", words or "an empty log would bring members back who deleted themselves", passed=bool(words)
    )


def check_deletions(drill: Drill, conn: Connection, log: DeletionLog, again: int) -> None:
    """No member in the log is left, and every deletion that the dump knows is in the log."""
    found = restored.forgotten(conn, log.done)
    lacking = found.logged - found.known
    words = [f"{len(log.done)} in the log, {again} members deleted again"]
    words += [f"{len(log.unfinished)} began and never ended"] if log.unfinished else []
    words += [f"{found.still_there} members in the log are still there"] if found.still_there else []
    words += [f"{lacking} deletions that the dump knows are not in it: it is incomplete"] if lacking else []
    drill.check("deletions", "; ".join(words), passed=not (found.still_there or lacking))
