"""The pictures as they are drawn: small, the same each time, readable, and saying what their text says."""

from __future__ import annotations

import io
import re
from copy import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from functions.pictures.drawing import colors, look
from functions.pictures.drawing.canvas import SMALL, WIDTH
from functions.pictures.drawing.draw import canvas, draw, png, rendered
from mastermind.game.levels import content as levels
from mastermind.pictures.alt_texts import alt_text
from mastermind.pictures.figures import people
from mastermind.pictures.words import name
from tests.pictures.samples import CARD, USUAL
from tests.pictures.states import EVERY, EVERY_SCRIPT, everybody

if TYPE_CHECKING:
    from functions.pictures.drawing.canvas import Canvas, Written
    from mastermind.pictures.figures import Figures

every = pytest.mark.parametrize("called", EVERY)

CUT_OFF = {"card-full", "podium-full", "progress-full", "week-full"}
"""States with more words than a line has room for; their text has all of them."""

ROOM = 250_000
"""Bytes of a picture; it is on a phone within a moment."""


def canvas_of(figures: Figures) -> Canvas:
    return canvas(figures, {}, look.load())


@pytest.mark.parametrize("called", USUAL)
def test_the_same_figures_make_the_same_bytes(called: str):
    assert draw(USUAL[called], {}) == draw(USUAL[called], {})


@pytest.mark.prove
@every
def test_a_picture_is_small_and_has_a_font_for_every_sign(called: str, capfd: pytest.CaptureFixture[str]):
    drawn = canvas_of(EVERY[called])
    picture = rendered(drawn.svg(), drawn.faces, is_told=True)
    with Image.open(io.BytesIO(picture)) as read:
        assert (read.format, read.width) == ("PNG", WIDTH)
        assert read.height <= WIDTH
    assert len(picture) < ROOM
    said = capfd.readouterr()
    assert "arning" not in said.out + said.err


@every
def test_all_words_are_inside_and_none_is_too_small_to_read(called: str):
    drawn = canvas_of(EVERY[called])
    for written in drawn.written:
        assert written.left >= 10, written
        assert written.right <= WIDTH - 9, written
        assert 15 < written.baseline < drawn.height - 8, written
        assert written.size >= SMALL or len(written.words) <= 2, written


@pytest.mark.prove
@every
def test_words_can_be_read_on_what_is_behind_them(called: str):
    drawn = canvas_of(EVERY[called])
    with Image.open(io.BytesIO(png(drawn, words=False))) as picture:
        behind = picture.convert("RGB")
    weak = {one.words: round(least, 2) for one in drawn.written if (least := _contrast(behind, one)) < colors.READABLE}
    assert weak == {}


@pytest.mark.parametrize("color", [each.color for each in levels.load()])
def test_a_card_can_be_read_in_the_colour_of_every_class(color: int):
    drawn = canvas_of(replace(CARD, color=color))
    with Image.open(io.BytesIO(png(drawn, words=False))) as picture:
        behind = picture.convert("RGB")
    assert min(_contrast(behind, one) for one in drawn.written) >= colors.READABLE


@pytest.mark.parametrize("called", USUAL)
def test_words_of_a_usual_picture_can_be_read(called: str):
    test_words_can_be_read_on_what_is_behind_them(called)


def _contrast(behind: Image.Image, written: Written) -> float:
    """The least contrast of the words to any colour in the box around them; emoji have colours of their own."""
    if not any(sign.isalnum() for sign in written.words):
        return colors.READABLE
    box = (written.left + 1, written.baseline - 0.7 * written.size, written.right - 1, written.baseline + 2)
    part = behind.crop(tuple(map(round, box)))  # pyright: ignore[reportArgumentType]
    found = part.getcolors(maxcolors=1 << 20) or []
    return min(colors.contrast(written.color, _number(color)) for _, color in found)


def _number(color: object) -> int:
    red, green, blue = color  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    return int(red) << 16 | int(green) << 8 | int(blue)  # pyright: ignore[reportUnknownArgumentType]


def test_what_is_drawn_in_a_colour_that_says_something_is_seen():
    shown = look.load()
    grounds = (shown.colors.ground, shown.colors.raised)
    told = (
        *shown.stack,
        *(getattr(shown.colors, each) for each in ("gold", "frost", "good", "mage", "warrior", "muted")),
    )
    assert min(colors.contrast(color, ground) for color in told for ground in grounds) >= colors.SEEN


@pytest.mark.parametrize("called", sorted(EVERY.keys() - CUT_OFF))
def test_the_picture_shows_each_number_that_its_text_says(called: str):
    figures = EVERY[called]
    drawn = " ".join(written.words for written in canvas_of(figures).written)
    assert _numbers(_without_names(alt_text(figures), figures)) <= _numbers(drawn)


@pytest.mark.parametrize(
    "called", ["card", "card-empty", "card-first-day", "compare", "raid", "raid-won", "week", "server-week"]
)
def test_the_text_says_each_number_that_the_picture_shows(called: str):
    figures = EVERY[called]
    assert all(_numbers(written.words) <= _numbers(alt_text(figures)) for written in canvas_of(figures).written)


def _without_names(text: str, figures: Figures) -> str:
    for person in people(figures):
        text = text.replace(name(person), "")
    return text


def _numbers(text: str) -> set[str]:
    for medal, number in (("🥇", "1"), ("🥈", "2"), ("🥉", "3")):
        text = text.replace(medal, number)
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text))


def test_names_are_words_and_never_part_of_the_picture():
    svg = canvas_of(everybody(USUAL["podium"], EVERY_SCRIPT[-1])).svg()
    assert "<image" not in svg
    assert "&lt;/text&gt;&lt;image" in svg


@pytest.mark.parametrize("sign", ["\x00", "\ud800", "\ufffe", "\x1b", "\u202e"])
def test_a_sign_that_xml_cannot_hold_is_left_out(sign: str):
    assert draw(replace(CARD, person=replace(CARD.person, name=f"No{sign}va")), {}) == draw(CARD, {})


def test_an_avatar_takes_the_place_of_the_initial():
    picture = io.BytesIO()
    Image.effect_noise((256, 256), 200).convert("RGB").save(picture, "PNG")
    drawn = draw(CARD, {CARD.person.user_id: picture.getvalue()})
    assert drawn != draw(CARD, {})
    assert len(drawn) < ROOM


def test_a_picture_that_is_none_leaves_the_circle_empty():
    assert draw(CARD, {CARD.person.user_id: b"\x89PNG\r\n\x1a\n" + b"\0" * 64})
