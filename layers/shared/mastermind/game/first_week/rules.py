"""What is explained to a member in their first week, each once: one matter a day (docs/rules/first-run.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.game.catalogue.archetypes import Archetype

if TYPE_CHECKING:
    from collections.abc import Collection


class Matter(StrEnum):
    """What is explained when it first happens, with its name in the table explained."""

    ARCHETYPE = "archetype"
    GIFT = "gift"
    BOARD = "board"
    SIX = "six"
    SEVEN = "seven"


INITIATE = Archetype.INITIATE

WEEK = 7

DAYS = {5: Matter.BOARD, 6: Matter.SIX, 7: Matter.SEVEN}
"""By the days of the streak what their day explains."""


def explained_now(
    length: int, before: Archetype, after: Archetype, explained: Collection[str], *, has_gift: bool
) -> Matter | None:
    """What an entry of today explains that makes the streak `length` days and the day's balance `after`.

    `has_gift`: the streak has just been given a freeze. The days that have a matter of their own have no other. The
    first day has none, for the first run is enough; but a first Templar day is explained whenever it comes.
    """
    if has_gift:
        matter = Matter.GIFT
    elif length in DAYS:
        matter = DAYS[length]
    elif after is Archetype.TEMPLAR is not before or (1 < length < WEEK and INITIATE is not before is not after):
        matter = Matter.ARCHETYPE
    else:
        return None
    return None if matter in explained else matter
