"""The algorithm of the rate limits by itself, which the database is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.members.pace import Limit


def arrive(expected: datetime | None, now: datetime, limit: Limit) -> tuple[datetime, datetime | None]:
    """Let a use come at `now`, when the next was `expected` (None: none came before).

    Gives what is expected after it, and None; or, when it comes too fast, `expected` as it was and when to try again.
    """
    before = max(expected or now, now)
    again = before - limit.spacing * (limit.burst - 1)
    return (before, again) if again > now else (before + limit.spacing, None)
