"""What a stranger meets who has typed `make run` for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from devkit.ports import keep
from local.cloud import ROOT
from tests.browser.conftest import PHONE, await_fonts, opened, xp
from tests.local.test_run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Starts `make run`, each time in the same folder; what still runs after the test is ended."""
    runs = list[Run]()
    (tmp_path / "local").mkdir()

    def start(**variables: str) -> Run:
        runs.append(Run(tmp_path / "local", cwd=ROOT, **variables))
        return runs[-1]

    yield start
    for one in runs:
        one.clean_up()


def test_they_are_one_of_a_community_and_an_open_tab_goes_on_after_a_restart(browser: Browser, run: Callable[..., Run]):
    first = run(HEADLESS="", BROWSER="true")
    url = str(first.await_ready()["page_url"])
    with opened(browser, url, PHONE, first_visit=True) as seat:
        hints = seat.pane.get_by_role("region", name="What to try first")
        expect(hints.get_by_role("listitem")).to_have_count(4)
        expect(hints).to_contain_text("24 people have played for eight weeks")
        await_fonts(seat.page)
        box = hints.bounding_box()
        assert box is not None
        assert box["height"] < PHONE["height"] * 2 / 3
        before = xp(seat.command("scorecard"))
        assert before > 5_000
        expect(seat.command("raid-status")).to_contain_text("1,000")

        seat.page.evaluate("document.body.dataset.old = 'yes'")
        first.end()
        banner = seat.page.get_by_role("alert")
        expect(banner).to_contain_text("is `make run` still running?")
        with keep(urlsplit(url).port or 0):  # or another process may be given it
            assert run().await_ready()["page_url"] == url
        expect(seat.page.locator("body[data-old]")).to_have_count(0)  # it is loaded again, and has nothing of before
        expect(banner).to_have_count(0)
        assert xp(seat.command("scorecard")) == before
        seat.said.clear()  # the browser complains of each request that nobody answered
