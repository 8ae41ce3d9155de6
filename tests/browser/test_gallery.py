"""Every message the game can send, as the gallery of the page draws it: whole, readable, and nothing left undrawn."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from simulator.served import GALLERY
from tests.browser.conftest import PHONE, gallery, gallery_served
from tests.browser.test_accessible import objections
from tests.gallery.craft import parts
from tests.pictures.committed import FOLDER, GAP, GROUNDS, LIST
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, Locator, Page

SCENES: dict[str, dict[str, Any]] = {
    f"{scene['name']}: {scene['state']}": scene for scene in json.loads(GALLERY.read_text(encoding="utf-8"))
}
MARKUP = re.compile(r"\*\*|__|~~|\|\||`|<t:|<[@#/:]|^#{1,3} |^-# |\]\(|\\|undefined|NaN|\[object", re.MULTILINE)
UNSEEN = re.compile(r"<[^>]*>|\]\([^)]*\)|\n(?: *\d+\. )?|^\d+\. ")
"""What is drawn as something else: moments, people, where a link leads, and the numbers of a list."""

ESCAPED = re.compile(r"(?:\w|\\\W)*\\\W(?:\w|\\\W)*")
"""What somebody typed that looks like markup, and is shown as it was typed."""

WORD = re.compile(r"[^\W_]+")
DRAWN = """() => [...document.querySelectorAll("main.scenes article.scene")].map(scene => ({
  name: scene.ariaLabel,
  text: scene.querySelector(".drawn").innerText,
  prose: [...scene.querySelectorAll(".markdown")].map(it => it.innerText).join("\\n"),
  unknown: scene.querySelectorAll(".unplayable").length,
  buttons: scene.querySelectorAll(".message-body .button").length,
  selects: scene.querySelectorAll(".drawn .select").length,
  containers: scene.querySelectorAll(".container").length,
  lines: scene.querySelectorAll("hr").length,
  pictures: scene.querySelectorAll(".message-body img").length,
  files: scene.querySelectorAll(".message-body .file").length,
  inputs: scene.querySelectorAll("input[type=text], textarea").length,
  cut: [...scene.querySelectorAll(".drawn *")].filter(it => it.scrollWidth > it.clientWidth + 1
    && getComputedStyle(it).display !== "inline" && !it.closest("select, .unseen"))
    .map(it => it.outerHTML.slice(0, 120)),
}))"""
COUNTED: dict[str, Callable[[dict[str, Any]], int]] = {
    "buttons": lambda part: part.get("type") == 2,
    "selects": lambda part: part.get("type") in {3, 6, 8},
    "inputs": lambda part: part.get("type") == 4,
    "pictures": lambda part: len(part["items"]) if part.get("type") == 12 else int(part.get("type") == 11),
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
        portraits = page.locator("img.thumbnail").evaluate_all("all => all.map(it => it.getAttribute('src'))")
    assert {src.split(",")[0] for src in portraits} == {"data:image/svg+xml"}  # nothing is fetched from Discord
    assert seen.keys() == SCENES.keys()
    wrong = [f"{name}: {problem}" for name, scene in SCENES.items() for problem in problems(scene, seen[name])]
    assert wrong == []
    assert "until 13:00 (in 1 hour)" in seen["Announcements: a raid has begun"]["text"]
    assert "Please try again in 11 seconds." in seen["Any command: too fast"]["text"]


def test_every_picture_is_loaded_and_has_its_text(browser: Browser, url: str):
    kinds = json.loads(LIST.read_text(encoding="utf-8"))
    with gallery(browser, url) as page:
        pictures = page.get_by_role("region", name="Pictures")
        for text in (shown["text"] for kind in kinds for shown in (*kind["usual"], *kind["states"])):
            expect(pictures.get_by_role("img", name=text, exact=True).first).to_be_visible()
        halves = pictures.locator(".ground-half").evaluate_all("all => all.map(it => Math.round(it.clientHeight))")
        wait_for(lambda: page.evaluate("[...document.querySelectorAll('.drawing img')].every(one => one.complete)"))
        seen = pictures.locator("img").evaluate_all("all => all.map(it => [it.getAttribute('src'), it.naturalWidth])")
    sizes = {shown["file"]: shown["size"][0] for kind in kinds for shown in (*kind["usual"], kind["sheet"])}
    assert {file for file, _ in seen} == sizes.keys() == {file.name for file in FOLDER.glob("*.png")}
    assert [file for file, width in seen if width != sizes[file]] == []
    heights = [state["height"] + 2 * GAP for kind in kinds for state in kind["states"]]
    assert halves == [height for height in heights for _ in GROUNDS]


def problems(scene: dict[str, Any], seen: dict[str, Any]) -> Iterator[str]:
    """What is missing, left over or unknown in the drawing of a scene."""
    if seen["unknown"]:
        yield "a part is not known"
    if left := MARKUP.search(prose := without_typed(scene["data"], seen["prose"])):
        yield f"markup is left over at {prose[left.start() :][:40]!r}"
    for what, counts in COUNTED.items():
        if (wanted := sum(counts(part) for part in parts(scene["data"]))) != seen[what]:
            yield f"{seen[what]} {what} instead of {wanted}"
    shown = words(seen["text"])
    yield from (f"not shown: {text!r}" for text in texts(scene["data"]) if words(text) not in shown)


def texts(data: object) -> Iterator[str]:
    """Every run of words of a scene that must be read whole."""
    for part in parts(data):
        for key in ("title", "description", "content", "label", "text"):
            if isinstance(text := part.get(key), str) and part.get("type") != 12 and "media" not in part:
                yield from UNSEEN.split(text)
        if "value" in part and "inline" in part:
            yield from UNSEEN.split(str(part["value"]))
        yield from (choice["name"] for choice in part.get("choices", ()))


def without_typed(data: object, prose: str) -> str:
    """What is shown, without what the source of it escapes."""
    for part in parts(data):
        for typed in ESCAPED.findall(str(part.get("content", ""))):
            prose = prose.replace(re.sub(r"\\(\W)", r"\1", typed), "")
    return prose


def words(text: str) -> str:
    """With a space on both sides of each, so that one text's are found in another's only as whole words."""
    return f" {' '.join(WORD.findall(text))} " if WORD.search(text) else ""


MARKDOWN = {
    "# One": "<h3>One</h3>",
    "-# small": "<p>small</p>",
    "**b** *i* _i_ __u__ ~~s~~ `c`": (
        "<p><strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s> <code>c</code></p>"
    ),
    "***both*** \\*none\\*": "<p><strong><em>both</em></strong> *none*</p>",
    "- a\n- b": "<ul><li>a</li><li>b</li></ul>",
    "2. a\n3. b": "<ol><li>a</li><li>b</li></ol>",
    "> said": "<blockquote><p>said</p></blockquote>",
    ">>> a\nb": "<blockquote><p>a</p><p>b</p></blockquote>",
    "```py\nx = **1**\n```": "<pre><code>x = **1**\n</code></pre>",
    "a: ```\nx\n```": "<p>a: </p><pre><code>x\n</code></pre>",
    "||secret||": "<p><details><summary>Spoiler</summary>secret</details></p>",
    "[word](https://a.example/)": "<p><a>word</a></p>",
    "<https://a.example/>": "<p><a>https://a.example/</a></p>",
    "<@7> <@8> </help:1>": "<p><span>@Ada</span> <span>@somebody</span> <span>/help</span></p>",
    "<#1> <@&1>": "<p><span>#a channel</span> <span>@a role</span></p>",
    "<t:60:t> <t:60:d> <t:60:D> <t:60:R>": (
        "<p><time>19:01</time> <time>31/12/1969</time> <time>31 December 1969</time> <time>1 minute ago</time></p>"
    ),
    "<script>alert(1)</script>": "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
}
EMBED = {
    "title": "Title",
    "url": "https://a.example/title",
    "author": {"name": "Author", "url": "https://a.example/author"},
    "description": "**words**",
    "color": 255,
    "fields": [{"name": "Field", "value": "*value*", "inline": True}],
    "image": {"url": "https://a.example/image.png"},
    "thumbnail": {"url": "https://a.example/thumbnail.png"},
    "footer": {"text": "Footer"},
    "timestamp": "1970-01-01T00:01:00Z",
}


@contextmanager
def drawing(browser: Browser, url: str, *messages: object) -> Generator[Locator]:
    """The gallery with scenes of these messages alone, two minutes after the beginning of 1970."""
    shared: dict[str, object] = {"name": "Drawn", "kind": "message", "by": "", "at": 120, "private": False}
    scenes = [
        {**shared, "people": {"7": "Ada"}, "state": str(number), "data": data} for number, data in enumerate(messages)
    ]
    with gallery(browser, url) as page:
        page.route("**/gallery.json", lambda route: route.fulfill(json=scenes))
        page.reload()
        expect(page.locator(".message-body")).to_have_count(len(messages))
        yield page.locator(".message-body")


def test_markdown_is_drawn_as_discord_draws_it(browser: Browser, url: str):
    with drawing(browser, url, *({"content": text} for text in MARKDOWN)) as bodies:
        seen = [re.sub(r"<(\w+)[^>]*>", r"<\1>", it.inner_html()) for it in bodies.locator(".markdown").all()]
    assert dict(zip(MARKDOWN, seen, strict=True)) == MARKDOWN


def test_an_embed_is_drawn_with_everything_that_one_can_have(browser: Browser, url: str):
    with drawing(browser, url, {"embeds": [EMBED]}) as body:
        for name in ("Title", "Author"):
            expect(body.get_by_role("link", name=name)).to_have_attribute("href", f"https://a.example/{name.lower()}")
        expect(body.locator("strong")).to_have_text("words")
        expect(body.get_by_role("term")).to_have_text("Field")
        expect(body.get_by_role("definition").locator("em")).to_have_text("value")
        expect(body.locator("img")).to_have_count(2)
        expect(body.locator(".subtext")).to_have_text("Footer • 31 December 1969 at 19:01")
        expect(body.locator(".container")).to_have_css("border-left-color", "rgb(0, 0, 255)")


def test_nothing_is_wider_than_a_phone(browser: Browser, url: str):
    with gallery(browser, url, PHONE) as page:
        seen = drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert {name: scene["cut"] for name, scene in seen.items() if scene["cut"]} == {}


def test_axe_has_no_objections_to_any_scene(browser: Browser, url: str):
    with gallery(browser, url) as page:
        assert objections(page) == []


def test_axe_finds_enough_contrast_by_day(browser: Browser, url: str):
    with gallery(browser, url, scheme="light") as page:
        assert objections(page, "color-contrast") == []
