"""What follows a tick, wherever it was made: its award is queued."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from mastermind.errors import OutcomeUnknown, Unavailable
from mastermind.game.challenges import actions as challenges

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.game.challenges.actions import LiveAward, Ticked

log = logging.getLogger(__name__)


def award_of(ticked: Ticked) -> LiveAward | None:
    """The award of a tick; None in a repeat of one that was undone since."""
    return next((each for each in ticked.live if each.award_id == ticked.award_id), None)


def send(call: Call, award: LiveAward) -> None:
    """Send the award's id. If that fails, the sweep finds the award (docs/rules/awards.md, Tick)."""
    try:
        call.send_award(award.award_id)
    except Unavailable as problem:
        log.warning("award left to the sweep", extra={"award_id": str(award.award_id), "problem": str(problem)})
        return
    with suppress(Unavailable, OutcomeUnknown):  # the timestamp only helps operators; the tick counts without it
        call.services.run(lambda conn: challenges.note_sent(conn, award.award_id))
