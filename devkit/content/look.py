"""Validates the look of pictures: readable colours, and a harmless background (docs/rules/pictures.md)."""

from __future__ import annotations

import io
import re
from itertools import product
from typing import TYPE_CHECKING, Annotated, override
from xml.etree import ElementTree as ET

from pydantic import Field, field_validator, model_validator

from devkit.content.fields import line
from devkit.content.reading import ContentFile, Entry
from functions.pictures.drawing import look
from functions.pictures.drawing.colors import READABLE, contrast, number_of
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.game.levels import content as levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.content.reading import Mistake

LONGEST_BACKGROUND = 16_384
"""Bytes of the background as SVG."""

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {
    *("svg", "g", "defs", "rect", "circle", "ellipse", "line", "polyline", "polygon", "path"),
    *("linearGradient", "radialGradient", "stop", "clipPath", "pattern"),
}
ATTRIBUTES = re.compile(
    "id|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|fx|fy|width|height|viewBox|d|points|offset|transform|opacity|fill|fill-opacity|"
    "fill-rule|stroke|stroke-width|stroke-opacity|stroke-linecap|stroke-linejoin|stroke-dasharray|stop-color|"
    "stop-opacity|clip-path|gradientUnits|gradientTransform|spreadMethod|patternUnits|patternTransform"
)
VALUES = re.compile(r"[-\w.,#%() ]*|url\(#[\w-]+\)")
"""Numbers, colours, words, and references to what stands in the same picture."""

TRIED = 456
"""The height of the picture on which the background is tried: a card's."""

type Color = Annotated[str, line(7, "#[0-9A-Fa-f]{6}", "a colour like #8D99AE")]


class ColorsEntry(Entry):
    ground: Color
    raised: Color
    line: Color
    text: Color
    muted: Color
    quiet: Color
    gold: Color
    frost: Color
    good: Color
    mage: Color
    warrior: Color

    @property
    def written(self) -> dict[str, str]:
        """The colours in which words are written, by their names."""
        names = ("text", "muted", "gold", "frost", "good", "mage", "warrior")
        return {name: getattr(self, name) for name in names}

    @model_validator(mode="after")
    def _can_be_read(self) -> ColorsEntry:
        for (name, color), ground in product(self.written.items(), ("ground", "raised")):
            _check(f"{name} on {ground}", color, getattr(self, ground))
        return self


class LookFile(ContentFile):
    """The look of all pictures."""

    VARIABLE = "LOOK_FILE"
    SHIPPED = look.FOLDER / "look.json"

    title: Annotated[str, line(40)] | Annotated[str, Field(max_length=0)] = ""
    colors: ColorsEntry
    stack: Annotated[list[Color], Field(min_length=6, max_length=8)]
    background: Annotated[list[str], Field(min_length=1, max_length=200)]

    @property
    @override
    def size(self) -> str:
        return f"colours: {len(self.colors.written) + len(self.stack)}, background: {len(self.background)} lines"

    @staticmethod
    @override
    def between(document: object) -> Iterator[Mistake]:
        yield from ()

    @field_validator("background")
    @classmethod
    def _is_harmless(cls, lines: list[str]) -> list[str]:
        _check_svg("\n".join(lines))
        return lines

    @model_validator(mode="after")
    def _words_can_be_read_on_it(self) -> LookFile:
        for name, emblem in EMBLEMS.items():
            _check(f"the colour of {name} on raised", f"#{emblem.color:06X}", self.colors.raised)
        for color in self.stack:
            _check(f"{color} of the stack on ground", color, self.colors.ground, least=3.0)
        shades = _shades(look.read(self.canonical()))
        for name, color in self.colors.written.items():
            weak = min(shades, key=lambda shade: contrast(shade, number_of(color)))
            _check(f"{name} on the background", color, f"#{weak:06x}")
        return self


def _check(what: str, color: str, ground: str, *, least: float = READABLE) -> None:
    found = contrast(number_of(color), number_of(ground))
    if found < least:
        raise ValueError(f"{what} cannot be read: {color} on {ground} has a contrast of {found:.1f}, {least} is needed")


def _check_svg(svg: str) -> None:
    """Raises ValueError for SVG that is not well formed, or has more than shapes and references within it."""
    if len(svg.encode(errors="replace")) > LONGEST_BACKGROUND:
        raise ValueError(f"must have at most {LONGEST_BACKGROUND} bytes")
    if "<!" in svg or "<?" in svg:
        raise ValueError("must have no declarations, entities or comments")
    try:
        root = ET.fromstring(look.filled(svg, 934, TRIED, 0x5DADE2, 0x1B1D24))  # noqa: S314 # no entities: see above
    except ET.ParseError as error:
        raise ValueError(f"is not well formed: {error}") from None
    if root.tag != f"{SVG}svg":
        raise ValueError("must be one svg element of http://www.w3.org/2000/svg")
    for element in root.iter():
        _check_shape(element)


def _check_shape(element: ET.Element) -> None:
    name = element.tag.removeprefix(SVG)
    if name not in ELEMENTS:
        raise ValueError(f"must not have the element {name}")
    for attribute, value in element.attrib.items():
        if not ATTRIBUTES.fullmatch(attribute):
            raise ValueError(f"must not have the attribute {attribute} in {name}")
        if not VALUES.fullmatch(value):
            raise ValueError(f"must not have {value[:40]!r} in {attribute} of {name}")


def _shades(shown: look.Look) -> set[int]:
    """The colours on which words may stand, in the colours of all classes: what is not the edge or a corner."""
    from PIL import Image

    from functions.pictures.drawing.draw import rendered

    found: set[int] = set()
    for accent in {each.color for each in levels.load()}:
        svg = shown.behind(934, TRIED, accent)
        with Image.open(io.BytesIO(rendered(svg, set()))) as picture:
            inner = picture.convert("RGB").crop((30, 30, 904, TRIED - 30))
        colors = inner.getcolors(maxcolors=1 << 20) or []
        found |= {red << 16 | green << 8 | blue for _, (red, green, blue) in colors}  # type: ignore[misc]
    return found
