"""Who acts: a member as Discord names them at this moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A member's Discord id and their display name of today."""

    user_id: int
    display_name: str
