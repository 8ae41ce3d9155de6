"""docs/benchmarks/load.svg: how answers get later and more, and fail, while more members play at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.history import GOOD, INK, PALE
from bench.pages import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.load import Step

PICTURE = FOLDER / "load.svg"
WIDTH, HEIGHT = 390, 240
LEFT, RIGHT, TOP, BOTTOM = 45, 25, 50, 40
BAD = "#B3402E"

type Curve = tuple[str, str, Callable[[Step], float]]
"""What it is called, its colour, and its values."""

CHARTS: tuple[tuple[str, str, tuple[Curve, ...]], ...] = (
    (
        "Milliseconds",
        "ms",
        (
            ("p99", BAD, lambda step: 1000 * step.percentile(0.99)),
            ("p50", INK, lambda step: 1000 * step.percentile(0.5)),
        ),
    ),
    (
        "Answers a second",
        "/s",
        (
            ("good", GOOD, lambda step: step.rate),
            ("failed", BAD, lambda step: sum(step.failures.values()) / step.seconds),
        ),
    ),
)


def drawn(steps: Sequence[Step]) -> str:
    """Two charts over the number of players, which doubles from place to place."""
    size = f'width="{len(CHARTS) * WIDTH}" height="{HEIGHT}" viewBox="0 0 {len(CHARTS) * WIDTH} {HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, sans-serif" fill="{INK}">'
    title = f"<title>Latency and answers a second with {steps[0].players} to {steps[-1].players} players</title>"
    charts = [
        f'<g transform="translate({number * WIDTH},0)">\n{"\n".join(_chart(*chart, steps))}\n</g>'
        for number, chart in enumerate(CHARTS)
    ]
    return "\n".join([head, title, '<rect width="100%" height="100%" fill="white"/>', *charts, "</svg>"]) + "\n"


def _chart(title: str, unit: str, curves: Sequence[Curve], steps: Sequence[Step]) -> Iterator[str]:
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    most = max(value(step) for _, _, value in curves for step in steps) * 1.1 or 1
    yield f'<text x="{LEFT}" y="20" font-size="13" font-weight="bold">{title}</text>'
    for share in (0.5, 1.0):
        y = _height(share * most, most)
        yield f'<path d="M{LEFT},{y:.1f}H{right}" stroke="{PALE}"/>'
        yield f'<text x="{LEFT - 5}" y="{y + 4:.1f}" font-size="11" text-anchor="end">{share * most:,.0f}</text>'
    yield f'<path d="M{LEFT},{floor}H{right}" stroke="{INK}"/>'
    for number, step in enumerate(steps):
        x = _place(number, len(steps))
        yield f'<text x="{x:.1f}" y="{floor + 16}" font-size="11" text-anchor="middle">{step.players}</text>'
    yield f'<text x="{right}" y="{floor + 32}" font-size="11" text-anchor="end">players at once</text>'
    for number, (name, colour, value) in enumerate(curves):
        points = [(_place(place, len(steps)), _height(value(step), most)) for place, step in enumerate(steps)]
        written = f"{name} {value(steps[-1]):,.0f} {unit}"
        yield f'<text x="{LEFT + 110 * number}" y="38" font-size="12" fill="{colour}">{written}</text>'
        yield f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)


def _place(number: int, many: int) -> float:
    return LEFT + 15 + number * (WIDTH - LEFT - RIGHT - 30) / max(1, many - 1)


def _height(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - value / most * (HEIGHT - BOTTOM - TOP)
