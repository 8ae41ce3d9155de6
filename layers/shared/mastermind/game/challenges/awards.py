"""The award itself: applied once when it is due, by the queue's message or by the sweep, whoever comes first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from mastermind.game.announcements import table as announcements
from mastermind.game.announcements.rules import MILESTONES
from mastermind.game.challenges import table as awards
from mastermind.game.members import table as users
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import exchange, refusals, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from mastermind.deadline import Deadline
    from mastermind.game.challenges.table import OverdueAward
    from mastermind.postgres.connection import Connection

BATCH = 500  # awards read at once by the sweep (docs/rules/awards.md, Sweep)
SPARE = 2.0  # seconds before its time-out at which the sweep stops (docs/rules/awards.md, Sweep)
PRUNED_AT_MOST = 10_000  # stored outcomes that one sweep forgets


class Outcome(StrEnum):
    """What applying an award came to: `NOT_DUE` shall come back later, the others are done."""

    AWARDED = "awarded"
    NOT_DUE = "not_due"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep met: awards it applied, others settled meanwhile, whose member was busy, the database refused.

    `pruned` counts forgotten outcomes; `finished` is False when the time ran out before the overdue awards did.
    """

    applied: int
    settled: int
    busy: int
    refused: tuple[UUID, ...]
    pruned: int
    finished: bool


def apply(conn: Connection, award_id: UUID) -> Outcome:
    """Award it if it is pending and due by the database's clock: status, ledger, totals, milestone; one exchange."""
    with exchange(conn), transaction(conn):
        awards.lock_member(conn, award_id)
        awarded = awards.award(conn, award_id)
        announcements.reach(conn, award_id, MILESTONES)
        pending = awards.pending(conn, award_id)
    if awarded.rowcount:
        return Outcome.AWARDED
    return Outcome.NOT_DUE if pending.rowcount else Outcome.NOTHING


def sweep(conn: Connection, deadline: Deadline) -> SweepReport:
    """Apply whatever is overdue, each in a transaction of its own, until 2 s before `deadline`; then prune outcomes.

    It applies and never sends. Who is busy or refused holds nobody up; who is busy is met again by the next sweep.
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
        pruned=interactions.prune(conn, PRUNED_AT_MOST),
        finished=finished,
    )


class Swept(Enum):
    """What the sweep met at one award."""

    APPLIED = auto()
    SETTLED = auto()  # by somebody else, since it was read
    BUSY = auto()
    REFUSED = auto()


def _overdue(conn: Connection) -> Iterator[OverdueAward]:
    last: OverdueAward | None = None
    while batch := awards.overdue(conn, last, BATCH):
        yield from batch
        last = batch[-1]


def _apply_if_free(conn: Connection, award: OverdueAward) -> Swept:
    try:
        with exchange(conn), transaction(conn):
            if not users.lock_if_free(conn, award.user_id):
                return Swept.BUSY
            awarded = awards.award(conn, award.award_id)
            announcements.reach(conn, award.award_id, MILESTONES)
    except refusals():
        return Swept.REFUSED
    return Swept.APPLIED if awarded.rowcount else Swept.SETTLED
