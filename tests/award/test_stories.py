"""The stories of the award, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.award.stories import STORIES

if TYPE_CHECKING:
    from tests.award.game import Game
    from tests.award.interleavings import Scenario


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_it_ends_as_expected(story: Scenario, game: Game):
    story(game)
    game.check()
