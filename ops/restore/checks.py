"""What must be true of a restored database: its rows, its ledger, and the deletions since its dump."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.deadline import Deadline
from mastermind.game.privacy import actions as privacy
from mastermind.operations.deletion_log import DeletionLog, lacks
from mastermind.operations.health import actions as health

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection
    from ops.dumps import Inventory
    from ops.restore.report import Drill

WITHIN = 600.0
"""Seconds that one query over all members may take."""

# Members whose total on the all-time board differs from their XP.
OFF_THE_BOARD: LiteralString = """
SELECT count(*)
FROM users
LEFT JOIN xp_totals ON xp_totals.user_id = users.user_id AND period = 'all' AND board = 'xp'
WHERE coalesce(total, 0) <> xp
"""

# Members whose deletion is in the log, who joined before its end, and still have a row.
STILL_THERE: LiteralString = """
SELECT count(DISTINCT users.user_id)
FROM users
JOIN unnest(%(users)s::bigint[], %(ends)s::timestamptz[]) AS log (user_id, ended)
    ON log.user_id = users.user_id AND users.created_at <= log.ended
"""

# Deletions that the dump knows, and knows to be in the log.
LOGGED: LiteralString = "SELECT interaction_id FROM deletions WHERE logged_at IS NOT NULL"


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
    passed: int | None = 0
    drifted = 0
    while passed is not None and not drifted:
        facts = health.probe(conn, 0.0, passed, Deadline.after(WITHIN))
        drifted, passed = facts.drift, facts.ledger_next
    ((off,),) = conn.execute(OFF_THE_BOARD).fetchall()
    words = f"{drifted} members differ from their ledger, {off} differ from the board"
    wrong = bool(drifted or off)
    drill.check("ledger", words if wrong else "every member's XP is the sum of their ledger", passed=not wrong)


def check_empty_log(drill: Drill, conn: Connection, stack_began: datetime) -> None:
    """In a stack that is younger than its database the log is empty, and must not pass for the database's."""
    words = lacks(DeletionLog((), ()), privacy.origin(conn), stack_began)
    drill.check(
        "empty log", words or "an empty log would bring members back who deleted themselves", passed=bool(words)
    )


def check_deletions(drill: Drill, conn: Connection, log: DeletionLog, again: int) -> None:
    """No member in the log is left, and every deletion that the dump knows is in the log."""
    asked_for: dict[str, object] = {
        "users": [one.user_id for one in log.done],
        "ends": [one.ended for one in log.done],
    }
    ((left,),) = conn.execute(STILL_THERE, asked_for).fetchall()
    lacking = {key for (key,) in conn.execute(LOGGED).fetchall()} - {one.interaction_id for one in log.done}
    words = [f"{len(log.done)} in the log, {again} members deleted again"]
    words += [f"{len(log.unfinished)} began and never ended"] if log.unfinished else []
    words += [f"{left} members in the log are still there"] if left else []
    words += [f"{len(lacking)} deletions that the dump knows are not in it: it is incomplete"] if lacking else []
    drill.check("deletions", "; ".join(words), passed=not (left or lacking))
