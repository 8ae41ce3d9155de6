"""The report about a week as the admins get it, once a week."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mastermind.operations.report.actions import Leaders
    from mastermind.operations.report.notices import Told


def told(leaders: Leaders, at: float, *, draws: bool) -> Told:
    """What is posted at that moment, in seconds since 1970."""
    from mastermind.commands.parts import health_state, report_cards  # once a week

    state = health_state.headline(leaders.checked, datetime.fromtimestamp(at, UTC))
    return report_cards.for_channel(leaders, state.title, draws=draws)
