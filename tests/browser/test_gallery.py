"""Every message the game can send, as the gallery of the page draws it: whole, readable, and nothing left undrawn."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import pytest

from local.simulator.server import GALLERY
from tests.browser.conftest import PHONE, gallery, gallery_served
from tests.browser.test_accessible import objections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

SCENES: dict[str, dict[str, Any]] = {
    f"{scene['name']}: {scene['state']}": scene for scene in json.loads(GALLERY.read_text(encoding="utf-8"))
}
MARKUP = re.compile(r"\*\*|__|~~|\|\||`|<t:|<[@#/:]|^#{1,3} |^-# |\]\(|\\|undefined|NaN|\[object", re.MULTILINE)
UNSEEN = re.compile(r"<[^>]*>|\]\([^)]*\)|\n(?: *\d+\. )?|^\d+\. ")
"""What is drawn as something else: moments, people, where a link leads, and the numbers of a list."""

WORD = re.compile(r"[^\W_]+")
DRAWN = """() => [...document.querySelectorAll("main.scenes article[aria-label]")].map(scene => ({
  name: scene.ariaLabel,
  text: scene.querySelector(".message").innerText,
  prose: [...scene.querySelectorAll(".markdown")].map(it => it.innerText).join("\\n"),
  unknown: scene.querySelectorAll(".unplayable").length,
  buttons: scene.querySelectorAll(".message-body .button").length,
  selects: scene.querySelectorAll("select").length,
  containers: scene.querySelectorAll(".container").length,
  lines: scene.querySelectorAll("hr").length,
  pictures: scene.querySelectorAll("img").length,
  files: scene.querySelectorAll(".message-body .file").length,
  inputs: scene.querySelectorAll("input[type=text], textarea").length,
  cut: [...scene.querySelectorAll(".message *")].filter(it => it.scrollWidth > it.clientWidth + 1
    && getComputedStyle(it).display !== "inline" && it.tagName !== "SELECT").map(it => it.outerHTML.slice(0, 120)),
}))"""
COUNTED: dict[str, Callable[[dict[str, Any]], int]] = {
    "buttons": lambda part: part.get("type") == 2,
    "selects": lambda part: part.get("type") == 3,
    "inputs": lambda part: part.get("type") == 4,
    "pictures": lambda part: len(part["items"]) if part.get("type") == 12 else 0,
    "files": lambda part: part.get("type") == 13,
    "lines": lambda part: part.get("type") == 14 and part.get("divider") is not False,
    "containers": lambda part: part.get("type") == 17 or "color" in part,  # an embed has a frame as well
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with gallery_served(tmp_path_factory.mktemp("gallery")) as url:
        yield url


def drawn(page: Page) -> dict[str, Any]:
    """What stands on the page, by the names of the scenes."""
    return {scene["name"]: scene for scene in page.evaluate(DRAWN)}


def test_every_scene_is_drawn_with_all_its_parts_and_every_word(browser: Browser, url: str):
    with gallery(browser, url) as page:
        seen = drawn(page)
    assert seen.keys() == SCENES.keys()
    wrong = [f"{name}: {problem}" for name, scene in SCENES.items() for problem in problems(scene, seen[name])]
    assert wrong == []
    assert "until 1:00 PM (in 1 hour)" in seen["Announcements: a raid has begun"]["text"]
    assert "Please try again in 11 seconds." in seen["Any command: too fast"]["text"]


def problems(scene: dict[str, Any], seen: dict[str, Any]) -> Iterator[str]:
    """What is missing, left over or unknown in the drawing of a scene."""
    if seen["unknown"]:
        yield "a part is not known"
    if left := MARKUP.search(seen["prose"]):
        yield f"markup is left over at {seen['prose'][left.start() :][:40]!r}"
    for what, counts in COUNTED.items():
        if (wanted := sum(counts(part) for part in parts(scene["data"]))) != seen[what]:
            yield f"{seen[what]} {what} instead of {wanted}"
    shown = words(seen["text"])
    yield from (f"not shown: {text!r}" for text in texts(scene["data"]) if words(text) not in shown)


def parts(data: object) -> Iterator[dict[str, Any]]:
    """Every object inside a scene."""
    if isinstance(data, dict):
        yield (part := cast("dict[str, Any]", data))
        yield from parts([*part.values()])
    elif isinstance(data, list):
        for inside in cast("list[object]", data):
            yield from parts(inside)


def texts(data: object) -> Iterator[str]:
    """Every run of words of a scene that must be read whole."""
    for part in parts(data):
        for key in ("title", "description", "content", "label", "text"):
            if isinstance(text := part.get(key), str) and part.get("type") != 12 and "media" not in part:
                yield from UNSEEN.split(text)
        if "value" in part and "inline" in part:
            yield from UNSEEN.split(str(part["value"]))
        yield from (choice["name"] for choice in part.get("choices", ()))


def words(text: str) -> str:
    """With a space on both sides of each, so that one text's are found in another's only as whole words."""
    return f" {' '.join(WORD.findall(text))} " if WORD.search(text) else ""


def test_nothing_is_wider_than_a_phone(browser: Browser, url: str):
    with gallery(browser, url, PHONE) as page:
        seen = drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert {name: scene["cut"] for name, scene in seen.items() if scene["cut"]} == {}


def test_axe_has_no_objections_to_any_scene(browser: Browser, url: str):
    with gallery(browser, url) as page:
        assert objections(page) == []


def test_axe_finds_enough_contrast_at_night(browser: Browser, url: str):
    with gallery(browser, url, scheme="dark") as page:
        assert objections(page, "color-contrast") == []
