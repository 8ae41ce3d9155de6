"""Warnings and what they propose: moderators warn, and nothing is done to anybody whom no person confirms."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing, looking
from mastermind.game.members.rules import Subject
from mastermind.game.moderation import table as warnings
from mastermind.game.moderation.rules import STANDS_FOR, proposal, strike
from mastermind.game.moderation.table import Warned
from mastermind.game.outreach import table as outreach
from mastermind.game.paging import Window
from mastermind.game.sanctions import table as sanctions
from mastermind.game.sanctions.rules import TIMED_OUT_FOR, Proposal, ProposalStatus
from mastermind.game.sanctions.table import OpenProposal
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from mastermind.game.members.rules import Actor
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = ["Given", "OpenProposal", "Overview", "Settled", "Warned", "confirm", "read", "settle", "warn", "withdraw"]

WARN, WITHDRAW, CONFIRM = "warn.add", "warn.withdraw", "moderation.confirm"

type Decision = Literal[ProposalStatus.DONE, ProposalStatus.DISMISSED]
"""What admins make of a proposal."""

SETTLE: dict[Decision, str] = {
    ProposalStatus.DONE: "moderation.done",
    ProposalStatus.DISMISSED: "moderation.dismiss",
}
"""Their names in the audit log and among the stored outcomes, as WARN, WITHDRAW and CONFIRM."""

NO_BOT = (
    "Nothing was done: I cannot reach Discord as a bot at the moment. Try again later, or do it in Discord yourself, "
    "then tap *✔ Timed out* or *✔ Banned*."
)
NO_RIGHT = {
    Proposal.TIMEOUT: "Nothing was done: it takes *Time out members* in Discord, which you lack. Ask somebody who may.",
    Proposal.BAN: "Nothing was done: it takes *Ban Members* in Discord, which you lack. Ask somebody who may.",
}
NO_RIGHT_TO_LIFT = {
    Proposal.TIMEOUT: "Nothing was done: this also ends their time-out, which takes *Time out members* in Discord. "
    "Ask somebody who may.",
    Proposal.BAN: "Nothing was done: this also lifts their ban, which takes *Ban Members* in Discord. "
    "Ask somebody who may.",
}

LINES, PROPOSALS = 5, 3
"""Warnings of a page, and the proposals above them: their buttons stay below the 40 components of a message."""

GONE = "The member has had all of their data deleted. Nothing is left to do."


@dataclass(frozen=True, slots=True)
class Given:
    """A warning was given: which strike it was; `repeated`: nothing was given just now.

    `writes` when the bot writes to them.
    """

    strike: int
    writes: bool = False
    repeated: bool = False

    @property
    def proposal(self) -> Proposal | None:
        return proposal(self.strike)


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of warnings, how many of all stand, and the first of the `waiting` proposals.

    `kept` are those of this person that stand though they had themselves deleted, with the warnings' words.
    `by_bot` says whether there is a bot that can do them.
    """

    page: Page[Warned]
    standing: int
    kept: int
    proposals: tuple[OpenProposal, ...]
    waiting: int
    by_bot: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """How a warning or a proposal stands after a tap, and the page as it is then.

    `fresh` when this tap led to it, however often it is delivered; else it had been so before. `lifts` is what of ours
    in Discord ends with it.
    """

    user_id: int
    status: ProposalStatus
    fresh: bool
    overview: Overview
    lifts: Proposal | None = None


def warn(conn: Connection, actor: Actor, subject: Subject, reason: str) -> Given:
    """Warn somebody; a second and a third warning within 30 days propose something to the admins."""
    with changing(conn, actor, WARN, subject=subject) as change:
        warnings.lock(conn, subject.user_id)
        standing, found_bot = warnings.standing(conn, subject.user_id, STANDS_FOR), outreach.is_on(conn)
        before, is_on = only(standing), only(found_bot)
        if stored := change.stored:
            return replace(outcomes.restored(Given, {"strike": strike(max(0, before - 1)), **stored}), repeated=True)
        nth = strike(before)
        given = Given(nth, writes=is_on and proposal(nth) is None)
        warnings.give(conn, subject, given.strike, reason, actor.user_id, given.proposal)
        change.audit(
            subject=subject,
            before={"standing_warnings": before},
            after={"standing_warnings": before + 1, "strike": given.strike, "proposed": given.proposal},
            reason=reason,
        )
        change.keep({"strike": given.strike, "writes": given.writes})
    return given


def read(conn: Connection, actor: Actor, subject_id: int | None, page: int) -> Overview:
    """A page of the warnings of one person or everybody (None), the newest first, with what waits for the admins."""
    with looking(conn, actor):
        found = _ask(conn, subject_id, page)
    return found()


