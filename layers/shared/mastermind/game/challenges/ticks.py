"""Ticking a challenge and taking it back; each is one exchange with the database.

Both name the interaction they answer: the same interaction again, for whatever reason, gets the stored outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.challenges import table as awards
from mastermind.game.challenges.table import LiveAward, UndoOutcome
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from uuid import UUID

    from mastermind.postgres.connection import Connection

__all__ = ["LiveAward", "Member", "Ticked", "Undone", "note_sent", "tick", "undo"]


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
    """`outcome` is "cancelled" (nothing was awarded yet), "reversed" (by a ledger row) or "gone" (nothing to undo).

    `challenge_id` is "" when the award is not the member's; `live` is the list after it, newest first.
    """

    outcome: str
    challenge_id: str
    live: tuple[LiveAward, ...]


def tick(
    conn: Connection, member: Member, interaction_id: int, challenge_id: str, *, xp: int, delay: int, time_zone: str
) -> Ticked:
    """Complete a challenge: `xp` will be the member's in `delay` seconds.

    `time_zone` is the deployment's, for a member at first contact. The award's message is the caller's to send, when it
    is fresh; if that fails the sweep will find the award.
    """
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with transaction(conn):
            users.lock_own(conn, member.user_id)
            outcome = awards.tick(conn, member.user_id, interaction_id, challenge_id, xp=xp, delay=delay)
            live = awards.live(conn, member.user_id)
    ticked = only(outcome)
    return Ticked(ticked.award_id, ticked.fresh, tuple(live))


def note_sent(conn: Connection, award_id: UUID) -> None:
    """Remember when the queue took the award's message."""
    awards.note_sent(conn, award_id)


def undo(conn: Connection, member: Member, interaction_id: int, award_id: UUID) -> Undone:
    """Take back the completion that `award_id` names, if it is the member's and live."""
    with exchange(conn):
        users.rename(conn, member)
        with transaction(conn):
            users.lock(conn, member.user_id)
            outcome = awards.undo(conn, member.user_id, interaction_id, award_id)
            live = awards.live(conn, member.user_id)
    undone = outcome.fetchone() or UndoOutcome("gone", "")
    return Undone(undone.undo, undone.challenge_id, tuple(live))
