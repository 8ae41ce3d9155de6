"""docs/benchmarks/history.json, to which each `make bench` appends its figures, and history.svg, drawn from it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bench.lines import LINES
from bench.pages import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.lines import Line

FILE = FOLDER / "history.json"
PICTURE = FOLDER / "history.svg"

SHOWN = ("first-pong", "first-help", "first-page", "warm-ping", "warm-page", "warm-tick")
COLUMNS, WIDTH, HEIGHT = 3, 260, 170
LEFT, RIGHT, TOP, BOTTOM = 20, 60, 50, 30
INK, PALE, GOOD = "#445566", "#E6E8EB", "#2E7D4F"


@dataclass(frozen=True, slots=True)
class Record:
    """The figures of one run by their lines' keys, in the lines' units, and what a peer that does nothing costs."""

    date: str
    machine: str
    figures: Mapping[str, float]


def records(file: Path = FILE) -> list[Record]:
    """Oldest first."""
    return [Record(**each) for each in json.loads(file.read_text(encoding="utf-8"))] if file.exists() else []


def append(record: Record, file: Path = FILE, picture: Path = PICTURE) -> None:
    """Add a run, one to a line, and draw the picture again."""
    kept = [*records(file), record]
    file.write_text("[\n" + ",\n".join(json.dumps(asdict(each)) for each in kept) + "\n]\n", encoding="utf-8")
    picture.write_text(drawn(kept), encoding="utf-8")


def drawn(kept: Sequence[Record]) -> str:
    """A chart for each of the lines shown: its figures from left to right, and its bar."""
    lines = [line for key in SHOWN for line in LINES if line.key == key]
    rows = -(-len(lines) // COLUMNS)
    size = f'width="{COLUMNS * WIDTH}" height="{rows * HEIGHT}" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}"'
    charts = [_chart(line, kept, *divmod(number, COLUMNS)) for number, line in enumerate(lines)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, sans-serif" fill="{INK}">'
    title = f"<title>Millions of instructions, {kept[0].date} to {kept[-1].date}</title>"
    return "\n".join([head, title, '<rect width="100%" height="100%" fill="white"/>', *charts, "</svg>"]) + "\n"


def _chart(line: Line, kept: Sequence[Record], row: int, column: int) -> str:
    found = [(record.date, record.figures[line.key]) for record in kept if line.key in record.figures]
    parts = [f'<g transform="translate({column * WIDTH},{row * HEIGHT})">', *_parts(line, found), "</g>"]
    return "\n".join(parts)


def _parts(line: Line, found: Sequence[tuple[str, float]]) -> Iterator[str]:
    """The chart at the origin; its scale begins at zero."""
    most = max([*(value for _, value in found), line.bar or 0]) * 1.1 or 1
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    yield f'<text x="{LEFT}" y="20" font-size="13" font-weight="bold">{escape(line.what.replace("`", ""))}</text>'
    yield f'<path d="M{LEFT},{floor}H{right}" stroke="{INK}"/>'
    if line.bar:
        height = _height(line.bar, most)
        yield f'<path d="M{LEFT},{height:.1f}H{right}" stroke="{GOOD}" stroke-dasharray="4 3"/>'
        yield f'<text x="{right + 5}" y="{height + 4:.1f}" font-size="11" fill="{GOOD}">bar {line.bar:g}</text>'
    if found:
        points = [(_place(number, len(found), right), _height(value, most)) for number, (_, value) in enumerate(found)]
        yield f'<polyline fill="none" stroke="{INK}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
        yield f'<text x="{LEFT}" y="36" font-size="12">{found[-1][1]:,.4g} M</text>'
        yield f'<text x="{LEFT}" y="{floor + 16}" font-size="11">{found[0][0]}</text>'
        yield f'<text x="{right}" y="{floor + 16}" font-size="11" text-anchor="end">{found[-1][0]}</text>'


def _place(number: int, many: int, right: int) -> float:
    """Where a run stands between left and right; a single one on the right."""
    return right - (many - 1 - number) * (right - LEFT) / max(1, many - 1)


def _height(value: float, most: float) -> float:
    floor = HEIGHT - BOTTOM
    return floor - value / most * (floor - TOP)
