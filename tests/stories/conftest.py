"""What the proofs of the main game share."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.stories.play import Play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.postgres import Postgres


@pytest.fixture
def play(database: Postgres, clean: Callable[[], None]) -> Iterator[Play]:
    """An empty game with a clock that can be set."""
    with closing(Play(database, clean)) as play:
        yield play
