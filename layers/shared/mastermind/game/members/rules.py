"""Who acts: a member as Discord names them at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mastermind.game.members.pace import Charge


@dataclass(frozen=True, slots=True)
class Member:
    """A member's Discord id and their display name of today."""

    user_id: int
    display_name: str


@dataclass(frozen=True, slots=True)
class Actor(Member):
    """The member who acts: in which interaction, and what that is charged against their rate limit (None: nothing).

    `time_zone` is the deployment's: the member's own at first contact, and the one that weeks and months follow.
    """

    interaction_id: int
    time_zone: str
    charge: Charge | None = None
