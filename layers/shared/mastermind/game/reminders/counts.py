"""What is counted of the reminders that are not sent (docs/rules/reminders.md, How many in an hour)."""

from __future__ import annotations

from datetime import UTC, datetime

from mastermind import observability
from mastermind.game.reminders.rules import LASTS

DROPPED = "RemindersDropped"
"""Did not fit into their hour, or could not be sent because Discord did not say whether the member is there."""

LATE = "RemindersLate"
"""Were handed over for sending, and not sent before their hour was over."""

LAPSED = "RemindersLapsed"
"""Were not needed any more: the member has logged something meanwhile, pauses, or has turned them off."""


def dropped(reminders: int = 1) -> None:
    """Count reminders that did not get as far as the outbox."""
    observability.count(DROPPED, reminders)


def lapsed(hour_at: datetime) -> None:
    """Count one that the outbox let go, of the hour that began at `hour_at`."""
    observability.count(LATE if datetime.now(UTC) >= hour_at + LASTS else LAPSED)
