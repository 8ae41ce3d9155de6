"""Warnings and what they propose: moderators warn, admins decide, nobody is punished by a machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind.errors import MemberMistake
from mastermind.game import paging
from mastermind.game.audit import table as audit
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.moderation import table as warnings
from mastermind.game.moderation.rules import STANDS_FOR, Proposal, proposal, strike
from mastermind.game.moderation.table import OpenProposal, Warned
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, snapshot

if TYPE_CHECKING:
    from psycopg import Cursor

    from mastermind.game.moderation.table import Counts
    from mastermind.postgres.connection import Connection

__all__ = [
    "Given",
    "Member",
    "OpenProposal",
    "Overview",
    "Place",
    "Settled",
    "Warned",
    "read",
    "settle",
    "warn",
    "withdraw",
]

WARN, WITHDRAW = "warn.add", "warn.withdraw"
SETTLE = {"done": "moderation.done", "dismissed": "moderation.dismiss"}
"""The names of what is done in the audit log, and of stored outcomes."""

LINES, PROPOSALS = 5, 3
"""Warnings of a page, and the proposals above them: their buttons stay below the 40 components of a message."""

FARTHEST = 10**9

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
    """A page of warnings with the first of the proposals that wait for a decision."""

    lines: tuple[Warned, ...]
    page: int
    pages: int
    given: int
    standing: int
    proposals: tuple[OpenProposal, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class Settled:
    """How a warning or a proposal stands after a tap, and the page as it is then.

    `fresh` when this tap led to it, however often it is delivered; else it had been so before.
    """

    user_id: int
    status: str
    fresh: bool
    overview: Overview


@dataclass(frozen=True, slots=True)
class Place:
    """A page of warnings, counted from 1 (beyond the end: the last one), of one person or everybody (None)."""

    subject_id: int | None
    page: int


def warn(
    conn: Connection,
    actor: Member,
    interaction_id: int,
    subject: Member,
    reason: str,
    time_zone: str,
) -> Given:
    """Warn somebody; a second and a third warning within 30 days propose something to the admins."""
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            users.lock_own(conn, actor.user_id)
            warnings.lock(conn, subject.user_id)
            done = interactions.find(conn, actor.user_id, WARN, [interaction_id])
            standing = warnings.standing(conn, subject.user_id, STANDS_FOR)
        if outcome := done.fetchone():
            return Given(cast("int", outcome["strike"]), repeated=True)
        before = only(standing)
        given = Given(strike(before))
        with exchange(conn):
            warnings.give(
                conn, subject.user_id, subject.display_name, given.strike, reason, actor.user_id, given.proposal
            )
            audit.write(
                conn,
                actor_id=actor.user_id,
                action=WARN,
                subject_id=subject.user_id,
                before={"standing_warnings": before},
                after={"standing_warnings": before + 1, "strike": given.strike, "proposed": given.proposal},
                reason=reason,
            )
            interactions.store(conn, actor.user_id, WARN, [interaction_id], {"strike": given.strike})
            commit(conn)
    return given


def read(conn: Connection, actor: Member, place: Place, time_zone: str) -> Overview:
    """A page of warnings with what waits for the admins."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        with snapshot(conn):
            asked = _ask(conn, place)
    return asked.answer()


def withdraw(
    conn: Connection, actor: Member, interaction_id: int, warning_id: int, place: Place, time_zone: str
) -> Settled:
    """Take back a warning; what it proposed goes with it. A second tap finds it withdrawn and changes nothing."""
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            users.lock_own(conn, actor.user_id)
            found = warnings.lock_warning(conn, warning_id)
            done = interactions.find(conn, actor.user_id, WITHDRAW, [interaction_id])
        warning = found.fetchone()
        if warning is None:
            raise MemberMistake(GONE)
        stands = warning.withdrawn_at is None
        with exchange(conn):
            if stands:
                warnings.withdraw(conn, warning_id, actor.user_id)
                audit.write(
                    conn,
                    actor_id=actor.user_id,
                    action=WITHDRAW,
                    subject_id=warning.user_id,
                    before={"warning": "given", "strike": warning.strike},
                    after={"warning": "withdrawn"},
                    reason=warning.reason,
                )
                interactions.store(conn, actor.user_id, WITHDRAW, [interaction_id], {})
            asked = _ask(conn, place)
            commit(conn)
    fresh = stands or done.fetchone() is not None
    return Settled(warning.user_id, "withdrawn", fresh, asked.answer())


def settle(
    conn: Connection,
    actor: Member,
    interaction_id: int,
    proposal_id: int,
    status: str,
    place: Place,
    time_zone: str,
) -> Settled:
    """Write down what the admins decided: "done" or "dismissed". A second tap, or a second admin, finds it decided."""
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            users.lock_own(conn, actor.user_id)
            found = warnings.lock_proposal(conn, proposal_id)
            done = interactions.find(conn, actor.user_id, SETTLE[status], [interaction_id])
        proposed = found.fetchone()
        if proposed is None:
            raise MemberMistake(GONE)
        is_open = proposed.status == "open"
        with exchange(conn):
            if is_open:
                warnings.settle(conn, proposal_id, status, actor.user_id)
                audit.write(
                    conn,
                    actor_id=actor.user_id,
                    action=SETTLE[status],
                    subject_id=proposed.user_id,
                    before={proposed.proposal: "proposed"},
                    after={proposed.proposal: status},
                )
                interactions.store(conn, actor.user_id, SETTLE[status], [interaction_id], {})
            asked = _ask(conn, place)
            commit(conn)
    fresh = is_open or done.fetchone() is not None
    return Settled(proposed.user_id, status if fresh else proposed.status, fresh, asked.answer())


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that make a page, on their way."""

    place: Place
    counts: Cursor[Counts]
    lines: Cursor[Warned]
    proposals: Cursor[OpenProposal]
    waiting: Cursor[int]

    def answer(self) -> Overview:
        counted = only(self.counts)
        pages = paging.page_count(counted.given, LINES)
        page = paging.held(self.place.page, pages)
        proposals, waiting = tuple(self.proposals), only(self.waiting)
        return Overview(tuple(self.lines), page, pages, counted.given, counted.standing, proposals, waiting)


def _ask(conn: Connection, place: Place) -> _Asked:
    before = (paging.held(place.page, FARTHEST) - 1) * LINES
    return _Asked(
        place,
        counts=warnings.counts(conn, place.subject_id, STANDS_FOR),
        lines=warnings.page(conn, place.subject_id, STANDS_FOR, before=before, most=LINES),
        proposals=warnings.proposals(conn, place.subject_id, PROPOSALS),
        waiting=warnings.count_proposals(conn, place.subject_id),
    )
