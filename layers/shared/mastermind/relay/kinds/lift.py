"""The end of a time-out or a ban of ours whose warning was withdrawn (docs/rules/moderation.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import Outcome, TimeOut, Unban
from mastermind.game.audit import table as audit
from mastermind.game.sanctions import table as sanctions
from mastermind.game.sanctions.rules import LIFT, Proposal, audit_reason, lifting_reason
from mastermind.relay.kind import Entry, Kind, Priority, Scene
from mastermind.relay.refusals import UNKNOWN_BAN, words

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> TimeOut | Unban | None:
    sanction = sanctions.find(conn, _proposal_id(entry)).fetchone()
    if sanction is None or sanction.withdrawn_by is None or sanction.lifted_at is not None:
        return None
    person, reason = sanction.withdrawn_by, lifting_reason(sanction)
    match sanction.proposal:
        case Proposal.TIMEOUT:
            if sanction.until is None or sanction.until <= datetime.now(UTC):
                return None
            return TimeOut(sanction.user_id, 0, person, reason, ours=int(sanction.until.timestamp()))
        case Proposal.BAN:
            return Unban(sanction.user_id, person, reason, audit_reason(sanction))


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    sanction = sanctions.find_locked(conn, _proposal_id(entry)).fetchone()
    if sanction is None or result is None:
        return
    is_over = result.outcome is Outcome.DONE or result.code == UNKNOWN_BAN
    refusal = "" if is_over else words(result, sanction.proposal)
    if is_over:
        sanctions.note_lifted(conn, sanction.proposal_id)
    else:
        sanctions.note_not_lifted(conn, sanction.proposal_id, refusal)
    audit.write(
        conn,
        sanction.withdrawn_by,
        action="moderation.lift" if is_over else "moderation.refused",
        subject_id=sanction.user_id,
        before={sanction.proposal.value: "done"},
        after={sanction.proposal.value: "ended" if is_over else "not ended"},
        reason=refusal,
    )


def _proposal_id(entry: Entry) -> int:
    return int(entry.refs["proposal_id"])


KIND = Kind(LIFT, Priority.MODERATION, timedelta(days=7), _compose, settled=_settled)
