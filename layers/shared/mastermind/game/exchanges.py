"""The ways in which a member uses the database: a read, or a change that is made once.

All begin with the member's row: it is created at first contact, and a use over their rate limit is refused. Somebody
who is only typing is not made a member: they may look, and what they look at has no row of theirs. A change takes one
round trip where its statements decide everything, and two where rules do.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mastermind.errors import Forgotten
from mastermind.game.audit import table as audit
from mastermind.game.audit.table import Notice
from mastermind.game.members import authority
from mastermind.game.members import table as members
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import decision, exchange, snapshot, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from mastermind.game.members.rules import Actor, Subject
    from mastermind.postgres.connection import Connection, Cursor


type Store = Callable[[Connection, int, str, Sequence[int], Mapping[str, object]], None]
"""How an outcome is stored: that of the member, of that kind of change, under these ids (outcomes.store)."""


@contextmanager
def looking(conn: Connection, actor: Actor) -> Generator[None]:
    """Send the queries of the block as of one moment, in one round trip; read their rows after the block."""
    with exchange(conn):
        members.meet(conn, actor)
        with snapshot(conn):
            members.admit(conn, actor)
            yield


def own_row[Row](cursor: Cursor[Row]) -> Row:
    """The row about the member who looks; raises Forgotten if they were deleted after they were met."""
    row = cursor.fetchone()
    if row is None:
        raise Forgotten
    return row


@contextmanager
def writing(conn: Connection, actor: Actor) -> Generator[None]:
    """Make one change in one round trip, behind the lock on the member's row; read its rows after the block.

    Its statements look themselves whether the change was made before.
    """
    with exchange(conn):
        members.meet(conn, actor)
        with transaction(conn):
            members.admit(conn, actor)
            members.lock_own(conn, actor.user_id)
            yield


class OngoingChange:
    """A change by a member, in its transaction and behind the lock on their row."""

    def __init__(self, conn: Connection, actor: Actor, action: str, subject_id: int) -> None:
        self._conn, self._actor, self._action = conn, actor, action
        self._ids = [actor.interaction_id, *([actor.nonce] if actor.nonce else [])]
        self._subject = members.lock_both(conn, actor.user_id, subject_id)
        self._stored = outcomes.find(conn, actor.user_id, action, self._ids)
        self.is_kept = False

    @cached_property
    def stored(self) -> Mapping[str, Any] | None:
        """The outcome that was stored when this change was made before; None when it is new."""
        return self._stored.fetchone()

    @property
    def is_made(self) -> bool:
        """Whether this change was made, now or when it was delivered before."""
        return self.is_kept or self.stored is not None

    @property
    def knows_subject(self) -> bool:
        """Whether the subject is a member, whose row is locked; ask only after `stored`."""
        return self._subject.rowcount > 0

    def audit(
        self,
        *,
        subject: Subject | None = None,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        reason: str = "",
    ) -> None:
        """Add this change to the audit log; raises MemberMistake when the actor may not do it to the subject."""
        if subject:
            authority.check(self._action, self._actor, subject)
        audit.write(
            self._conn,
            self._actor.user_id,
            action=self._action,
            subject_id=subject and subject.user_id,
            before=before,
            after=after,
            reason=reason,
        )

    def audit_and_tell(
        self,
        subject: Subject,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        reason: str = "",
        xp: int = 0,
    ) -> None:
        """The same for an act on somebody else of which all admins are notified; `xp` is what it gave or took."""
        authority.check(self._action, self._actor, subject)
        audit.write(
            self._conn,
            self._actor.user_id,
            action=self._action,
            subject_id=subject.user_id,
            before=before,
            after=after,
            reason=reason,
            notice=Notice(xp),
        )

    def keep(self, outcome: Mapping[str, object], store: Store = outcomes.store) -> None:
        """Store the outcome for a repeat; the transaction is committed at the end of the block."""
        store(self._conn, self._actor.user_id, self._action, self._ids, outcome)
        self.is_kept = True


@contextmanager
def changing(
    conn: Connection, actor: Actor, action: str, *, subject: Subject | None = None
) -> Generator[OngoingChange]:
    """Make one change in two round trips: what the first one reads decides what the second one writes.

    What the block sends before it reads its first row travels in the first; what it sends after that in the second, and
    its rows can be read after the block. Unless the block keeps an outcome, everything is rolled back.

    `action` names the change in the audit log and among the stored outcomes. `subject` is whom it is done to, if that
    is known beforehand: their row is locked too, in the order of the ids. Raises MemberMistake, before anything is
    sent, when the actor may not do it to them; `audit` asks the same for subjects that are found on the way.
    """
    if subject:
        authority.check(action, actor, subject)
    with decision(conn) as transaction:
        members.meet(conn, actor)
        transaction.begin()
        members.admit(conn, actor)
        change = OngoingChange(conn, actor, action, subject.user_id if subject else actor.user_id)
        yield change
        if change.is_kept:
            transaction.commit()
