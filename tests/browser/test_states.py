"""What a message looks like while something is on its way, when it fails, and for whom it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from simulator.personas import GENERAL_CHANNEL_ID
from tests.browser.conftest import opened
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import APIResponse, Browser, Route

    from local.cloud import Cloud
    from tests.browser.conftest import Seat

CHOICES = [{"label": day, "value": day[:2], "description": f"each {day}"} for day in ("Monday", "Tuesday", "Sunday")]
LIST = {"type": 3, "custom_id": "days", "placeholder": "Days", "min_values": 1, "max_values": 2, "options": CHOICES}


def answering(seat: Seat, response: dict[str, Any] | None, status: int = 200) -> None:
    """Every exchange from now on has this answer in place of the game's."""

    def answer(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, json={**given.json(), "status": status, "response": response})

    seat.page.route("**/api/interactions", answer)


def held(seat: Seat) -> Callable[[], None]:
    """Exchanges wait from now on; calling what is returned lets the first one go on."""
    waiting: list[Route] = []
    seat.page.route("**/api/interactions", lambda route: waiting.append(route))  # noqa: PLW0108 (playwright marks it)

    def go_on() -> None:
        wait_for(lambda: seat.page.title() and waiting)  # it arrives while the page is asked for something
        waiting[0].continue_()

    return go_on


def test_a_command_stands_in_the_channel_while_it_is_sent(seat: Seat):
    seat.meet("Wes")
    go_on = held(seat)
    seat.choose("scorecard")
    seat.options("scorecard").get_by_role("button", name="Send").click()
    expect(seat.pane.locator(".posted[aria-busy]")).to_contain_text("Wes used /scorecard")
    expect(seat.pane.locator(".posted[aria-busy]")).to_contain_text("Sending command")
    go_on()
    expect(seat.last).to_contain_text("Level 1")
    expect(seat.pane.locator(".posted[aria-busy]")).to_have_count(0)


def test_a_button_that_was_tapped_waits_and_no_other_can_be_tapped_meanwhile(seat: Seat):
    seat.meet("Wanda")
    page = seat.command("tenseylist")
    go_on = held(seat)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".button[aria-busy=true]")).to_have_text("Next")
    expect(page.locator(".button:enabled")).to_have_count(0)
    go_on()
    expect(page.get_by_role("button", name="◀️")).to_be_enabled()


def test_a_command_without_an_answer_says_so(seat: Seat):
    answering(seat, None, 502)
    seat.choose("scorecard")
    seat.options("scorecard").get_by_role("button", name="Send").click()
    failed = seat.pane.locator(".posted.answer").last
    expect(failed).to_contain_text("The application did not respond")
    expect(failed).to_contain_text("Only you can see this")


def test_a_button_without_an_answer_leaves_its_message_as_it_is_and_says_so(seat: Seat):
    seat.meet("Wim")
    page = seat.command("tenseylist")
    answering(seat, None, 502)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_have_text("This interaction failed")
    seat.page.unroute_all()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="◀️")).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_form_without_an_answer_stays_open_with_what_was_written(seat: Seat):
    seat.meet("Will")
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form = seat.page.get_by_role("dialog")
    form.get_by_label("Hellos To Strangers").fill("3")
    answering(seat, None, 502)
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_role("alert")).to_have_text("Something went wrong. Try again.")
    expect(form.get_by_label("Hellos To Strangers")).to_have_value("3")
    seat.page.unroute_all()
    form.get_by_role("button", name="Submit").click()
    expect(form).to_have_count(0)


def test_an_answer_that_is_put_off_is_awaited_until_it_comes(seat: Seat):
    answering(seat, {"type": 5, "data": {"flags": 64}})
    edits: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, json={**given.json(), "edits": edits})

    seat.page.route("**/api/discord", answer)
    with seat.page.expect_response("**/api/interactions") as exchange:
        seat.choose("scorecard")
        seat.options("scorecard").get_by_role("button", name="Send").click()
    expect(seat.pane.get_by_role("status")).to_have_text("Mastermind is thinking...")
    number = exchange.value.json()["number"]
    edits.append({"exchange": number, "edits": 1, "components": [{"type": 10, "content": "Here it is"}]})
    expect(seat.last).to_contain_text("Here it is")
    expect(seat.pane.get_by_role("status")).to_have_count(0)


def test_what_only_one_person_sees_can_be_dismissed(seat: Seat):
    seat.meet("Walt")
    seat.command("help").get_by_role("button", name="Dismiss message").click()
    expect(seat.messages).to_have_count(0)


