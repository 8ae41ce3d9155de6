"""A member's right to have all of their data deleted, also after a restore of the database."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.members import table as members
from mastermind.game.members.authority import Access
from mastermind.game.outbox import table as outbox
from mastermind.game.privacy import table as privacy
from mastermind.game.privacy.rules import DELETIONS_KEPT
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mastermind.deadline import Deadline
    from mastermind.game.members.rules import Actor
    from mastermind.game.privacy.rules import Deletion, Ended
    from mastermind.game.privacy.table import Origin, Repeated
    from mastermind.postgres.connection import Connection

ACT = "act"
"""The kind of request by which the admins are told of an act."""


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
    """Remove everything about the member; one round trip.

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
