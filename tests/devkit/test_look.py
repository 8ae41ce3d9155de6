"""The look of pictures: what a community may bring, and what the check says to the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devkit.content.look import LookFile
from devkit.content.reading import ContentError, parse
from functions.pictures.drawing import look
from functions.pictures.drawing.draw import canvas, draw, png
from tests.pictures.samples import CARD, PODIUM

OURS = json.loads(LookFile.SHIPPED.read_bytes())
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'>"


def checked(**changes: object) -> LookFile:
    return parse(LookFile, json.dumps(OURS | changes).encode(), "own.json")


def refused(**changes: object) -> str:
    with pytest.raises(ContentError) as caught:
        checked(**changes)
    return str(caught.value)


def background(*lines: str) -> list[str]:
    return [SVG, "<rect width='{width}' height='{height}' rx='24' fill='{ground}'/>", *lines, "</svg>"]


def test_ours_is_drawn_as_it_was_checked():
    own = look.read(checked().canonical())
    assert own == look.load()


def test_a_communitys_own_look_is_drawn():
    colors: dict[str, Any] = OURS["colors"] | {"ground": "#101820", "raised": "#18222C"}
    own = look.read(checked(title="The Walkers", colors=colors, background=background()).canonical())
    assert png(canvas(CARD, {}, own)) != draw(CARD, {})
    assert "The Walkers" in [written.words for written in canvas(PODIUM, {}, own).written]


def test_a_background_that_is_not_well_formed_is_named_with_its_place():
    assert refused(background=[SVG, "<rect>", "</svg>"]) == (
        "own.json: the file: background: is not well formed: mismatched tag: line 3, column 2"
    )


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["<script>alert(1)</script>"], "must not have the element script"),
        (["<text>hello</text>"], "must not have the element text"),
        (["<image href='file:///etc/passwd'/>"], "must not have the element image"),
        (["<use href='#a'/>"], "must not have the element use"),
        (["<style>*{}</style>"], "must not have the element style"),
        (["<foreignObject/>"], "must not have the element foreignObject"),
        (["<rect onload='x'/>"], "must not have the attribute onload in rect"),
        (["<rect style='fill:url(http://x)'/>"], "must not have the attribute style in rect"),
        (["<rect fill='url(http://example.org/x)'/>"], "must not have 'url(http://example.org/x)' in fill of rect"),
        (["<rect fill='{colour}'/>"], "must not have '{colour}' in fill of rect"),
        (["<!-- a -->"], "must have no declarations, entities or comments"),
        (["<!DOCTYPE svg [<!ENTITY a 'b'>]>"], "must have no declarations, entities or comments"),
        (["<rect x='" + "1" * 20_000 + "'/>"], "must have at most 16384 bytes"),
        (["<rect width='{width}' height='{height}' fill='#F2F3F5'/>"], "text on the background cannot be read"),
    ],
)
def test_a_harmful_background_is_refused(lines: list[str], problem: str):
    assert problem in refused(background=background(*lines))


def test_colours_that_cannot_be_read_are_refused():
    assert refused(colors=OURS["colors"] | {"muted": "#4C5364"}) == (
        "own.json: the file: colors: muted on ground cannot be read: #4C5364 on #1B1D24 has a contrast of 2.2, "
        "4.5 is needed"
    )
    written = dict.fromkeys(("text", "muted", "gold", "frost", "good", "mage", "warrior"), "#FFFFFF")
    assert "the colour of Luminarchs on raised" in refused(colors=OURS["colors"] | written | {"raised": "#6E6E6E"})
    assert "of the stack on ground cannot be read" in refused(stack=["#1B1D24"] * 6)


def test_what_is_unknown_or_missing_is_refused():
    assert "own.json: the file: fonts: is unknown" in refused(fonts=[])
    assert "stack: must have 6 or more entries, has 0" in refused(stack=[])
    assert "ground: must be a colour like #8D99AE" in refused(colors=OURS["colors"] | {"ground": "black"})
