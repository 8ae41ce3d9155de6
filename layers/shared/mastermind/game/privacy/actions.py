"""A member's rights: to get all of their data, and to have all of it deleted."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.audit.table import Notice
from mastermind.game.exchanges import changing
from mastermind.game.members import table as members
from mastermind.game.members.authority import Access
from mastermind.game.members.rules import Subject
from mastermind.game.outbox import table as outbox
from mastermind.game.privacy import table as privacy
from mastermind.game.privacy.rules import DELETIONS_KEPT
from mastermind.postgres.exchange import decision, exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mastermind.deadline import Deadline
    from mastermind.game.audit.rules import Operator
    from mastermind.game.members.rules import Actor
    from mastermind.game.privacy.rules import Deletion, Ended
    from mastermind.game.privacy.table import Origin, Repeated, Rows
    from mastermind.postgres.connection import Connection

EXPORT = "privacy.export"

ACT = "act"
"""The kind of request by which the admins are told of an act."""

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
    found = privacy.read(conn, user_id)
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
    return f'{_line(name)}: {{"about": {_line(privacy.PARTS[name].about)}, "rows": [{lines}]}}'


def _line(value: object) -> str:
    """One value as JSON. Without an indent the fast writer does it: a long life has tens of thousands of rows."""
    return json.dumps(_safe(value), ensure_ascii=False)


def admit_deletion(conn: Connection, actor: Actor) -> None:
    """Before a deletion, and before anything is written about it; raises MemberMistake for the fourth of 24 hours.

    It is done under a hash of their id: who deleted themselves a minute ago is nobody. A repeat is admitted again.
    """
    with exchange(conn), transaction(conn):
        asked = privacy.admit(conn, actor.user_id, actor.key)
    if again := only(asked):
        raise MemberMistake(TOO_OFTEN.format(again=again))


TOO_OFTEN = "Nothing was deleted: you did that three times within a day. You can do it again <t:{again}:R>."


def delete(conn: Connection, actor: Actor) -> Ended:
    """Remove everything of the member, as if they had never been here; one round trip.

    Without members.meet, which would make them a member again. Of an admin's deletion the other admins are told. The
    same confirmation again removes nothing, even if they came back since, and gives the same end.
    """
    with exchange(conn), transaction(conn):
        members.lock(conn, actor.user_id)
        ended = privacy.forget(conn, actor.user_id, actor.key)
        if actor.access >= Access.ADMIN:
            outbox.insert(conn, ACT, f"forgotten:{actor.key}")
    return only(ended)


def note_logged(conn: Connection, interaction_id: int) -> None:
    """The deletion log has the end of that deletion."""
    with exchange(conn), transaction(conn):
        privacy.note_logged(conn, interaction_id)


ENDS_AT_ONCE = 100


def log_ends(conn: Connection, write: Callable[[Ended], None], deadline: Deadline) -> int:
    """Hand to `write` the ends of deletions that the log lacks, until `deadline`; returns how many.

    An error of `write` is raised; what it did not take is left to the next time.
    """
    written = 0
    for ended in privacy.unlogged(conn, ENDS_AT_ONCE):
        if deadline.passed:
            break
        write(ended)
        note_logged(conn, ended.interaction_id)
        written += 1
    with exchange(conn), transaction(conn):
        privacy.prune(conn, DELETIONS_KEPT)
    return written


def origin(conn: Connection) -> Origin:
    """Where this database's deletions must be logged: in a log that has those it knows, and is as old as itself."""
    return privacy.origin(conn, DELETIONS_KEPT)


def forget_again(conn: Connection, log: Iterable[Deletion]) -> Counter[Repeated]:
    """After a restore: repeat these deletions; how many there were of each outcome.

    Each in a transaction of its own, so that it can be repeated from anywhere. For the owner's role.
    """
    return Counter(_forget_again(conn, done) for done in log)


def _forget_again(conn: Connection, done: Deletion) -> Repeated:
    with exchange(conn), transaction(conn):
        members.lock(conn, done.user_id)
        return privacy.forget_again(conn, done)


def _safe(value: object) -> object:
    """The same with numbers that are too large for some readers as texts."""
    if isinstance(value, str):  # most are
        return value
    if isinstance(value, dict):
        return {key: _safe(part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_safe(part) for part in cast("list[object]", value)]
    return str(value) if isinstance(value, int) and abs(value) > SAFE_NUMBER else value
