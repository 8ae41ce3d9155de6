"""What docs/rules/messages.md promises to be one screen of a phone is not higher, in any of its states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.cloud import ROOT
from tests.browser.conftest import gallery_served
from tests.browser.heights import CHANNEL, heights
from tests.browser.test_gallery import SCENES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

PROMISE = re.compile(r"^## One screen\n(.*?)^## ", re.MULTILINE | re.DOTALL)
PROMISED = re.compile(r"\*\*(.+?)\*\*")

UNFINISHED: frozenset[str] = frozenset(["/scorecard", "/security flags", "/settings", "/stats-days", "/submit-stats"])
"""The headings with a scene that is still too high; nothing may be added."""


def promised() -> frozenset[str]:
    """The headings that the page of rules names in bold."""
    found = PROMISE.search((ROOT / "docs" / "rules" / "messages.md").read_text(encoding="utf-8"))
    assert found is not None
    return frozenset(name.strip("`") for name in PROMISED.findall(found[1]))


def test_what_is_promised_is_one_screen_high(browser: Browser, tmp_path: Path):
    with gallery_served(tmp_path) as url:
        found = heights(browser, url)
    held = promised() - UNFINISHED
    messages = {name: scene for name, scene in SCENES.items() if scene["kind"] == "message" and scene["name"] in held}
    assert held <= {scene["name"] for scene in messages.values()}
    assert {name: found[name] for name in messages if found[name] > CHANNEL} == {}
