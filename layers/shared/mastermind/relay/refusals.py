"""Why a time-out or a ban could not be done, or undone, in words for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.requests import Outcome
from mastermind.game.outreach.rights import REFUSALS, Needed, Right, lacks
from mastermind.game.sanctions.rules import Proposal

if TYPE_CHECKING:
    from mastermind.discord.requests import Result

UNKNOWN_GUILD, UNKNOWN_BAN = 10004, 10026
"""Discord's codes for a server that the bot is not in, and for somebody who is not banned."""

RIGHTS = {Proposal.TIMEOUT: Right.TIME_OUT, Proposal.BAN: Right.BAN}


def words(result: Result | None, proposal: Proposal) -> str:
    """What happened, in one sentence without its full stop; None is what lapsed."""
    if result is None:
        return "it could not be done in time: the bot was not reachable"
    if result.code in REFUSALS:
        return f"my role lacks {lacks(Needed(RIGHTS[proposal]), result.code)}"
    if result.code == UNKNOWN_GUILD:
        return "I am not in the server any more: an admin has to invite me again"
    if result.outcome is Outcome.GONE:
        return "Discord knows no such member of the server: they may have left"
    return result.reason or f"Discord refused it with {result.status}"
