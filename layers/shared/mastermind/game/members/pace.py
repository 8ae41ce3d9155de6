"""How fast a member may play: the generic cell rate algorithm (GCRA), a leaky bucket that is one moment per member.

Each pace has a limit of its own, so that turning pages never uses up what was meant for submissions. The moment that
is kept is the theoretical arrival time: when the next use would come if all came evenly. It may lie in the future, by
as much as a burst allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Pace(StrEnum):
    """What a use of the game counts as (docs/rules/limits.md)."""

    STATS = "stats"
    TICKS = "ticks"
    PAGING = "paging"
    LEADERBOARD = "leaderboard"
    OTHER = "other"
    DIRECT = "direct"
    ADMIN = "admin"


LONGEST = timedelta(days=1)
"""How long a member may have to wait at most, from the last use of a burst; the database refuses more (`charge`)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`uses` in `seconds`, evenly; of these `burst` may come at once after a rest. All are at least 1."""

    uses: int
    seconds: int
    burst: int

    @property
    def spacing(self) -> timedelta:
        """The time that one use costs."""
        return timedelta(seconds=self.seconds) / self.uses


LIMITS = {
    Pace.STATS: Limit(60, 3600, 20),
    Pace.TICKS: Limit(120, 60, 30),
    Pace.PAGING: Limit(240, 60, 60),
    Pace.LEADERBOARD: Limit(6, 60, 3),
    Pace.OTHER: Limit(30, 60, 10),
    Pace.DIRECT: Limit(60, 3600, 20),
    Pace.ADMIN: Limit(50, 60, 20),
}
"""docs/rules/limits.md, Figures; operators may set others (config)."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one use counts as, and the limit of that."""

    pace: Pace
    limit: Limit
