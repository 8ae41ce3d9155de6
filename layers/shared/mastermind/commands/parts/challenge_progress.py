"""How far somebody is through the challenges: to the next milestone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.commands.parts import bars
from mastermind.game.announcements.rules import following

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.game.challenges.rules import Challenges


def to_milestone(label: str, catalogue: Challenges, completed: Collection[str]) -> list[str]:
    """A bar to the next milestone, and a line for retired ones: their XP and their count stay."""
    done = catalogue.count_of(completed)
    ahead = following(done, catalogue.count)
    bar = bars.with_figures(done, ahead, "to the next milestone") if ahead else f"all {catalogue.count:,} of the list"
    return [f"{label} {bar}", *_retired(len(completed) - done)]


def _retired(count: int) -> list[str]:
    return [f"And {count:,} of an earlier list, which still {'counts' if count == 1 else 'count'}."] if count else []
