"""What the proofs of the main game share."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.game.play import Play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.postgres import Postgres


@pytest.fixture
def play(database: Postgres) -> Iterator[Play]:
    """An empty game with a clock that can be set."""
    with closing(Play(database)) as play:
        yield play
