"""What a warning means (docs/rules/moderation.md, Warnings): the game counts and proposes, people decide."""

from __future__ import annotations

from datetime import timedelta

from mastermind.game.sanctions.rules import Proposal

STANDS_FOR = timedelta(days=30)
"""How long a warning counts for the next one."""

MOST_STRIKES = 3


def strike(standing: int) -> int:
    """Which strike a warning is, 1 to 3, when `standing` others stand."""
    return min(standing + 1, MOST_STRIKES)


def proposal(strike: int) -> Proposal | None:
    """What a strike proposes: nothing the first one, a time-out the second, a ban the third."""
    return {1: None, 2: Proposal.TIMEOUT, 3: Proposal.BAN}[strike]
