"""The sign and the colour of each faction, for every message and picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Emblem:
    """An emoji, a colour (0xRRGGBB) that can be read on the dark ground of pictures too, and a block of a bar in it."""

    sign: str
    color: int
    block: str


EMBLEMS: Mapping[str, Emblem] = {
    "Luminarchs": Emblem("☀️", 0xFFD166, "🟨"),
    "Noctivores": Emblem("🌙", 0xB79CFF, "🟪"),
}
"""By the name of the faction."""


def shown(name: str) -> str:
    """A faction's name after its emblem; "" for somebody who is in none."""
    known = EMBLEMS.get(name)
    return f"{known.sign} {name}" if known else name
