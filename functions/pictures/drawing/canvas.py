"""A picture under construction: shapes and words become SVG, with every word escaped and every size known."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from functions.pictures.drawing import fonts
from functions.pictures.drawing.colors import contrasting, hex_of, mixed, readable
from mastermind.pictures.words import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from functions.pictures.drawing.look import Look
    from mastermind.pictures.figures import Person

WIDTH = 934
"""Pixels: twice the width that a phone shows."""

SMALL, BODY, TITLE = 20, 24, 34
"""Sizes of text in pixels; nothing is smaller than SMALL."""

MARGIN = 36

_NOT_XML = dict.fromkeys((*range(32), 0xFFFE, 0xFFFF))
"""Characters that XML does not allow."""

JOINS = 9
"""Unicode's combining class of viramas."""

type Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Written:
    """Words as they were drawn: where they begin and end, on which line, and in which colour."""

    words: str
    left: float
    right: float
    baseline: float
    size: float
    color: int


class Canvas:
    """What is drawn so far; `accent` is the picture's one colour, `avatars` are PNG by user."""

    def __init__(self, look: Look, height: int, accent: int, avatars: Mapping[int, bytes]) -> None:
        self.look, self.colors, self.height = look, look.colors, height
        self.accent = readable(accent, look.colors.ground, 3.0)
        self.tint = readable(mixed(accent, 0xFFFFFF, 0.2), look.colors.raised)
        self.written: list[Written] = []
        self.faces: set[str] = set()
        self._avatars = avatars
        self._parts: list[str] = []
        self._ids = 0

    def svg(self, *, words: bool = True) -> str:
        """The picture as SVG; without its words when it is asked what stands behind them."""
        parts = [part for part in self._parts if words or not part.startswith("<text")]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.height}">'
            f"{self.look.behind(WIDTH, self.height, self.accent)}{''.join(parts)}</svg>"
        )

    # --- words ---

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = BODY,
        color: int | None = None,
        bold: bool = False,
        anchor: Anchor = "start",
        most: float = WIDTH,
        least: float = SMALL,
    ) -> float:
        """Words on the line at `y`, at most `most` pixels wide; returns how wide they are."""
        words = words.translate(_NOT_XML)
        if not words.strip():
            return 0
        words, size = fonts.fitted(words, size, most, bold=bold, least=min(size, least))
        runs = fonts.runs(words, bold=bold)
        wide = sum(run.width for run in runs) * size / 1000
        shown = self.colors.text if color is None else color
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        self.written.append(Written("".join(run.words for run in runs), left, left + wide, y, size, shown))
        self.faces.update(run.face.file for run in runs)
        if len(runs) == 1:
            self._parts.append(_text(runs[0], x, y, size, anchor, shown))
            return wide
        for run in runs:
            if not run.words.isspace():
                self._parts.append(_text(run, left, y, size, "start", shown))
            left += run.width * size / 1000
        return wide

    def lines(self, x: float, y: float, words: str, most: float, *, size: float, color: int, count: int = 2) -> None:
        """Words on at most `count` lines; the last one takes what is left, and is cut off where that is too long."""
        left = words.split(" ")
        for number in range(count):
            taken = len(left) if number == count - 1 else _fitting(left, size, most)
            line, left = " ".join(left[:taken]), left[taken:]
            if line:
                self.text(x, y + number * size * 1.3, line, size=size, color=color, most=most, least=size)

    # --- shapes ---

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: int | None,
        *,
        radius: float = 0,
        stroke: int | None = None,
        thick: float = 2,
        dash: str = "",
    ) -> None:
        radius = min(radius, width / 2, height / 2)
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}" '
            f"{_paint(fill, stroke, thick, dash)}/>"
        )

    def circle(
        self, x: float, y: float, radius: float, fill: int | None, *, stroke: int | None = None, thick: float = 2
    ) -> None:
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {_paint(fill, stroke, thick)}/>')

    def line(self, points: Iterable[tuple[float, float]], color: int, *, thick: float = 3, dash: str = "") -> None:
        """A line through the points."""
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{joined}" {_paint(None, color, thick, dash)} stroke-linejoin="round" '
            'stroke-linecap="round"/>'
        )

    def shape(self, points: Iterable[tuple[float, float]], fill: int) -> None:
        """A filled shape with these corners."""
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon points="{joined}" {_paint(fill, None, 0)}/>')

    def ring(self, x: float, y: float, radius: float, share: float, color: int, *, thick: float = 14) -> None:
        """A ring of which a share (0 to 1) is filled, from the top clockwise."""
        around = 6.283185307 * radius
        self.circle(x, y, radius, None, stroke=self.colors.line, thick=thick)
        if share > 0:
            filled = max(min(share, 1.0) * around, 0.5)
            self._parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {_paint(None, color, thick)} '
                f'stroke-linecap="round" stroke-dasharray="{filled:.1f} {around:.1f}" '
                f'transform="rotate(-90 {x:.1f} {y:.1f})"/>'
            )

    def bar(self, x: float, y: float, width: float, height: float, share: float, color: int) -> None:
        """A bar of which a share is filled: none only at 0, all only at 1."""
        self.rect(x, y, width, height, self.colors.line, radius=height / 2)
        if share > 0:
            self.rect(x, y, max(height, min(share, 1.0) * width), height, color, radius=height / 2)

    def panel(self, x: float, y: float, width: float, height: float) -> None:
        """A raised ground for what belongs together."""
        self.rect(x, y, width, height, self.colors.raised, radius=16)

    def pill(self, x: float, y: float, words: str, *, size: float = 22, most: float = 300) -> float:
        """Words on a small ground of their own; returns how wide it is."""
        height = size * 1.8
        words, size = fonts.fitted(words, size, most - 1.3 * size)
        wide = fonts.width(words, size) + 1.3 * size
        self.rect(x, y, wide, height, self.colors.raised, radius=height / 2)
        self.text(x + 0.65 * size, y + height / 2 + size * 0.36, words, size=size)
        return wide

    def avatar(self, x: float, y: float, radius: float, person: Person, color: int) -> None:
        """Somebody's picture, or the first character of their name, in a ring."""
        picture = self._avatars.get(person.user_id)
        ground = mixed(self.colors.ground, color, 0.4)
        self.circle(x, y, radius, ground)
        if picture:
            self._picture(x, y, radius, picture)
        else:
            initial = next(filter(fonts.runs, map(_spoken, fonts.clusters(name(person).upper()))), "?")
            self.text(x, y + radius * 0.36, initial, size=radius, bold=True, anchor="middle", color=contrasting(ground))
        self.circle(x, y, radius, None, stroke=color, thick=max(3.0, radius / 13))

    def _picture(self, x: float, y: float, radius: float, picture: bytes) -> None:
        self._ids += 1
        data = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        place = f'x="{x - radius:.1f}" y="{y - radius:.1f}" width="{2 * radius:.1f}" height="{2 * radius:.1f}"'
        self._parts.append(
            f'<clipPath id="avatar{self._ids}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/></clipPath>'
            f'<image {place} preserveAspectRatio="xMidYMid slice" clip-path="url(#avatar{self._ids})" href="{data}"/>'
        )


def _spoken(cluster: str) -> str:
    """A sign without the mark that joins it to the next one, as in Devanagari."""
    return "".join(sign for sign in cluster if unicodedata.combining(sign) != JOINS)


def _fitting(parts: list[str], size: float, most: float) -> int:
    """How many of the words fit a line; at least one."""
    counts = range(len(parts), 1, -1)
    return next((count for count in counts if fonts.width(" ".join(parts[:count]), size) <= most), 1)


def _text(run: fonts.Run, x: float, y: float, size: float, anchor: Anchor, color: int) -> str:
    """Words of one font: with several fonts resvg loses characters (docs/decisions/037-one-text-for-each-font.md)."""
    face = run.face
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" font-weight="{face.weight}" '
        f"font-family=\"'{face.family}'\" "
        f'text-anchor="{anchor}" fill="{hex_of(color)}" xml:space="preserve">{escape(run.words)}</text>'
    )


def _paint(fill: int | None, stroke: int | None, thick: float, dash: str = "") -> str:
    filled = "none" if fill is None else hex_of(fill)
    if stroke is None:
        return f'fill="{filled}"'
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="{filled}" stroke="{hex_of(stroke)}" stroke-width="{thick:.1f}"{dashed}'
