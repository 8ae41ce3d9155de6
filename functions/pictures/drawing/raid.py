"""The state of a raid: one long bar, and the top contributors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.pictures.drawing.canvas import MARGIN, Canvas
from functions.pictures.drawing.parts import RIGHT, board_line, heading
from mastermind.game.raids.rules import RaidStatus
from mastermind.pictures import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import RaidState

SIGNS = {RaidStatus.ACTIVE: "⚔️", RaidStatus.COMPLETED: "🏆", RaidStatus.FAILED: "⌛", RaidStatus.CANCELLED: "✖️"}
STEP = 54


def draw(raid: RaidState, look: Look, avatars: Mapping[int, bytes]) -> Canvas:
    is_won = raid.status == RaidStatus.COMPLETED
    canvas = Canvas(look, 254 + STEP * len(raid.top), look.colors.good if is_won else raid.color, avatars)
    heading(canvas, f"{SIGNS[raid.status]} {words.raid_title(raid)}", words.raid_members(raid))
    canvas.bar(MARGIN, 128, RIGHT - MARGIN, 40, raid.total / raid.target if raid.target else 1, canvas.accent)
    for quarter in (1, 2, 3):
        x = MARGIN + (RIGHT - MARGIN) * quarter / 4
        canvas.line([(x, 130), (x, 166)], canvas.colors.ground, thick=2)
    wide = canvas.text(MARGIN, 208, words.raid_progress(raid), size=26, bold=True)
    if raid.reward:
        reward = words.raid_reward(raid)
        canvas.text(
            RIGHT, 208, reward, size=22, color=canvas.colors.muted, anchor="end", most=RIGHT - MARGIN - wide - 24
        )
    for number, place in enumerate(raid.top):
        board_line(canvas, 234 + number * STEP, place, "points", raid.top[0].count)
    return canvas
