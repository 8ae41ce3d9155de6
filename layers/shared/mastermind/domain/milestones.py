"""Milestones: counts of completed challenges that the whole server may hear of, each once in a member's life."""

from __future__ import annotations

from dataclasses import dataclass

MILESTONES = (10, 50, 100, 200, 303)
"""Challenges done at which a milestone is reached. An undo below one and a new tick do not reach it again."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A member has done this many challenges, for the first time."""

    user_id: int
    display_name: str
    challenges: int


def following(challenges: int) -> int | None:
    """The next milestone of somebody who has done this many; None when there is none left."""
    return next((milestone for milestone in MILESTONES if milestone > challenges), None)
