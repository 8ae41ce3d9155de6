"""Who acts: a member as Discord names them at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mastermind.game.members.pace import Charge


@dataclass(frozen=True, slots=True)
class Member:
    """A member's Discord id, their display name of today, and what this use of the game is charged (None: nothing)."""

    user_id: int
    display_name: str
    charge: Charge | None = None
