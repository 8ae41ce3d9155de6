"""The pictures as they are drawn."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from functions.pictures.drawing.draw import draw
from tests.pictures.samples import USUAL

DRAWN = ["card"]


@pytest.mark.parametrize("called", DRAWN)
def test_the_same_figures_make_the_same_bytes(called: str):
    assert draw(USUAL[called], {}) == draw(USUAL[called], {})


@pytest.mark.parametrize("called", DRAWN)
def test_a_picture_is_a_small_png_as_wide_as_two_phones(called: str):
    png = draw(USUAL[called], {})
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        assert picture.width == 934
    assert len(png) < 200_000
