"""What a warning means."""

from __future__ import annotations

import pytest

from mastermind.game.moderation.rules import proposal, strike
from mastermind.game.sanctions.rules import Proposal


@pytest.mark.parametrize(
    ("standing", "is_strike", "proposed"),
    [(0, 1, None), (1, 2, Proposal.TIMEOUT), (2, 3, Proposal.BAN), (9, 3, Proposal.BAN)],
)
def test_the_second_strike_proposes_a_time_out_and_each_later_one_a_ban(
    standing: int, is_strike: int, proposed: Proposal | None
):
    assert strike(standing) == is_strike
    assert proposal(is_strike) is proposed
