"""The standing of a faction in a week, by the XP of its active members (docs/rules/factions.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

FEW = 5
"""The figures of so many members are exact, also while as many hide. Of fewer they are rounded."""

ROUND = 50
"""XP to which a score is rounded then."""


@dataclass(frozen=True, slots=True)
class Faction:
    """A faction with all its `members`, and the XP of those who are not `hidden`: of all time, and of the week.

    `active` of these gathered more than nothing in the week, from Monday to Sunday. `is_own`: the one who looks belongs
    to it.
    """

    name: str
    members: int
    hidden: int
    xp: int
    week_xp: int
    active: int
    is_own: bool
    first_day: date
    last_day: date

    @property
    def is_rounded(self) -> bool:
        return 0 < self.active < FEW or 0 < self.hidden < FEW

    @property
    def score(self) -> int:
        """XP of the week for each active member, rounded half up; 0 when there are none."""
        gathered, step = max(self.week_xp, 0), ROUND if self.is_rounded else 1
        share = self.active * step
        return (2 * gathered + share) // (2 * share) * step if self.active else 0
