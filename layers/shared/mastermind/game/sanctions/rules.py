"""Time-outs and bans: proposed by a strike, confirmed by a person, done in Discord (docs/rules/moderation.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SANCTION, LIFT, WARNING = "sanction", "lift", "warning"
"""The kinds in the outbox: a time-out or a ban, its end, and the message to somebody who got a first strike."""

TIMED_OUT_FOR = timedelta(hours=24)
"""How long a time-out lasts, from its confirmation."""


class Proposal(StrEnum):
    """What is proposed to the admins."""

    TIMEOUT = "timeout"
    BAN = "ban"


class ProposalStatus(StrEnum):
    """A proposal waits for the admins, is on its way to Discord, was done or decided against, or fell with its warning.

    What Discord refused is open again.
    """

    OPEN = "open"
    CONFIRMED = "confirmed"
    DONE = "done"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Sanction:
    """A proposal, the warning that it follows, and how it stands in Discord.

    `until` is the end of a time-out that was confirmed, None for a ban. `acted_at` is when the bot did it, `lifted_at`
    when it took it back. The people are None once they are deleted.
    """

    proposal_id: int
    user_id: int
    proposal: Proposal
    status: ProposalStatus
    confirmed_by: int | None
    until: datetime | None
    acted_at: datetime | None
    lifted_at: datetime | None
    warning_id: int
    strike: int
    reason: str
    withdrawn_by: int | None

    def is_in_force(self, now: datetime) -> bool:
        """Whether the bot has done it, or is about to, and nothing has ended it since."""
        is_set = self.acted_at is not None or self.status is ProposalStatus.CONFIRMED
        return is_set and self.lifted_at is None and (self.until is None or self.until > now)


def audit_reason(sanction: Sanction) -> str:
    """The reason in Discord's audit log; by exactly this text it is recognized as ours when it is lifted."""
    return f"Mastermind: strike {sanction.strike}, warning {sanction.warning_id}"


def lifting_reason(sanction: Sanction) -> str:
    return f"Mastermind: warning {sanction.warning_id} was withdrawn"
