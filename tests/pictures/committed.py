"""The page docs/drawn with its pictures: each as it usually is, and sheets of their states at the size of a phone.

The list of them (`LIST`) is what the gallery of the simulator's page shows.
"""

from __future__ import annotations

import io
import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from functions.pictures.drawing import look
from functions.pictures.drawing.canvas import WIDTH
from functions.pictures.drawing.draw import canvas, draw
from mastermind.pictures.alt_texts import alt_text
from tests.pictures.samples import USUAL
from tests.pictures.states import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.json_types import Json
    from mastermind.pictures.figures import Figures

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "drawn"
PAGE, LIST = FOLDER / "README.md", FOLDER / "pictures.json"

PHONE, GAP = 360, 12
"""Pixels: a picture in a phone's channel, and what is around it."""

SHEET = 2 * (PHONE + 2 * GAP)
"""Pixels: how wide a sheet is."""

GROUNDS = ((0x31, 0x33, 0x38), (0xFF, 0xFF, 0xFF))
"""Discord's dark and light ground."""

TITLES = {
    "card": "/scorecard",
    "compare": "/scorecard with two members",
    "progress": "/progress",
    "year": "/progress, the year",
    "podium": "/leaderboard",
    "week": "The week of a member",
    "server-week": "The week of the server",
    "raid": "/raid-status",
    "report": "/admin report",
}

HEAD = """# Pictures

What the game draws, and the text of each for people who cannot see it; both are made of the same
figures ([the rules](../rules/pictures.md)). This page and its pictures are made by `make pictures`,
and a test compares them with what is drawn now. The figures are invented.
"""


def sheets() -> dict[str, dict[str, Figures]]:
    """The states of each picture."""
    grouped = groupby(sorted(STATES, key=_kind), key=_kind)
    return {kind: {state: STATES[state] for state in states} for kind, states in grouped}


def _kind(state: str) -> str:
    return max((kind for kind in TITLES if state.startswith(f"{kind}-")), key=len)


def sheet(states: Mapping[str, Figures]) -> Image.Image:
    """Each state on the dark and on the light ground."""
    shown = [_phone(figures) for figures in states.values()]
    height = sum(each.height + GAP for each in shown) + GAP
    made = Image.new("RGB", (SHEET, height))
    for column, ground in enumerate(GROUNDS):
        left, y = column * (PHONE + 2 * GAP), GAP
        made.paste(ground, (left, 0, left + PHONE + 2 * GAP, height))
        for each in shown:
            made.paste(each, (left + GAP, y), each)
            y += each.height + GAP
    return made


def _phone(figures: Figures) -> Image.Image:
    with Image.open(io.BytesIO(draw(figures, {}))) as picture:
        small = (PHONE, picture.height * PHONE // picture.width)
        return picture.convert("RGBA").resize(small, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]


def page() -> str:
    return "\n".join((HEAD, *_sections())).rstrip() + "\n"


def _sections() -> Iterator[str]:
    for kind, title in TITLES.items():
        yield f"## {title}\n"
        for called, figures in _usual(kind):
            yield f"![{alt_text(figures)}]({called}.png)\n"
        yield f"At the size of a phone, on dark and light: {_listed(sheets()[kind], kind)}.\n"
        yield f"![Small pictures of these states, each on dark and on light ground](states-{kind}.png)\n"


def _usual(kind: str) -> Iterator[tuple[str, Figures]]:
    for called, figures in USUAL.items():
        if called == kind or (kind == "progress" and called.startswith("progress-")):
            yield called, figures


def _listed(states: Mapping[str, Figures], kind: str) -> str:
    return ", ".join(_named(state, kind) for state in states)


def _named(state: str, kind: str) -> str:
    return state.removeprefix(f"{kind}-").replace("-", " ")


def listed() -> str:
    """Every picture with its text, as JSON: each kind's usual ones, its sheet, and where on that each state is."""
    kinds = [_kind_listed(kind, title) for kind, title in TITLES.items()]
    return json.dumps(kinds, ensure_ascii=False, indent=1) + "\n"


def _kind_listed(kind: str, title: str) -> Json:
    states = list(_states(kind))
    return {
        "name": title,
        "usual": [
            {"file": f"{called}.png", "size": _size(figures), "text": alt_text(figures)}
            for called, figures in _usual(kind)
        ],
        "sheet": {"file": f"states-{kind}.png", "size": [SHEET, sum(state["height"] + GAP for state in states) + GAP]},
        "states": states,
    }


def _states(kind: str) -> Iterator[Json]:
    """Each state with its place on the sheet, in pixels."""
    top = GAP
    for state, figures in sheets()[kind].items():
        width, height = _size(figures)
        small = height * PHONE // width
        yield {"state": _named(state, kind), "top": top, "height": small, "text": alt_text(figures)}
        top += small + GAP


def _size(figures: Figures) -> tuple[int, int]:
    return WIDTH, canvas(figures, {}, look.load()).height


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for called, figures in USUAL.items():
        (FOLDER / f"{called}.png").write_bytes(draw(figures, {}))
    for kind, states in sheets().items():
        sheet(states).save(FOLDER / f"states-{kind}.png", optimize=True)
    PAGE.write_text(page(), encoding="utf-8")
    LIST.write_text(listed(), encoding="utf-8")


if __name__ == "__main__":
    main()