def test_an_answer_to_a_form_names_the_message_whose_form_it_was(seat: Seat):
    seat.meet("Wren")
    seat.command("submit-stats").get_by_role("button", name=re.compile("Core social")).click()
    form = seat.page.get_by_role("dialog")
    form.get_by_label("Hellos To Strangers").fill("3")
    answering(seat, {"type": 4, "data": {"flags": 64, "content": "One at a time"}})
    form.get_by_role("button", name="Submit").click()
    expect(seat.last).to_contain_text("One at a time")
    expect(seat.last.locator(".spine")).to_contain_text(re.compile("Mastermind.*Log today|Mastermind.*New here"))


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_several_are_chosen_in_a_list_and_sent_when_it_closes(seat: Seat, by_keyboard: bool):
    answering(seat, {"type": 4, "data": {"flags": 64, "components": [{"type": 1, "components": [LIST]}]}})
    seat.command("help")
    box = seat.last.get_by_role("combobox", name="Days")
    with seat.page.expect_request("**/api/interactions") as sent:
        if by_keyboard:
            box.focus()
            for key in ("ArrowDown", "Enter", "ArrowDown", "Enter", "ArrowDown", "Enter", "Tab"):
                seat.page.keyboard.press(key)
        else:
            box.click()
            for day in ("Monday", "Tuesday", "Sunday"):
                seat.last.get_by_role("option", name=day).click()
            box.click()
    asked: Any = sent.value.post_data_json
    assert asked["data"]["values"] == ["Mo", "Tu"]


def test_what_somebody_says_is_read_by_the_others_and_groups_with_what_they_said_before(seat: Seat):
    seat.play("Robin")
    for words in ("off to the market", "**really**"):
        seat.box.fill(words)
        seat.pane.get_by_role("button", name="Emoji").click()
        seat.pane.get_by_role("button", name="fire").click()
        seat.page.keyboard.press("Enter")
    seat.play("Sam")
    channel = seat.page.get_by_role("log", name="Messages")
    expect(channel).to_contain_text("off to the market")
    second = channel.get_by_role("article").filter(has_text="really")
    expect(second.locator("strong")).to_have_text("really")
    expect(second).to_contain_text("🔥")
    expect(second.locator("header")).to_have_count(0)


def test_an_edited_answer_of_somewhere_else_changes_nothing_that_somebody_said(seat: Seat):
    def answer(route: Route) -> None:
        edit = {"exchange": 0, "edits": 1, "components": [{"type": 10, "content": "Edited"}]}
        route.fulfill(json={**route.fetch().json(), "edits": [edit]})

    seat.page.route("**/api/discord", answer)
    seat.box.fill("off to the market")
    seat.page.keyboard.press("Enter")
    with seat.page.expect_response("**/api/discord"):
        seat.command("help")
    said = seat.pane.get_by_role("article").filter(has_text="off to the market")
    expect(said).not_to_contain_text("Edited")


def test_what_was_read_before_a_message_came_does_not_take_it_away(seat: Seat, cloud: Cloud):
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if late:
            return route.continue_()
        return late.append((route, route.fetch()))

    seat.page.route("**/api/discord", hold)
    wait_for(lambda: seat.page.title() and late)
    community = cloud.discord.community
    posted = community.create_message(GENERAL_CHANNEL_ID, {"content": "Here I am"})
    for _ in range(2):  # after each the page looks again
        seat.command("help")
    route, read = late[0]
    route.fulfill(response=read)
    seat.command("help")
    expect(seat.posts.filter(has_text="Here I am")).to_be_visible()
    community.delete_message(GENERAL_CHANNEL_ID, int(posted["id"]))


def test_the_staffs_channels_are_seen_by_those_whom_they_concern(seat: Seat):
    for name, places in (
        ("Sam", ["announcements", "general"]),
        ("Jo", ["announcements", "general", "admins"]),
        ("Olga", ["announcements", "general", "admins", "alerts"]),
        ("Max", ["general"]),
        ("Pat", ["Mastermind"]),
    ):
        seat.play(name)
        expect(seat.pane.locator(".channel-row > span:not(.unseen, .avatar)")).to_have_text(places)


def test_a_first_visit_is_told_what_to_try_and_a_second_one_is_not(browser: Browser, cloud: Cloud):
    with opened(browser, cloud.endpoints["page_url"], first_visit=True) as seat:
        hints = seat.pane.get_by_role("region", name="What to try first")
        expect(hints.get_by_role("listitem")).to_have_count(3)
        hints.get_by_role("button", name="Hide the hints").click()
        expect(hints).to_have_count(0)
        seat.page.reload()
        expect(seat.pane.get_by_role("log")).to_contain_text("Welcome to #general!")
        expect(hints).to_have_count(0)
