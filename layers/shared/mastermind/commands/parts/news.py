"""Announcements that an answer of ours has just caused: relay looks at once, instead of within a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.levels.rules import level_of

if TYPE_CHECKING:
    from mastermind.bot.call import Call


def tell_of_level(call: Call, before: int, after: int) -> None:
    """Have the level announced that somebody has reached with their XP, if they have."""
    if level_of(after) > level_of(before):
        call.nudge()
