"""How pictures look: colours, a title and a background, which a community may replace (docs/rules/pictures.md).

The build checks them (devkit/content/look.py); what it wrote is read here without checking it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from functions.pictures.drawing.colors import hex_of, number_of

EDGE = 10
"""Pixels of the edge in the picture's colour, at the left."""

FOLDER = Path(__file__).parents[1] / "look"


@dataclass(frozen=True, slots=True)
class Colors:
    """What each colour is for.

    `raised` is the ground of tiles, `line` of grids, `quiet` of what is empty or past. `gold` is for what was done,
    `frost` for freezes, `good` for what grew, `mage` and `warrior` for the archetypes.
    """

    ground: int
    raised: int
    line: int
    text: int
    muted: int
    quiet: int
    gold: int
    frost: int
    good: int
    mage: int
    warrior: int


@dataclass(frozen=True, slots=True)
class Look:
    """`stack` are the colours of categories, one above the other; `background` is SVG with places to fill."""

    title: str
    colors: Colors
    stack: tuple[int, ...]
    background: str

    def behind(self, width: int, height: int, accent: int) -> str:
        """The background in that size and colour."""
        return filled(self.background, width, height, accent, self.colors.ground)


def filled(background: str, width: int, height: int, accent: int, ground: int) -> str:
    """SVG with its places filled: {width}, {height}, {inner} (the width without the edge), {accent} and {ground}."""
    places = {
        "width": str(width),
        "height": str(height),
        "inner": str(width - EDGE),
        "accent": hex_of(accent),
        "ground": hex_of(ground),
    }
    for name, value in places.items():
        background = background.replace(f"{{{name}}}", value)
    return background


def read(written: bytes) -> Look:
    """A look as JSON, which the build has checked."""
    found = json.loads(written)
    return Look(
        found.get("title", ""),
        Colors(**{name: number_of(color) for name, color in found["colors"].items()}),
        tuple(map(number_of, found["stack"])),
        "\n".join(found["background"]),
    )


@cache
def load() -> Look:
    """The look of this build."""
    return read((FOLDER / "look.json").read_bytes())
