"""What must be true of a restored database: its rows, its ledger, and the deletions since its dump."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.deadline import Deadline
from mastermind.operations.backup.rules import asked_at
from mastermind.operations.health import actions as health

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.game.privacy.rules import Deletion
    from ops.dumps import Connection, Inventory
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

# Members who are in the deletion log, joined before that deletion, and still have a row.
STILL_THERE: LiteralString = """
SELECT count(DISTINCT users.user_id)
FROM users
JOIN unnest(%(users)s::bigint[], %(times)s::timestamptz[]) AS log (user_id, at)
    ON log.user_id = users.user_id AND users.created_at <= log.at
"""

# The interactions that deleted members in the day before the dump. Their log entries were written first.
FORGOTTEN: LiteralString = """
SELECT interaction_id FROM interactions_done WHERE user_id = 0 AND outcome @> '{"forgotten": true}'
"""


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


def check_deletions(drill: Drill, conn: Connection, log: Sequence[Deletion], again: int) -> None:
    """No member in the log is left, and every deletion that the dump knows is in the log."""
    asked_for: dict[str, object] = {"users": [one.user_id for one in log], "times": [one.at for one in log]}
    ((left,),) = conn.execute(STILL_THERE, asked_for).fetchall()
    logged = {one.at for one in log}
    forgotten = [asked_at(interaction_id) for (interaction_id,) in conn.execute(FORGOTTEN).fetchall()]
    lacking = sum(at not in logged for at in forgotten)
    words = [f"{len(log)} in the log, {again} members deleted again"]
    words += [f"{left} members in the log are still there"] if left else []
    words += [f"{lacking} deletions of the day before the dump are not in it: it is incomplete"] if lacking else []
    drill.check("deletions", "; ".join(words), passed=not (left or lacking))
