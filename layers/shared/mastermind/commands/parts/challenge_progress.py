"""How far somebody is through the challenges, as the list and the scorecard both say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.commands.parts import bars

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.game.challenges.rules import Challenges


def lines(label: str, catalogue: Challenges, completed: Collection[str]) -> list[str]:
    """A bar of the challenges that the list has, and a line for retired ones: their XP and their count stay."""
    done = catalogue.count_of(completed)
    retired = len(completed) - done
    bar = f"{label} {bars.with_figures(done, catalogue.count, 'done')}"
    counts = "counts" if retired == 1 else "count"
    return [bar, f"And {retired:,} of an earlier list, which still {counts}."] if retired else [bar]
