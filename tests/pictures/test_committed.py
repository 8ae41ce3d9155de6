"""The page docs/drawn and its pictures are what is drawn today."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, ImageChops

from functions.pictures.drawing.draw import draw
from tests.pictures.committed import FOLDER, LIST, PAGE, listed, page, sheet, sheets
from tests.pictures.samples import USUAL

AGAIN = "run make pictures, look at them, and commit them"
MOST = 4 * 1024 * 1024  # bytes that a clone carries for them


def difference(file: str, drawn: Image.Image) -> int:
    """The largest difference of a channel; 255 for another size."""
    with Image.open(FOLDER / file) as committed:
        if committed.size != drawn.size:
            return 255
        channels = ImageChops.difference(committed.convert("RGBA"), drawn.convert("RGBA")).split()
    return max(int(channel.getextrema()[1]) for channel in channels)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("called", USUAL)
def test_a_picture_is_what_is_drawn_but_for_one_step_of_a_channel(called: str):
    with Image.open(io.BytesIO(draw(USUAL[called], {}))) as drawn:
        assert difference(f"{called}.png", drawn) <= 1, AGAIN


@pytest.mark.prove
@pytest.mark.parametrize("kind", sheets())
def test_a_sheet_shows_the_states_as_they_are_drawn(kind: str):
    assert difference(f"states-{kind}.png", sheet(sheets()[kind])) <= 1, AGAIN


def test_the_page_says_what_the_pictures_say():
    assert PAGE.read_text(encoding="utf-8") == page(), AGAIN


def test_the_list_says_what_the_pictures_say_and_how_large_they_are():
    assert LIST.read_text(encoding="utf-8") == listed(), AGAIN
    for kind in json.loads(listed()):
        for shown in (*kind["usual"], kind["sheet"]):
            with Image.open(FOLDER / shown["file"]) as committed:
                assert committed.size == tuple(shown["size"]), shown["file"]


def test_there_are_these_pictures_and_no_others():
    pictures = (*USUAL, *(f"states-{kind}" for kind in sheets()))
    wanted = {PAGE.name, LIST.name, *(f"{called}.png" for called in pictures)}
    assert {file.name for file in FOLDER.iterdir()} == wanted, AGAIN
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST
