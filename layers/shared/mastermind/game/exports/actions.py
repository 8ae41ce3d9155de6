"""A member's right to get all of their data; admins and operators export it for those who cannot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.audit.table import Notice
from mastermind.game.exchanges import changing
from mastermind.game.exports import table as exports
from mastermind.game.members import table as members
from mastermind.game.members.rules import Subject
from mastermind.postgres.exchange import decision, only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.audit.rules import Operator
    from mastermind.game.exports.table import Rows
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

EXPORT = "privacy.export"

NOTHING_KEPT = "The game keeps nothing about this person, so nothing is left to export."

SAFE_NUMBER = 2**53
"""Above it a program that takes each number for a double would change it; ids are written as texts."""


def export(conn: Connection, actor: Actor, subject: Subject | None = None) -> str:
    """All that any table says about the member, as JSON.

    With a `subject` it is what an admin gets about somebody else: the same, to be handed to them. Raises MemberMistake
    when no table says anything about them. Both rows are locked, so that all tables show the same moment.
    """
    about = subject or Subject(actor.user_id)
    with changing(conn, actor, EXPORT, subject=about) as change:
        rows = _read(conn, about.user_id)
        if not change.stored:
            change.audit(subject=about) if about.user_id == actor.user_id else change.audit_and_tell(about)
            change.keep({})
    return written(about.user_id, rows)


def export_for_operator(conn: Connection, operator: Operator, user_id: int) -> str:
    """The same for an operator, and booked as theirs; raises MemberMistake as `export` does."""
    with decision(conn) as transaction:
        transaction.begin()
        members.lock(conn, user_id)
        rows = _read(conn, user_id)
        audit.write(conn, operator, action=EXPORT, subject_id=user_id, notice=Notice())
        transaction.commit()
    return written(user_id, rows)


def _read(conn: Connection, user_id: int) -> Mapping[str, Rows]:
    found = exports.read(conn, user_id)
    rows = {table: only(cursor)[0] or [] for table, cursor in found.items()}
    if not any(rows.values()):
        raise MemberMistake(NOTHING_KEPT)
    return rows


def written(user_id: int, found: Mapping[str, Rows]) -> str:
    """What was read, table by table, as the JSON that a person gets: a line for each row."""
    about = {
        "what": "All that this game keeps of you. Ids are Discord's; times are in UTC, days are yours.",
        "user_id": user_id,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    tables = ",\n".join(_table(table, rows) for table, rows in found.items())
    return f'{{"about": {_line(about)},\n"tables": {{\n{tables}\n}}}}\n'


def _table(name: str, rows: Rows) -> str:
    lines = "".join(f"{',' if number else ''}\n{_line(row)}" for number, row in enumerate(rows))
    return f'{_line(name)}: {{"about": {_line(exports.PARTS[name].about)}, "rows": [{lines}]}}'


def _line(value: object) -> str:
    """One value as JSON. Without an indent the fast writer does it: a long life has tens of thousands of rows."""
    return json.dumps(_safe(value), ensure_ascii=False)


def _safe(value: object) -> object:
    """The same with numbers that are too large for some readers as texts."""
    if isinstance(value, str):  # most are
        return value
    if isinstance(value, dict):
        return {key: _safe(part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_safe(part) for part in cast("list[object]", value)]
    return str(value) if isinstance(value, int) and abs(value) > SAFE_NUMBER else value
