"""What the page must always do, in a real browser through the signed path."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from playwright.sync_api import expect

from tests.browser.conftest import await_xp, xp

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.cloud import Cloud
    from local.execution import Call, Outcome
    from tests.browser.conftest import Seat


@contextmanager
def awards_held(cloud: Cloud) -> Generator[None]:
    """What is due in the meantime waits, however long somebody looks at it."""
    held, go_on, invoke = cloud.endpoints["functions"]["xp_award"], threading.Event(), cloud.runner.invoke

    def wait(name: str, call: Call) -> Outcome:
        if name == held:
            go_on.wait()
        return invoke(name, call)

    with patch.object(cloud.runner, "invoke", wait):
        try:
            yield
        finally:
            go_on.set()


def test_a_tick_counts_down_becomes_100_xp_and_an_undo_takes_them_back(seat: Seat, cloud: Cloud):
    seat.meet("Tessa")
    page = seat.command("tenseylist", level="14")
    with awards_held(cloud):
        page.get_by_role("button", name="Did it").first.click()
        expect(page).to_contain_text("XP")
        expect(page.get_by_role("button", name=re.compile("Undo")).first).to_be_visible()
        expect(seat.tab("Clockwork")).to_contain_text(re.compile(r"Tessa: .* pending, due "))
    await_xp(seat, 100)
    expect(seat.tab("Clockwork")).to_contain_text(re.compile(r"Ledger of Tessa\s*\+100 XP"))
    seat.command("tenseylist").get_by_role("button", name="Undo last").first.click()
    await_xp(seat, 0)


def test_a_form_with_an_error_stores_nothing_and_says_which_field(seat: Seat):
    seat.meet("Fay")
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form = seat.page.get_by_role("dialog")
    form.get_by_label("Approaches").fill("many")
    form.get_by_label("Hellos To Strangers").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_count(0)
    expect(seat.last).to_contain_text("Approaches")
    assert xp(seat.command("scorecard")) == 0
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form.get_by_label("Hellos To Strangers").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_count(0)
    expect(seat.last).to_contain_text("30")
    assert xp(seat.command("scorecard")) == 30


def test_the_smoke_set_answers_a_member(seat: Seat):
    seat.meet("Mia")
    for command in ("submit-stats", "scorecard", "leaderboard", "help", "tenseylist", "tenseyleaderboard"):
        answer = seat.command(command)
        expect(answer.locator(".container, .markdown").first).to_be_visible()
        expect(answer).not_to_contain_text("went wrong")
    expect(seat.tab("Inspector")).to_contain_text("Nothing is wrong with it")


def test_the_smoke_set_answers_an_admin(seat: Seat):
    seat.meet("Ada", "admin")
    expect(seat.command("security health")).to_contain_text("Health")
    raid = seat.command("start-raid", type="warrior")
    expect(raid).to_contain_text(re.compile("raid", re.IGNORECASE))
    expect(seat.command("raid-status")).to_contain_text(re.compile("warrior", re.IGNORECASE))
    clockwork = seat.tab("Clockwork")
    clockwork.get_by_role("button", name="Run sweep now").click()  # which announces what is due
    seat.go("announcements")
    expect(seat.posts.last).to_contain_text(re.compile("raid", re.IGNORECASE))
    call = clockwork.get_by_role("listitem").filter(has_text="announcements")
    expect(call.first).to_contain_text(re.compile("raid", re.IGNORECASE))


def test_a_forged_signature_is_refused_and_the_inspector_shows_it(seat: Seat):
    seat.meet("Fred")
    seat.command("help")
    expect(seat.mischief("Forge a signature")).to_contain_text("refused with 401")
    expect(seat.tab("Inspector")).to_contain_text("HTTP 401")
