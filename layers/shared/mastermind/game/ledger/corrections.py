"""What admins correct: a member's XP by a row of the ledger, or everything they have, back to the beginning.

Each is a decision of two exchanges behind the member's lock, stands in the audit log with before and after, and happens
once however often it is delivered.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.ledger import corrections_table as corrections
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.corrections_table import Account
from mastermind.game.ledger.table import Booking
from mastermind.game.levels import rules as levels
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.raids import table as raids
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.postgres.connection import Connection

__all__ = ["ADJUST", "MOST_XP", "RESET", "Account", "Adjusted", "Member", "Reset", "adjust", "look", "reset"]

ADJUST, RESET = "xp.adjust", "stats.reset"
"""The names of what is done, in the audit log and among the stored outcomes."""

MOST_XP = levels.xp_needed(levels.LEVELS)
"""The most that one correction gives or takes: all the way to the highest level. What is more is a slip of the hand."""

UNKNOWN = "This member has not played yet, so there is nothing to correct."


@dataclass(frozen=True, slots=True)
class Adjusted:
    """XP before and after a correction, as the ledger says them (below 0 too); `repeated`: nothing changed just now."""

    before: int
    after: int
    repeated: bool = False

    @property
    def levels(self) -> tuple[int, int]:
        """The level before and after it."""
        return levels.level_of(self.before), levels.level_of(self.after)


@dataclass(frozen=True, slots=True)
class Reset:
    """What a reset took: XP, completed challenges, awards on their way, days with stats."""

    xp: int
    challenges: int
    pending: int
    days: int
    repeated: bool = False


def look(conn: Connection, actor: Member, subject_id: int, time_zone: str) -> Account:
    """A member as they stand; raises MemberMistake for somebody the game has never met."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        account = corrections.account(conn, subject_id)
    return _known(account.fetchone())


def adjust(
    conn: Connection, actor: Member, interaction_id: int, subject_id: int, amount: int, reason: str, time_zone: str
) -> Adjusted:
    """Give a member `amount` XP, or take them when it is below 0; only this takes XP below 0.

    Raises MemberMistake for an amount of 0 or more than MOST_XP either way, and for somebody never met.
    """
    if not 0 < abs(amount) <= MOST_XP:
        raise MemberMistake(f"`amount` can be 1 to {MOST_XP:,} XP to give, or the same below zero to take away.")
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            subject = users.lock_both(conn, actor.user_id, subject_id)
            done = interactions.find(conn, actor.user_id, ADJUST, [interaction_id])
            found = corrections.account(conn, subject_id)
        if outcome := done.fetchone():
            return Adjusted(_whole(outcome, "before"), _whole(outcome, "after"), repeated=True)
        before = _known(found.fetchone() if subject.rowcount else None).xp
        adjusted = Adjusted(before, before + amount)
        with exchange(conn):
            row = Booking(amount, "adjustment", "admin", str(interaction_id), details={"reason": reason})
            ledger.book(conn, subject_id, [row])
            audit.write(
                conn,
                actor_id=actor.user_id,
                action=ADJUST,
                subject_id=subject_id,
                before={"xp": before},
                after={"xp": adjusted.after},
                reason=reason,
            )
            outcome = {"before": before, "after": adjusted.after}
            interactions.store(conn, actor.user_id, ADJUST, [interaction_id], outcome)
            commit(conn)
    return adjusted


def reset(conn: Connection, actor: Member, ids: tuple[int, int], subject_id: int, reason: str, time_zone: str) -> Reset:
    """Take a member back to their beginning: stats, challenges and XP go; what they did for others stays.

    `ids` are this interaction and the one that opened its form. Raises MemberMistake for somebody never met.
    """
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            subject = users.lock_both(conn, actor.user_id, subject_id)
            raids.lock_active(conn)
            done = interactions.find(conn, actor.user_id, RESET, ids)
            found = corrections.account(conn, subject_id)
            image = corrections.image(conn, subject_id)
        if outcome := done.fetchone():
            taken = (_whole(outcome, each) for each in ("xp", "challenges", "pending", "days"))
            return Reset(*taken, repeated=True)
        account = _known(found.fetchone() if subject.rowcount else None)
        taken = Reset(account.xp, account.challenges, account.pending, account.days)
        outcome = {key: value for key, value in asdict(taken).items() if key != "repeated"}
        with exchange(conn):
            audit.write(
                conn,
                actor_id=actor.user_id,
                action=RESET,
                subject_id=subject_id,
                before=image.fetchone(),
                after={"xp": 0, "level": 1, "challenges": 0},
                reason=reason,
            )
            raids.leave(conn, subject_id)
            corrections.reset(conn, subject_id, str(ids[1]), reason)
            interactions.store(conn, actor.user_id, RESET, ids, outcome)
            commit(conn)
    return taken


def _known(account: Account | None) -> Account:
    if account is None:
        raise MemberMistake(UNKNOWN)
    return account


def _whole(outcome: Mapping[str, object], figure: str) -> int:
    return cast("int", outcome[figure])
