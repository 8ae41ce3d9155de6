"""Two sessions, one held after its writes and before its commit while the other runs; each pair, both orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.award.interleavings import INTERLEAVINGS

if TYPE_CHECKING:
    from tests.award.game import Game
    from tests.award.interleavings import Scenario


@pytest.mark.parametrize("interleaving", INTERLEAVINGS, ids=lambda scenario: scenario.__name__)
def test_two_sessions_at_once_come_to_what_one_after_the_other_would(interleaving: Scenario, game: Game):
    interleaving(game)
    game.check()
