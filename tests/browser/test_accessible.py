"""What axe finds nothing to object to: contrast, names, roles, keyboard; by day, by night and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE, PHONE, WIDE, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from local.cloud import Cloud
    from tests.browser.conftest import Scheme

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def objections(page: Page, rule: str = "") -> list[str]:
    """What axe says, a line for each element; of one rule alone when it is named."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    asked = {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": RULES}
    found: Any = page.evaluate("asked => axe.run(document, {runOnly: asked, resultTypes: ['violations']})", asked)
    return [
        f"{violation['id']}: {node['html'][:120]} ({node.get('failureSummary', '')})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_objections(browser: Browser, cloud: Cloud, scheme: Scheme):
    with opened(browser, cloud.endpoints["page_url"], WIDE, scheme) as seat:
        seat.play("Sam")
        assert objections(seat.page) == []
        seat.command("tenseylist")
        seat.command("scorecard")
        for tab in ("Inspector", "Clockwork", "Discord", "Mischief", "Logs"):
            seat.tab(tab)
            assert objections(seat.page) == [], tab
        seat.box.fill("/")
        assert objections(seat.page) == [], "the commands"
        seat.choose("tenseylist")
        assert objections(seat.page) == [], "the options of a command"
        seat.pane.get_by_role("button", name="Cancel").click()
        seat.people()
        assert objections(seat.page) == [], "the personas"
        seat.page.keyboard.press("Escape")
        seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
        expect(seat.page.get_by_role("dialog")).to_be_visible()
        assert objections(seat.page) == [], "a modal"


def test_axe_has_no_objections_on_a_phone(browser: Browser, cloud: Cloud):
    with opened(browser, cloud.endpoints["page_url"], PHONE) as seat:
        seat.play("Sam")
        seat.command("scorecard")
        assert objections(seat.page) == []
        seat.menu()
        assert objections(seat.page) == [], "the channels"
