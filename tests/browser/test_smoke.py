"""What the page must always do, in a real browser through the signed path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, await_xp, xp

if TYPE_CHECKING:
    from tests.browser.conftest import Seat


def test_a_tick_counts_down_becomes_100_xp_and_an_undo_takes_them_back(seat: Seat):
    seat.meet("Tessa")
    page = seat.command("tenseylist", level="14")
    page.get_by_role("button", name="Did it").first.click()
    expect(page).to_contain_text("XP", timeout=PATIENCE)
    expect(page.get_by_role("button", name=re.compile("Undo")).first).to_be_visible(timeout=PATIENCE)
    expect(seat.tab("Clockwork")).to_contain_text(re.compile(r"Tessa: .* pending, due "), timeout=PATIENCE)
    await_xp(seat, 100)
    expect(seat.tab("Clockwork")).to_contain_text(re.compile(r"Ledger of Tessa\s*\+100 XP"), timeout=PATIENCE)
    seat.command("tenseylist").get_by_role("button", name="Undo last").first.click()
    await_xp(seat, 0)


def test_a_form_with_an_error_stores_nothing_and_says_which_field(seat: Seat):
    seat.meet("Fay")
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form = seat.page.get_by_role("dialog")
    form.get_by_label("Approaches").fill("many")
    form.get_by_label("Hellos To Strangers").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(seat.last).to_contain_text("Approaches", timeout=PATIENCE)
    assert xp(seat.command("scorecard")) == 0
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form.get_by_label("Hellos To Strangers").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(seat.last).to_contain_text("30", timeout=PATIENCE)
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
    expect(seat.posts.last).to_contain_text(re.compile("raid", re.IGNORECASE), timeout=PATIENCE)
    call = clockwork.get_by_role("listitem").filter(has_text="announcements")
    expect(call.first).to_contain_text(re.compile("raid", re.IGNORECASE), timeout=PATIENCE)


def test_a_forged_signature_is_refused_and_the_inspector_shows_it(seat: Seat):
    seat.meet("Fred")
    seat.command("help")
    expect(seat.mischief("Forge a signature")).to_contain_text("refused with 401", timeout=PATIENCE)
    expect(seat.tab("Inspector")).to_contain_text("HTTP 401")
