"""A role that a member gets for what they reach: in the list of members, and gone with what it was for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.test_moderation import await_bot
from tests.cloud.test_backup import call

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from local.cloud import Cloud
    from tests.browser.conftest import Seat

NAME = "Rosa"


def with_role(seat: Seat, role: str) -> Locator:
    """Whom the list of members shows below that role."""
    groups = seat.pane.get_by_role("complementary", name="Members").locator("section")
    return groups.filter(has_text=re.compile(f"^{role} —")).get_by_role("listitem").filter(has_text=NAME)


def adjust(seat: Seat, amount: str) -> None:
    seat.command("admin adjust-xp", user=NAME, amount=amount, reason="To show what roles do")


def remove(seat: Seat, what: str) -> None:
    """By the suggestion for what it is for."""
    seat.choose("admin roles remove")
    form = seat.options("admin roles remove")
    seat.fill(form, "role", what)
    form.get_by_role("option").filter(has_text=what).click()
    form.get_by_role("button", name="Send").click()


def test_a_role_comes_with_a_level_and_goes_with_it_and_with_the_role(seat: Seat, cloud: Cloud):
    await_bot(cloud)
    seat.meet(NAME)
    seat.command("scorecard")
    seat.play("Kim")
    added = seat.command("admin roles add", role="Explorer", **{"for": "A level"}, value="5")
    expect(added).to_contain_text("is for level 5")
    adjust(seat, "3000")
    call(cloud, "relay", {"relay": True})  # as each minute
    expect(with_role(seat, "Explorer")).to_have_count(1)

    adjust(seat, "-2900")
    call(cloud, "relay", {"relay": True})
    expect(with_role(seat, "Explorer")).to_have_count(0)

    adjust(seat, "2900")
    call(cloud, "relay", {"relay": True})
    expect(with_role(seat, "Explorer")).to_have_count(1)
    remove(seat, "level 5")
    expect(seat.last).to_contain_text("no longer given")
    expect(seat.command("admin roles sync")).to_contain_text("members checked")
    for _ in range(2):  # the sync finds who has it, and then it is taken
        call(cloud, "relay", {"relay": True})
    expect(with_role(seat, "Explorer")).to_have_count(0)
    expect(seat.tab("Discord")).to_contain_text("the game: no longer reached")
