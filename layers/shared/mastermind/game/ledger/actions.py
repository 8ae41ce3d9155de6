"""The ledger: a member reads their own rows; admins correct a member's XP, or reset all that a member has."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.audit.rules import MANY_XP
from mastermind.game.contributions import table as contributions
from mastermind.game.exchanges import changing, looking
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.rules import BookingKind, Source
from mastermind.game.ledger.table import Account, Booking, Break, LedgerRow
from mastermind.game.levels import rules as levels
from mastermind.game.members import authority
from mastermind.game.paging import Window
from mastermind.game.raids import table as raids
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import only
from mastermind.records import as_dict

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor, Subject
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = [
    "ADJUST",
    "MOST_XP",
    "RESET",
    "Account",
    "Adjusted",
    "Break",
    "LedgerRow",
    "Reset",
    "adjust",
    "look",
    "read",
    "reset",
]

PAGE_SIZE = 4
"""Rows of a page: so many fit one screen of a phone, each with what it was and why it was as much."""

ADJUST, RESET = "xp.adjust", "stats.reset"
"""The names of the changes in the audit log and among the stored outcomes."""

MOST_XP = levels.xp_needed(levels.LEVELS)
"""The most that one correction gives or takes: all the way to the highest level. More is a typing mistake."""

UNKNOWN = "This member has not played yet, so nothing needs correcting."


def read(conn: Connection, actor: Actor, page: int = 1) -> Page[LedgerRow]:
    """A page of the member's own rows, the newest first."""
    window = Window(page, PAGE_SIZE)
    with looking(conn, actor):
        count = ledger.size(conn, actor.user_id)
        found = ledger.page(conn, actor.user_id, window)
    return window.page(found, only(count))


@dataclass(frozen=True, slots=True)
class Adjusted:
    """XP before and after a correction, as the ledger has them (below 0 too); `repeated`: nothing changed just now."""

    before: int
    after: int
    repeated: bool = False

    @property
    def levels(self) -> tuple[int, int]:
        """The level before and after it."""
        return levels.level_of(self.before), levels.level_of(self.after)


@dataclass(frozen=True, slots=True)
class Reset:
    """What a reset took, and why: XP, completed challenges, pending awards, days with stats."""

    xp: int = 0
    challenges: int = 0
    pending: int = 0
    days: int = 0
    reason: str = ""
    repeated: bool = False


def look(conn: Connection, actor: Actor, subject: Subject) -> Account:
    """A member as they stand before a reset; raises MemberMistake as that would, and for somebody never met."""
    authority.check(RESET, actor, subject)
    with looking(conn, actor):
        account = ledger.account(conn, subject.user_id)
    return _known(account.fetchone())


def adjust(conn: Connection, actor: Actor, subject: Subject, amount: int, reason: str) -> Adjusted:
    """Give a member `amount` XP, or take them when it is below 0; only this takes XP below 0.

    Raises MemberMistake for an amount of 0 or more than MOST_XP either way, and for somebody never met.
    """
    if not 0 < abs(amount) <= MOST_XP:
        raise MemberMistake(f"`amount` can be 1 to {MOST_XP:,} XP to give, or the same below zero to take away.")
    with changing(conn, actor, ADJUST, subject=subject) as change:
        found, lately = ledger.account(conn, subject.user_id), ledger.adjusted_lately(conn, subject.user_id)
        if stored := change.stored:
            account = found.fetchone()
            now = account.xp if account else 0
            return replace(outcomes.restored(Adjusted, {"before": now, "after": now, **stored}), repeated=True)
        before = _known(found.fetchone() if change.knows_subject else None).xp
        adjusted = Adjusted(before, before + amount)
        source_id = str(actor.key)
        row = Booking(amount, BookingKind.ADJUSTMENT, Source.ADMIN, source_id, details={"reason": reason})
        ledger.book(conn, subject.user_id, [row])
        was, now = {"xp": before}, {"xp": adjusted.after}
        if only(lately) + abs(amount) >= MANY_XP:
            change.audit_and_tell(subject, before=was, after=now, reason=reason, xp=amount)
        else:
            change.audit(subject=subject, before=was, after=now, reason=reason)
        change.keep({"before": before, "after": adjusted.after})
    return adjusted


def reset(conn: Connection, actor: Actor, subject: Subject, reason: str) -> Reset:
    """Take a member back to their beginning: stats, challenges and XP go; what they did for others stays.

    Raises MemberMistake for somebody never met.
    """
    with changing(conn, actor, RESET, subject=subject) as change:
        raids.lock_active(conn)
        found = ledger.account(conn, subject.user_id)
        image = ledger.image(conn, subject.user_id)
        if stored := change.stored:
            return replace(outcomes.restored(Reset, {"reason": reason, **stored}), repeated=True)
        account = _known(found.fetchone() if change.knows_subject else None)
        taken = Reset(account.xp, account.challenges, account.pending, account.days, reason)
        after = {"xp": 0, "level": 1, "challenges": 0}
        change.audit_and_tell(subject, before=image.fetchone(), after=after, reason=reason)
        contributions.leave(conn, subject.user_id)
        ledger.reset(conn, subject.user_id, str(actor.key), reason)
        change.keep(as_dict(taken))
    return taken


def _known(account: Account | None) -> Account:
    if account is None:
        raise MemberMistake(UNKNOWN)
    return account
