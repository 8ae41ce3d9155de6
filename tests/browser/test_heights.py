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

FILLED = frozenset(
    {
        "/scorecard: everything there can be, at the highest level",
        "/settings: of who was warned",
        "/stats-days: the fullest week there can be",
        "/submit-stats: as much as a day can hold, at the highest level",
    }
)
"""What a member fills to the brim may be higher."""


def promised() -> frozenset[str]:
    """The headings that the page of rules names in bold."""
    found = PROMISE.search((ROOT / "docs" / "rules" / "messages.md").read_text(encoding="utf-8"))
    assert found is not None
    return frozenset(name.strip("`") for name in PROMISED.findall(found[1]))


def test_what_is_promised_is_one_screen_high(browser: Browser, tmp_path: Path):
    with gallery_served(tmp_path) as url:
        found = heights(browser, url)
    names = {name: scene["name"] for name, scene in SCENES.items() if scene["kind"] == "message"}
    assert promised() <= set(names.values())
    held = {name for name, heading in names.items() if heading in promised()} - FILLED
    assert {name: found[name] for name in held if found[name] > CHANNEL} == {}
