"""What the proofs of the award share."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.award.game import Game

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres


@pytest.fixture
def game(database: Postgres) -> Iterator[Game]:
    """An empty game."""
    with closing(Game(database)) as game:
        yield game
