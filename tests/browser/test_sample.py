"""What a stranger meets who has typed `make run` for the first time."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, PHONE, opened, xp
from tests.cloud.running import cloud_running, settings

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

START = 240_000  # milliseconds


def test_they_are_one_of_a_community_and_an_open_tab_goes_on_after_a_restart(browser: Browser, tmp_path: Path):
    own = settings(tmp_path)
    with cloud_running(replace(own, sample=True)) as cloud:
        url = cloud.endpoints["page_url"]
        with opened(browser, url, PHONE, first_visit=True) as seat:
            hints = seat.pane.get_by_role("region", name="What to try first")
            expect(hints.get_by_role("listitem")).to_have_count(4)
            expect(hints).to_contain_text("24 people have played for eight weeks")
            box = hints.bounding_box()
            assert box is not None
            assert box["height"] < PHONE["height"] * 2 / 3
            before = xp(seat.command("scorecard"))
            assert before > 5_000
            expect(seat.command("raid-status")).to_contain_text("1,000")

            cloud.stop()
            banner = seat.page.get_by_role("alert")
            expect(banner).to_contain_text("is `make run` still running?", timeout=PATIENCE)
            with cloud_running(own) as again:
                assert again.endpoints["page_url"] == url
                expect(banner).to_have_count(0, timeout=START)
                assert xp(seat.command("scorecard")) == before
            seat.said.clear()  # the browser complains of each request that nobody answered
