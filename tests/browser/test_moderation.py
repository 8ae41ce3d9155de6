"""Three strikes, played to their end: what the member reads, and what becomes of them in Discord."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.cloud.playing import Game
from tests.cloud.running import PATIENCE
from tests.cloud.test_backup import call
from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from local.cloud import Cloud
    from tests.browser.conftest import Seat

NAME = "Theo"


def await_bot(cloud: Cloud) -> None:
    call(cloud, "relay", {"relay": True})  # which asks whether there is a bot
    with closing(Game(cloud)) as game:
        wait_for(lambda: game.rows("SELECT FROM bot_status WHERE is_on") != [], PATIENCE)


def warn(seat: Seat, reason: str) -> Locator:
    return seat.command("security warn", user=NAME, reason=reason)


def tap(seat: Seat, what: str) -> Locator:
    """On the newest page of their warnings."""
    page = seat.command("security warnings", user=NAME)
    page.get_by_role("button", name=re.compile(f"^{what} ")).first.click()
    return page


def reads(seat: Seat, words: str) -> None:
    """What they find in their direct messages."""
    seat.play(NAME)
    seat.go("Direct Messages")
    expect(seat.page.get_by_role("log", name="Messages")).to_contain_text(words)
    seat.pane.get_by_role("button", name="The Courage Club").click()


def test_three_strikes_end_in_a_ban_and_withdrawing_ends_what_the_bot_has_set(seat: Seat, cloud: Cloud):
    await_bot(cloud)
    seat.meet(NAME)
    seat.play("Jo")
    expect(warn(seat, "Went on after a no")).to_contain_text("I write them the reason")
    reads(seat, "Went on after a no")

    seat.play("Jo")
    warn(seat, "Wrote again")
    expect(tap(seat, "Time out")).to_contain_text("Confirmed.")
    listed = seat.pane.get_by_role("complementary", name="Members").get_by_role("listitem").filter(has_text=NAME)
    expect(listed).to_contain_text("timed out")
    reads(seat, "You have a time-out")

    seat.play("Jo")
    expect(tap(seat, "Withdraw")).to_contain_text("I end a time-out that I set")
    expect(listed).not_to_contain_text("timed out")

    seat.play("Kim")
    for reason in "Wrote again", "Insulted Sam":
        warn(seat, reason)
    tap(seat, "Ban")
    found = seat.tab("Discord")
    expect(found).to_contain_text(re.compile(f"{NAME}: Mastermind: strike 3, warning"))
    expect(listed).to_have_count(0)
    reads(seat, "You are banned from the server")

    seat.play("Kim")
    expect(tap(seat, "Withdraw")).to_contain_text("I end a ban that I set")
    expect(seat.tab("Discord")).to_contain_text("Nobody is banned.")
    expect(seat.command("security audit")).to_contain_text("Ended a time-out or a ban")
