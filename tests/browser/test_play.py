"""The rest of the game, played in a real browser through the signed path."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from devkit.discord_server.community import DIRECT
from mastermind.game.settings import content as time_zones
from simulator.guild import EXPLORER
from simulator.personas import ANNOUNCEMENTS_CHANNEL_ID
from tests.browser.conftest import PHONE, await_xp, opened, xp
from tests.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Route

    from local.cloud import Cloud
    from tests.browser.conftest import Seat


def test_the_list_is_leafed_through_and_a_chapter_jumped_to(seat: Seat):
    seat.meet("Lea")
    page = seat.command("tenseylist")
    expect(page).to_contain_text("Warm-Up & Icebreakers")
    page.get_by_role("button", name="Next").click()
    expect(page).to_contain_text(re.compile("page 2", re.IGNORECASE))
    page.get_by_role("button", name="◀️").click()
    expect(page).to_contain_text(re.compile("page 1", re.IGNORECASE))
    page.get_by_role("button", name="More").click()
    page.get_by_role("combobox").select_option("25")
    expect(page).to_contain_text("Grandmaster Challenges")


def test_a_chapter_is_found_by_typing_and_taken_with_the_keyboard_alone(seat: Seat):
    seat.meet("Kay")
    seat.box.focus()
    seat.page.keyboard.type("/tenseylist")
    seat.page.keyboard.press("Enter")
    form = seat.options("tenseylist")
    expect(form.get_by_role("combobox", name="Another option")).to_be_focused()
    seat.page.keyboard.type("level:")
    expect(form.get_by_role("combobox", name="level")).to_be_focused()
    seat.page.keyboard.type("vocal")
    suggestions = form.get_by_role("listbox")
    expect(suggestions.get_by_role("option").first).to_contain_text("Vocal Play")
    seat.page.keyboard.press("Enter")
    seat.page.keyboard.press("Enter")
    expect(seat.last).to_contain_text("Vocal Play")


def test_another_persona_is_one_click_or_one_key_away(seat: Seat):
    seat.play("Sam")
    seat.people()
    expect(seat.persona("Sam")).to_be_focused()
    seat.page.keyboard.press("ArrowRight")
    expect(seat.persona("Robin")).to_be_checked()
    expect(seat.pane).to_have_accessible_name("Seat 1: Robin")
    seat.page.keyboard.press("ArrowLeft")
    expect(seat.persona("Sam")).to_be_focused()
    seat.page.keyboard.press("Escape")
    expect(seat.pane.get_by_role("radio")).to_have_count(0)


def test_what_may_be_left_out_is_left_out_with_enter_and_chosen_with_an_arrow(seat: Seat):
    seat.meet("Ike")
    for option, title in (False, "How it works"), (True, "course"):
        seat.choose("help")
        if option:
            seat.page.keyboard.press("ArrowDown")
            seat.page.keyboard.press("Enter")
            found = seat.options("help").get_by_role("option").first
            expect(found).to_contain_text("/")
            seat.page.keyboard.press("Enter")
        seat.page.keyboard.press("Enter")
        expect(seat.last.get_by_role("heading").first).to_contain_text(title)


def test_a_command_that_a_message_names_opens_where_commands_are_typed(seat: Seat):
    seat.meet("Uma")
    answer = seat.command("help")
    answer.get_by_role("button", name="/scorecard", exact=True).click()
    seat.options("scorecard").get_by_role("button", name="Send").click()
    expect(seat.last).to_contain_text("Uma")
    answer = seat.command("help", topic="course")
    answer.get_by_role("button", name="/course module", exact=True).click()
    expect(seat.options("course module")).to_be_visible()
    seat.page.keyboard.press("Escape")
    expect(seat.options("course module")).to_have_count(0)


def test_users_choices_numbers_and_dates_are_chosen_in_a_form(seat: Seat):
    seat.play("Sam")
    seat.command("scorecard")
    seat.meet("Otto", "admin")
    expect(seat.command("scorecard", user="Sam")).to_contain_text("Sam")
    given = seat.command("admin adjust-xp", user="Sam", amount="5", reason="for the form")
    expect(given).to_contain_text(re.compile(r"Sam.*\b5 XP", re.DOTALL))
    expect(seat.command("leaderboard", board="XP", range="this week", page="1")).to_contain_text("week")
    seat.choose("submit-past-stats")
    seat.page.keyboard.type(str(datetime.now(time_zones.zone("Europe/Berlin")).date() - timedelta(days=3)))
    dates = seat.pane.get_by_role("listbox").get_by_role("option")
    expect(dates).to_have_count(1)
    chosen = dates.inner_text()
    seat.page.keyboard.press("Enter")
    seat.page.keyboard.press("Enter")
    expect(seat.last).to_contain_text(chosen)


def test_a_number_out_of_its_bounds_and_what_is_required_and_left_out_are_not_sent(seat: Seat):
    seat.meet("Olga", "admin")
    seat.choose("start-raid")
    form = seat.options("start-raid")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("This option is required")
    seat.fill(form, "type", "mage")
    seat.fill(form, "duration", "5")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("The least is")
    expect(form.get_by_role("combobox", name="duration")).to_be_focused()


def test_admins_commands_are_not_offered_to_members(seat: Seat):
    seat.meet("Moe")
    seat.box.fill("/start-raid")
    expect(seat.pane).to_contain_text("There is no such command: type / alone")


def test_a_stranger_and_a_direct_message_are_refused_kindly(seat: Seat):
    for name, words in (("Max", "another server"), ("Pat", "inside the server")):
        seat.play(name)
        expect(seat.command("scorecard")).to_contain_text(words)


def test_two_sit_side_by_side_and_private_answers_stay_private(seat: Seat):
    seat.page.get_by_role("button", name="Two side by side").click()
    sam = type(seat)(seat.page, 2)
    sam.play("Robin")
    seat.play("Sam")
    seat.command("help").get_by_role("button", name="My progress").click()
    expect(seat.last).to_contain_text("at your own pace")
    seat.last.get_by_role("combobox").select_option("scorecard")
    expect(seat.last).to_contain_text("compare")
    expect(seat.last).to_contain_text("Only you can see this")
    expect(sam.messages).to_have_count(0)
    seat.command("scorecard")
    expect(sam.last).to_contain_text("Sam")


def test_a_list_of_somebody_else_is_not_theirs_to_tick(seat: Seat):
    seat.play("Sam")
    board = seat.command("tenseyleaderboard")
    board.get_by_role("button", name="🔄").click()
    expect(seat.last).to_contain_text("Challenges done")


def test_a_repeat_and_three_deliveries_change_nothing(seat: Seat, cloud: Cloud):
    seat.meet("Rae")
    seat.command("tenseylist", level="14").get_by_role("button", name="Did it").first.click()
    expect(seat.last.get_by_role("button", name=re.compile("Undo")).first).to_be_visible()
    expect(seat.mischief("Deliver the last interaction again")).to_contain_text("delivered again")
    await_xp(seat, 100)
    expect(seat.mischief("Deliver the newest award three times")).to_contain_text("three more times")
    awards = cloud.endpoints["queues"]["xp_awards"]
    wait_for(lambda: cloud.emulator.messages()[awards] == [], what="the work of the queue")
    assert xp(seat.command("scorecard")) == 100


def test_what_the_game_keeps_of_a_member_is_a_file_they_can_save(seat: Seat):
    seat.meet("Elin")
    seat.command("scorecard")
    link = seat.command("privacy export").get_by_role("link", name=re.compile(r"\.json$"))
    with seat.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == link.inner_text()
    kept = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert "Elin" in json.dumps(kept)


def test_the_inspector_shows_what_is_wrong_with_an_answer_in_red(seat: Seat):
    def spoil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "violations": ["the message is empty"]})

    seat.page.route("**/api/interactions", spoil)
    seat.command("help")
    wrong = seat.tab("Inspector").get_by_text("the message is empty")
    expect(wrong).to_have_css("color", "rgb(250, 139, 142)")
    expect(seat.tab("Inspector")).to_contain_text(re.compile(r"\d ms of 3 s, .* of 9,000 bytes of text", re.DOTALL))


def test_cold_calls_are_distinguished_from_warm_ones(seat: Seat):
    seat.meet("Cole")
    seat.command("help")
    expect(seat.mischief("Make every function cold")).to_contain_text("Every function is cold")
    seat.command("help")
    expect(seat.tab("Inspector")).to_contain_text("a cold start")
    seat.command("help")
    expect(seat.tab("Inspector")).to_contain_text("warm")


def test_a_stopped_database_is_reported_politely_and_the_game_goes_on_after_it(seat: Seat):
    seat.meet("Dora")
    seat.command("scorecard")
    expect(seat.mischief("Stop PostgreSQL")).to_contain_text("stopped")
    answer = seat.command("scorecard")
    expect(answer).not_to_contain_text("did not respond")
    assert "XP:" not in answer.inner_text()
    expect(seat.mischief("Start PostgreSQL")).to_contain_text("PostgreSQL: running")
    assert xp(seat.command("scorecard")) == 0


def test_a_tick_succeeds_while_the_queue_is_gone_and_the_sweep_awards_it(seat: Seat):
    seat.meet("Quin")
    seat.mischief("Stop the queue of awards")
    expect(seat.page.get_by_role("tabpanel")).to_contain_text("Queue of awards: stopped")
    seat.command("tenseylist", level="14").get_by_role("button", name="Did it").first.click()
    expect(seat.last.get_by_role("button", name=re.compile("Undo")).first).to_be_visible()
    expect(seat.mischief("Start the queue of awards")).to_contain_text("Queue of awards: running")
    wait_for(lambda: has_swept_to(seat, 100), what="the award")


def has_swept_to(seat: Seat, wanted: int) -> bool:
    """Whether somebody has that XP after a sweep."""
    run(seat, "sweep")
    return xp(seat.command("scorecard")) == wanted


def run(seat: Seat, schedule: str) -> None:
    """Run a schedule now, to its end."""
    clockwork = seat.tab("Clockwork")
    clockwork.get_by_role("button", name=f"Run {schedule} now").click()
    expect(clockwork).to_contain_text(f"{schedule} took")


def test_dead_letters_and_alarms_are_in_sight(seat: Seat, cloud: Cloud):
    dead = cloud.endpoints["queues"]["xp_awards_dlq"]
    clockwork = seat.tab("Clockwork")
    cells = clockwork.get_by_role("row").filter(has=seat.page.get_by_role("rowheader", name="XpAwards")).locator("td")
    expect(cells.last).to_have_text("0")
    cloud.aws.sqs.send_message(QueueUrl=dead, MessageBody="no award")
    try:
        expect(cells.last).to_have_text("1")
        expect(cells.last).to_have_class("bad")
    finally:
        cloud.aws.sqs.purge_queue(QueueUrl=dead)
    expect(clockwork).to_contain_text(re.compile("(OK|ALARM|INSUFFICIENT DATA) XpAwardsDlqAlarm"))


def test_what_the_bot_does_in_discord_is_shown(seat: Seat, cloud: Cloud):
    community = cloud.discord.community
    alex, sam = (next(one for one in cloud.simulator.personas.all() if one.name == name) for name in ("Alex", "Sam"))
    seat.play("Alex")
    community.create_message(int(alex.user_id) + DIRECT, {"content": "You have a streak of 7: log now?"})
    community.create_message(int(sam.user_id) + DIRECT, {"content": "This is for Sam alone"})
    posted = community.create_message(ANNOUNCEMENTS_CHANNEL_ID, {"content": "Alex reached level 5"})
    rows = seat.pane.locator(".channel-row")
    expect(rows.filter(has_text="announcements")).to_contain_text(" unread")
    channel = seat.page.get_by_role("log", name="Messages")
    seat.pane.get_by_role("button", name=re.compile(r"Direct Messages, \d+ unread")).click()
    expect(channel).to_contain_text("You have a streak of 7")
    expect(channel).not_to_contain_text("This is for Sam alone")
    seat.pane.get_by_role("button", name="The Courage Club").click()
    seat.go("announcements")
    expect(channel).to_contain_text("Alex reached level 5")
    community.edit_message(ANNOUNCEMENTS_CHANNEL_ID, int(posted["id"]), {"content": "Alex reached level 6"})
    expect(channel).to_contain_text("Alex reached level 6")
    community.give_role(int(alex.user_id), EXPLORER, "level 5")
    until = "2099-01-01T00:00:00+00:00"
    community.change_member(int(sam.user_id), {"communication_disabled_until": until}, "warning 7")
    found = seat.tab("Discord")
    expect(found.get_by_role("row").filter(has_text="Alex")).to_contain_text("Explorer")
    expect(found.get_by_role("row").filter(has_text="Sam")).not_to_contain_text("none none")
    expect(found).to_contain_text("warning 7")
    community.change_member(int(sam.user_id), {"communication_disabled_until": None}, "withdrawn")


def test_a_reminder_is_answered_where_it_comes(seat: Seat):
    seat.meet("Nell")
    reminder = reminded(seat)
    expect(reminder).to_contain_text("one hello is enough")
    reminder.get_by_role("button", name="Log now").click()
    reminder.get_by_role("button", name=re.compile("Core social")).click()
    form = seat.page.get_by_role("dialog")
    form.get_by_label("Hellos To Strangers").fill("many")
    form.get_by_role("button", name="Submit").click()
    reminder.get_by_role("button", name="Correct it").click()
    form.get_by_label("Hellos To Strangers").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(reminder).to_contain_text("Logged for today")
    expect(seat.posts).to_have_count(1)
    seat.pane.get_by_role("button", name="The Courage Club").click()
    assert xp(seat.command("scorecard")) == 30


@pytest.mark.parametrize(
    ("label", "words", "after"), [("Not today", "not today", "at 18:00"), ("Stop", "remind you any more", "off")]
)
def test_below_a_reminder_one_says_not_today_or_stops_them(seat: Seat, label: str, words: str, after: str):
    seat.meet(label)
    reminder = reminded(seat)
    reminder.get_by_role("button", name=label).click()
    expect(reminder).to_contain_text(words)
    seat.pane.get_by_role("button", name="The Courage Club").click()
    expect(seat.command("settings")).to_contain_text(f"Reminders: {after}")


def test_a_week_is_read_and_stopped_where_it_comes(seat: Seat):
    seat.meet("Wanda")
    week = reminded(seat, "Send it", "on, Sunday")
    expect(week).to_contain_text("Your first week here")
    expect(week).to_contain_text("Next small step")
    week.get_by_role("button", name="No more").click()
    expect(week).to_contain_text("about your weeks any more")
    seat.pane.get_by_role("button", name="The Courage Club").click()
    expect(seat.command("settings")).to_contain_text("Your week: off")


def reminded(seat: Seat, switch: str = "Turn on", state: str = "They are on") -> Locator:
    """The message that somebody gets who has turned them on."""
    run(seat, "relay")  # which asks whether there is a bot
    wait_for(lambda: seat.command("settings").get_by_role("button", name="Reminders").count())
    settings = seat.last
    settings.get_by_role("button", name="Reminders").click()
    settings.get_by_role("button", name=switch).click()
    expect(settings).to_contain_text(state)
    expect(seat.mischief("Make reminders due")).to_contain_text("hour for a reminder")
    seat.go("Direct Messages")
    return seat.posts.last


def test_the_health_check_runs_now_and_the_logs_are_live(seat: Seat):
    run(seat, "healthcheck")
    expect(seat.tab("Logs")).to_contain_text("healthcheck")


def test_it_is_played_on_a_narrow_phone_without_scrolling_sideways(browser: Browser, cloud: Cloud):
    with opened(browser, cloud.endpoints["page_url"], PHONE) as seat:
        seat.play("Sam")
        seat.command("tenseylist")
        assert seat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_loads_within_a_second(browser: Browser, cloud: Cloud):
    """Other work on the machine may slow some of the loads: one quick load is enough."""
    with opened(browser, cloud.endpoints["page_url"]) as seat:
        wait_for(lambda: 0 < loaded(seat) < 1000, what="a quick load")


def loaded(seat: Seat) -> float:
    """Milliseconds that the page took this time."""
    seat.page.reload()
    return seat.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart")
