"""A member's ledger as an operator sees it, and the repair of figures that differ from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.errors import BadEvent
from mastermind.game.audit import table as audit
from mastermind.operations.health import table as health
from mastermind.operations.operator import table
from mastermind.postgres.exchange import decision, exchange, only, snapshot
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mastermind.game.audit.rules import Operator
    from mastermind.json_types import Json
    from mastermind.operations.operator.table import Difference
    from mastermind.postgres.connection import Connection

REPAIR = "ledger.repair"

STRIDE = 500
"""Members that one search looks at."""

UNKNOWN = "the game does not know this member"


def search(conn: Connection, passed: int) -> Json:
    """Look at STRIDE members after those whose ids are the `passed` smallest.

    {"members": how many there were, "differing": the ids of those with other figures than their ledger says}
    """
    found = only(health.drift(conn, passed, STRIDE))
    return {"members": found.members, "differing": [str(user_id) for user_id in found.user_ids]}


def show(conn: Connection, user_id: int, most: int) -> Json:
    """{"user_id", "xp", "level", "challenges", "sums": [...], "differences": [...], "rows": the newest `most`}.

    Raises BadEvent for somebody the game has never met.
    """
    with exchange(conn), snapshot(conn):
        member, sums = table.member(conn, user_id), table.sums(conn, user_id)
        differences, rows = table.differences(conn, user_id), table.rows_of(conn, user_id, most)
    found = member.fetchone()
    if found is None:
        raise BadEvent(UNKNOWN)
    return {
        "user_id": str(user_id),
        **as_dict(found),
        "sums": [as_dict(one) for one in sums],
        "differences": [as_dict(one) for one in differences],
        "rows": [{**as_dict(one), "day": one.day.isoformat(), "at": one.at.isoformat()} for one in rows],
    }


def repair(conn: Connection, operator: Operator, user_id: int, reason: str) -> Json:
    """Set a member's figures to what their ledger says, and book that: {"repaired": [...]}, empty where none differs.

    The ledger itself stays as it is. Raises BadEvent for somebody the game has never met.
    """
    with decision(conn) as transaction:
        transaction.begin()
        member, repaired = table.member(conn, user_id), table.repair(conn, user_id)
        if member.fetchone() is None:
            raise BadEvent(UNKNOWN)
        changed = repaired.fetchall()
        if changed:
            before, after = _image(changed, "kept"), _image(changed, "booked")
            audit.write(conn, operator, action=REPAIR, subject_id=user_id, before=before, after=after, reason=reason)
        transaction.commit()
    return {"repaired": [as_dict(one) for one in changed]}


def _image(changed: Iterable[Difference], side: str) -> dict[str, object]:
    return {one.figure: getattr(one, side) for one in changed}
