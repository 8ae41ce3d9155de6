"""How a member looks at the game, and what a deletion in between leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mastermind.errors import Forgotten
from mastermind.game.exchanges import own_row

if TYPE_CHECKING:
    from tests.conftest import Connection


def test_who_was_deleted_while_they_looked_is_told_so(owner: Connection):
    """First contact and the look are two transactions; a deletion of the same member fits in between."""
    with pytest.raises(Forgotten, match="Your data was deleted a moment ago"):
        own_row(owner.execute("SELECT xp FROM users WHERE user_id = 1"))
