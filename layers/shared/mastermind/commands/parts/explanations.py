"""What the first week explains, in words: each when it first happens, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.commands.parts.streak_lines import GIFT
from mastermind.game.days.xp import STREAK_STEP, TEMPLAR_SHARE
from mastermind.game.first_week.rules import Matter

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[Matter, str] = {
    Matter.ARCHETYPE: (
        "⚖️ **Two kinds of courage.** Going out to people gives warrior points, working inside gives mage points. "
        f"A day that has both in balance is a Templar day: +{TEMPLAR_SHARE} % XP."
    ),
    Matter.GIFT: GIFT,
    Matter.BOARD: "🏆 **You are on the board.** `/leaderboard` shows this week, with you in the middle.",
    Matter.SIX: f"🔥 **Tomorrow is day seven.** From then on every XP counts +{STREAK_STEP} %.",
    Matter.SEVEN: f"🎉 **Seven days!** A whole week of small brave things. Every XP counts +{STREAK_STEP} % now.",
}


def lines(matter: Matter | None) -> list[str]:
    """One line, or none."""
    return [WORDS[matter]] if matter else []
