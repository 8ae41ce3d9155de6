"""What is a member's: to have all of their data, and to have all of it removed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.privacy import exports
from mastermind.game.privacy import table as forgetting
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mastermind.game.privacy.exports import Rows
    from mastermind.game.privacy.rules import Deletion
    from mastermind.postgres.connection import Connection

__all__ = ["Member", "delete", "export", "forget_again"]

EXPORT = "privacy.export"

NOTHING_KEPT = "The game keeps nothing about this person, so there is nothing to export."

SAFE_NUMBER = 2**53
"""Above it a program that takes each number for a double would change it; ids are written as texts."""


def export(conn: Connection, member: Member, interaction_id: int, time_zone: str, subject_id: int | None = None) -> str:
    """All that any table says of the member, as JSON; `time_zone` is the deployment's, for a first contact.

    With `subject_id` it is what an admin, `member`, gets about somebody else: the same, to be handed to them. Raises
    MemberMistake when no table says anything of them.
    """
    about = member.user_id if subject_id is None else subject_id
    with decision(conn):
        with exchange(conn):
            users.enter(conn, member, time_zone)
            begin(conn)
            users.lock_both(conn, member.user_id, about)  # so that all tables tell of one moment
            done = interactions.find(conn, member.user_id, EXPORT, [interaction_id])
            found = exports.read(conn, about)
        rows = {table: only(cursor)[0] or [] for table, cursor in found.items()}
        if not any(rows.values()):
            raise MemberMistake(NOTHING_KEPT)
        if not done.fetchone():
            with exchange(conn):
                audit.write(conn, actor_id=member.user_id, action=EXPORT, subject_id=about)
                interactions.store(conn, member.user_id, EXPORT, [interaction_id], {})
                commit(conn)
    return written(about, rows)


def written(user_id: int, found: Mapping[str, Rows]) -> str:
    """What exports.read has found, table by table, as the JSON that a person gets: a line for each row."""
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


def delete(conn: Connection, user_id: int, interaction_id: int) -> None:
    """Remove everything of the member, as if they had never been here; one exchange.

    Without users.enter, which would make them a member again: this is the one action that nobody needs to be met for.
    The same interaction again removes nothing, whoever came back since.
    """
    with exchange(conn), transaction(conn):
        users.lock(conn, user_id)
        forgetting.forget(conn, user_id, interaction_id)


def forget_again(conn: Connection, log: Iterable[Deletion]) -> int:
    """After a restore: remove whoever had asked for it by then and was brought back; how many that were.

    Each by itself, so that it can be done again from anywhere. For the owner's role.
    """
    return sum(len(forgetting.forget_again(conn, asked.user_id, asked.at).fetchall()) for asked in log)


def _safe(value: object) -> object:
    """The same with numbers that are too large for some readers as texts."""
    if isinstance(value, str):  # most are
        return value
    if isinstance(value, dict):
        return {key: _safe(part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_safe(part) for part in cast("list[object]", value)]
    return str(value) if isinstance(value, int) and abs(value) > SAFE_NUMBER else value
