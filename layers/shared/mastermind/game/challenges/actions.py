"""Challenges: ticking one, undoing it, and the award, which is applied once when it is due.

A tick and an undo are one round trip each. Both are stored under their interaction: when that is delivered again it
gets the stored outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.announcements.rules import milestones
from mastermind.game.challenges import content
from mastermind.game.challenges import table as awards
from mastermind.game.challenges.rules import Undo
from mastermind.game.challenges.table import LiveAward, UndoOutcome
from mastermind.game.exchanges import looking, writing
from mastermind.game.members import table as members
from mastermind.game.sweeping import BATCH, SPARE, Swept
from mastermind.game.tokens import table as tokens
from mastermind.postgres.errors import WorkRefused
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from mastermind.deadline import Deadline
    from mastermind.game.challenges.table import OverdueAward
    from mastermind.game.members.rules import Actor
    from mastermind.game.tokens.rules import Token
    from mastermind.postgres.connection import Connection, Cursor

__all__ = [
    "LiveAward",
    "Outcome",
    "SweepReport",
    "Ticked",
    "Undone",
    "apply",
    "apply_all",
    "note_sent",
    "read",
    "sweep",
    "tick",
    "undo",
]


@dataclass(frozen=True, slots=True)
class Ticked:
    """The live award of the challenge; `fresh` when this interaction made it; `live` is the whole list, newest first.

    In a repeat the award may have been undone since: then `live` does not hold it.
    """

    award_id: UUID
    fresh: bool
    live: tuple[LiveAward, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """What the undo did; `challenge_id` is "" when the award is not the member's; `live` is the list after it."""

    outcome: Undo
    challenge_id: str
    live: tuple[LiveAward, ...]


def read(conn: Connection, actor: Actor) -> tuple[LiveAward, ...]:
    """The member's live awards, newest first."""
    with looking(conn, actor):
        live = awards.live(conn, actor.user_id)
    return tuple(live)


def tick(
    conn: Connection,
    actor: Actor,
    challenge_id: str,
    *,
    delay: int,
    token: Token | None = None,
    before: Callable[[], None] = lambda: None,
) -> Ticked:
    """Complete a challenge: the member gets its XP in `delay` seconds. With `token` the answer can still change then.

    What `before` writes belongs to the same change. The caller sends the award's message when it is fresh; if that
    fails the sweep finds the award.
    """
    with writing(conn, actor):
        before()
        outcome = awards.tick(conn, actor.user_id, actor.key, challenge_id, delay=delay)
        live = awards.live(conn, actor.user_id)
        _keep(conn, actor, token)
    ticked = only(outcome)
    return Ticked(ticked.award_id, ticked.fresh, tuple(live))


def note_sent(conn: Connection, award_id: UUID) -> None:
    """Record when the queue accepted the award's message; nothing waits for the result."""
    awards.note_sent(conn, award_id)


def _keep(conn: Connection, actor: Actor, token: Token | None) -> None:
    if token:
        tokens.keep(conn, actor.user_id, token)


def undo(conn: Connection, actor: Actor, award_id: UUID, *, token: Token | None = None) -> Undone:
    """Take back the completion that `award_id` names, if it is the member's and live."""
    with exchange(conn):
        members.refresh_member(conn, actor)
        with transaction(conn):
            members.admit(conn, actor)
            members.lock(conn, actor.user_id)
            outcome = awards.undo(conn, actor.user_id, actor.key, award_id)
            live = awards.live(conn, actor.user_id)
            _keep(conn, actor, token)
    undone = outcome.fetchone() or UndoOutcome(Undo.GONE, "")
    return Undone(undone.undo, undone.challenge_id, tuple(live))


# --- the award itself ---


class Outcome(StrEnum):
    """The result of applying an award: `NOT_DUE` goes back to the queue, the others are done."""

    AWARDED = "awarded"
    NOT_DUE = "not_due"
    NOTHING = "nothing"


def apply(conn: Connection, award_id: UUID) -> Outcome:
    """Apply it if it is pending and due by the database's clock: status, ledger, totals, milestone; one exchange."""
    (outcome,) = apply_all(conn, [award_id])
    return outcome


def apply_all(conn: Connection, award_ids: Sequence[UUID]) -> list[Outcome]:
    """Apply each in a transaction of its own, one after the other, in one exchange.

    When the database refuses one that is raised: those before it are applied, it and those after it are not. No
    transaction locks two members, so that batches need no common order.
    """
    with exchange(conn):
        sent = [_apply(conn, award_id) for award_id in award_ids]
    return [Outcome(only(outcome)) for outcome in sent]


def _apply(conn: Connection, award_id: UUID) -> Cursor[str]:
    with transaction(conn):
        return awards.apply(conn, award_id, milestones(content.load().count))


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many awards a sweep applied, found settled or skipped because their member was locked; the refused ones.

    `finished` is False when the time ran out before the overdue awards did.
    """

    applied: int
    settled: int
    busy: int
    refused: tuple[UUID, ...]
    finished: bool


def sweep(conn: Connection, deadline: Deadline) -> SweepReport:
    """Apply all overdue awards, each in a transaction of its own, until 2 s before `deadline`.

    It sends nothing. A locked member or a refused award does not stop it; the next sweep tries again.
    """
    met: dict[Swept, list[UUID]] = {swept: [] for swept in Swept}
    finished = True
    for each in _overdue(conn):
        if deadline.remaining() <= SPARE:
            finished = False
            break
        met[_apply_if_free(conn, each)].append(each.award_id)
    return SweepReport(
        applied=len(met[Swept.APPLIED]),
        settled=len(met[Swept.SETTLED]),
        busy=len(met[Swept.BUSY]),
        refused=tuple(met[Swept.REFUSED]),
        finished=finished,
    )


def _overdue(conn: Connection) -> Iterator[OverdueAward]:
    last: OverdueAward | None = None
    while batch := awards.overdue(conn, last, BATCH):
        yield from batch
        last = batch[-1]


def _apply_if_free(conn: Connection, award: OverdueAward) -> Swept:
    try:
        with exchange(conn), transaction(conn):
            if not members.lock_if_free(conn, award.user_id):
                return Swept.BUSY
            outcome = awards.apply(conn, award.award_id, milestones(content.load().count))
    except WorkRefused:
        return Swept.REFUSED
    return Swept.APPLIED if only(outcome) == Outcome.AWARDED else Swept.SETTLED