def withdraw(
    conn: Connection,
    actor: Actor,
    warning_id: int,
    subject_id: int | None,
    page: int,
    *,
    rights: Collection[Proposal],
    now: datetime,
) -> Settled:
    """Take back a warning, what it proposed, and what the bot has done for it. A second tap changes nothing.

    `rights` are what the actor may do in Discord themselves: nobody ends a ban who may not ban.
    """
    with changing(conn, actor, WITHDRAW) as change:
        locked, proposed = warnings.lock_warning(conn, warning_id), sanctions.of_warning(conn, warning_id)
        warning, sanction = locked.fetchone(), proposed.fetchone()
        if warning is None:
            raise MemberMistake(GONE)
        ends = sanction if sanction and sanction.is_in_force(now) else None
        if warning.withdrawn_at is None:
            if ends and ends.proposal not in rights:
                raise MemberMistake(NO_RIGHT_TO_LIFT[ends.proposal])
            warnings.withdraw(conn, warning_id, actor.user_id)
            if ends and ends.acted_at:
                sanctions.lift(conn, ends.proposal_id)
            change.audit(
                subject=Subject(warning.user_id),
                before={"warning": "given", "strike": warning.strike},
                after={"warning": "withdrawn"},
                reason=warning.reason,
            )
            change.keep({})
        found = _ask(conn, subject_id, page)
    return Settled(warning.user_id, ProposalStatus.WITHDRAWN, change.is_made, found(), ends and ends.proposal)


def confirm(
    conn: Connection,
    actor: Actor,
    proposal_id: int,
    subject_id: int | None,
    page: int,
    *,
    rights: Collection[Proposal],
) -> Settled:
    """Have the bot do what is proposed. `rights` are what the actor may do in Discord themselves, and nothing else."""
    with changing(conn, actor, CONFIRM) as change:
        locked, found_bot = sanctions.lock_proposal(conn, proposal_id), outreach.is_on(conn)
        proposed, is_on = locked.fetchone(), only(found_bot)
        if proposed is None:
            raise MemberMistake(GONE)
        if proposed.proposal not in rights:
            raise MemberMistake(NO_RIGHT[proposed.proposal])
        if proposed.status is ProposalStatus.OPEN and change.stored is None:
            if not is_on:
                raise MemberMistake(NO_BOT)
            lasts = TIMED_OUT_FOR if proposed.proposal is Proposal.TIMEOUT else None
            sanctions.confirm(conn, proposal_id, actor.user_id, lasts)
            sanctions.hand_on(conn, proposal_id)
            before, after = {proposed.proposal.value: "proposed"}, {proposed.proposal.value: ProposalStatus.CONFIRMED}
            change.audit(subject=Subject(proposed.user_id), before=before, after=after)
            change.keep({})
        found = _ask(conn, subject_id, page)
    became = ProposalStatus.CONFIRMED if change.is_made else proposed.status
    return Settled(proposed.user_id, became, change.is_made, found())


def settle(
    conn: Connection, actor: Actor, proposal_id: int, status: Decision, subject_id: int | None, page: int
) -> Settled:
    """Record what the admins decided. A second tap, or a second admin, finds it decided."""
    with changing(conn, actor, SETTLE[status]) as change:
        locked = sanctions.lock_proposal(conn, proposal_id)
        proposed = locked.fetchone()
        if proposed is None:
            raise MemberMistake(GONE)
        if proposed.status is ProposalStatus.OPEN:
            sanctions.settle(conn, proposal_id, status, actor.user_id)
            before, after = {proposed.proposal.value: "proposed"}, {proposed.proposal.value: status}
            change.audit(subject=Subject(proposed.user_id), before=before, after=after)
            change.keep({})
        found = _ask(conn, subject_id, page)
    return Settled(proposed.user_id, status if change.is_made else proposed.status, change.is_made, found())


def _ask(conn: Connection, subject_id: int | None, page: int) -> Callable[[], Overview]:
    """Send the queries for a page; what is returned reads their rows."""
    window = Window(page, LINES)
    counts = warnings.counts(conn, subject_id, STANDS_FOR)
    lines = warnings.page(conn, subject_id, STANDS_FOR, window)
    proposals, waiting = sanctions.proposals(conn, subject_id, PROPOSALS), sanctions.count_proposals(conn, subject_id)
    by_bot = outreach.is_on(conn)

    def read() -> Overview:
        counted = only(counts)
        shown = window.page(lines, counted.given)
        return Overview(shown, counted.standing, counted.kept, tuple(proposals), only(waiting), only(by_bot))

    return read
