"""A time-out or a ban that somebody has confirmed, with a direct message before it (docs/rules/moderation.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import Ban, Outcome, TimeOut
from mastermind.game.audit import table as audit
from mastermind.game.outreach import table as outreach
from mastermind.game.sanctions import letters
from mastermind.game.sanctions import table as sanctions
from mastermind.game.sanctions.rules import SANCTION, Proposal, ProposalStatus, audit_reason
from mastermind.relay.kind import Entry, Kind, Priority, Scene
from mastermind.relay.refusals import words

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.game.sanctions.rules import Sanction
    from mastermind.postgres.connection import Connection

LASTS = timedelta(hours=1)
"""A confirmation that could not be carried out within this is asked for again."""


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> TimeOut | Ban | None:
    sanction = sanctions.find(conn, _proposal_id(entry)).fetchone()
    if sanction is None or sanction.status is not ProposalStatus.CONFIRMED or sanction.confirmed_by is None:
        return None
    if not sanction.is_in_force(datetime.now(UTC)):
        return None
    notice = None if entry.tried else letters.before(sanction)  # nobody reads it twice
    match sanction.proposal:
        case Proposal.TIMEOUT:
            until = int(sanction.until.timestamp()) if sanction.until else 0
            return TimeOut(sanction.user_id, until, sanction.confirmed_by, audit_reason(sanction), notice)
        case Proposal.BAN:
            return Ban(sanction.user_id, sanction.confirmed_by, audit_reason(sanction), notice)


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    sanction = sanctions.find_locked(conn, _proposal_id(entry)).fetchone()
    if sanction is None:
        return
    if result and result.closed:
        outreach.note_closed(conn, sanction.user_id)
    was_withdrawn = sanction.status is ProposalStatus.WITHDRAWN
    if result is not None and result.outcome is Outcome.DONE:
        sanctions.note_done(conn, sanction.proposal_id)
        _note(conn, sanction, "moderation.done", "done")
    elif sanction.status is ProposalStatus.CONFIRMED:
        refusal = words(result, sanction.proposal)
        sanctions.reopen(conn, sanction.proposal_id, refusal)
        _note(conn, sanction, "moderation.refused", "refused", refusal)
    if was_withdrawn and _may_be_done(entry, result):
        sanctions.lift(conn, sanction.proposal_id)


def _may_be_done(entry: Entry, result: Result | None) -> bool:
    """Whether it was withdrawn too late. What lapsed after a hand-over came back may have been done by that."""
    return result.outcome is Outcome.DONE if result else entry.tried


def _note(conn: Connection, sanction: Sanction, action: str, became: str, reason: str = "") -> None:
    """In the audit log, as the act of the person who confirmed it."""
    audit.write(
        conn,
        sanction.confirmed_by,
        action=action,
        subject_id=sanction.user_id,
        before={sanction.proposal.value: "confirmed"},
        after={sanction.proposal.value: became},
        reason=reason,
    )


def _proposal_id(entry: Entry) -> int:
    return int(entry.refs["proposal_id"])


KIND = Kind(SANCTION, Priority.MODERATION, LASTS, _compose, settled=_settled)
