"""Warnings and what they propose: moderators warn, admins decide, the game punishes nobody."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing, looking
from mastermind.game.members.rules import Subject
from mastermind.game.moderation import table as warnings
from mastermind.game.moderation.rules import STANDS_FOR, Proposal, ProposalStatus, proposal, strike
from mastermind.game.moderation.table import OpenProposal, Warned
from mastermind.game.paging import Window
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.members.rules import Actor
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = ["Given", "OpenProposal", "Overview", "Settled", "Warned", "read", "settle", "warn", "withdraw"]

WARN, WITHDRAW = "warn.add", "warn.withdraw"

type Decision = Literal[ProposalStatus.DONE, ProposalStatus.DISMISSED]
"""What admins make of a proposal."""

SETTLE: dict[Decision, str] = {
    ProposalStatus.DONE: "moderation.done",
    ProposalStatus.DISMISSED: "moderation.dismiss",
}
"""Their names in the audit log and among the stored outcomes, as WARN and WITHDRAW."""

LINES, PROPOSALS = 5, 3
"""Warnings of a page, and the proposals above them: their buttons stay below the 40 components of a message."""

GONE = "There is nothing here any more: the member has had all of their data deleted."


@dataclass(frozen=True, slots=True)
class Given:
    """A warning was given: which strike it was; `repeated`: nothing was given just now."""

    strike: int
    repeated: bool = False

    @property
    def proposal(self) -> Proposal | None:
        return proposal(self.strike)


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of warnings, how many of all stand, and the first of the `waiting` proposals."""

    page: Page[Warned]
    standing: int
    proposals: tuple[OpenProposal, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class Settled:
    """How a warning or a proposal stands after a tap, and the page as it is then.

    `fresh` when this tap led to it, however often it is delivered; else it had been so before.
    """

    user_id: int
    status: ProposalStatus
    fresh: bool
    overview: Overview


def warn(conn: Connection, actor: Actor, subject: Subject, reason: str) -> Given:
    """Warn somebody; a second and a third warning within 30 days propose something to the admins."""
    with changing(conn, actor, WARN, subject=subject) as change:
        warnings.lock(conn, subject.user_id)
        standing = warnings.standing(conn, subject.user_id, STANDS_FOR)
        before = only(standing)
        if stored := change.stored:
            return replace(outcomes.restored(Given, {"strike": strike(max(0, before - 1)), **stored}), repeated=True)
        given = Given(strike(before))
        warnings.give(conn, subject, given.strike, reason, actor.user_id, given.proposal)
        change.audit(
            subject=subject,
            before={"standing_warnings": before},
            after={"standing_warnings": before + 1, "strike": given.strike, "proposed": given.proposal},
            reason=reason,
        )
        change.keep({"strike": given.strike})
    return given


def read(conn: Connection, actor: Actor, subject_id: int | None, page: int) -> Overview:
    """A page of the warnings of one person or everybody (None), the newest first, with what waits for the admins."""
    with looking(conn, actor):
        found = _ask(conn, subject_id, page)
    return found()


def withdraw(conn: Connection, actor: Actor, warning_id: int, subject_id: int | None, page: int) -> Settled:
    """Take back a warning, and what it proposed. A second tap finds it withdrawn and changes nothing."""
    with changing(conn, actor, WITHDRAW) as change:
        locked = warnings.lock_warning(conn, warning_id)
        warning = locked.fetchone()
        if warning is None:
            raise MemberMistake(GONE)
        stands = warning.withdrawn_at is None
        if stands:
            warnings.withdraw(conn, warning_id, actor.user_id)
            change.audit(
                subject=Subject(warning.user_id),
                before={"warning": "given", "strike": warning.strike},
                after={"warning": "withdrawn"},
                reason=warning.reason,
            )
            change.keep({})
        found = _ask(conn, subject_id, page)
    fresh = stands or change.stored is not None
    return Settled(warning.user_id, ProposalStatus.WITHDRAWN, fresh, found())


def settle(
    conn: Connection, actor: Actor, proposal_id: int, status: Decision, subject_id: int | None, page: int
) -> Settled:
    """Record what the admins decided. A second tap, or a second admin, finds it decided."""
    with changing(conn, actor, SETTLE[status]) as change:
        locked = warnings.lock_proposal(conn, proposal_id)
        proposed = locked.fetchone()
        if proposed is None:
            raise MemberMistake(GONE)
        is_open = proposed.status is ProposalStatus.OPEN
        if is_open:
            warnings.settle(conn, proposal_id, status, actor.user_id)
            before, after = {proposed.proposal.value: "proposed"}, {proposed.proposal.value: status}
            change.audit(subject=Subject(proposed.user_id), before=before, after=after)
            change.keep({})
        found = _ask(conn, subject_id, page)
    fresh = is_open or change.stored is not None
    return Settled(proposed.user_id, status if fresh else proposed.status, fresh, found())


def _ask(conn: Connection, subject_id: int | None, page: int) -> Callable[[], Overview]:
    """Send the queries for a page; what is returned reads their rows."""
    window = Window(page, LINES)
    counts = warnings.counts(conn, subject_id, STANDS_FOR)
    lines = warnings.page(conn, subject_id, STANDS_FOR, window)
    proposals, waiting = warnings.proposals(conn, subject_id, PROPOSALS), warnings.count_proposals(conn, subject_id)

    def read() -> Overview:
        counted = only(counts)
        return Overview(window.page(lines, counted.given), counted.standing, tuple(proposals), only(waiting))

    return read
