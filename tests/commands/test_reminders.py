"""Reminders as a member sets them, and the buttons below one, which work in a direct message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString, cast

import pytest

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from mastermind.bot.care import FIRST_LINE
from mastermind.bot.dispatch import DIRECT_MESSAGE, NOT_HERE, WHO
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Limit, Pace
from tests.commands.playing import ALEX, PLACE, SAM, button, labels
from tests.commands.test_try_again import Unsure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.json_types import Json
    from tests.commands.playing import Answer, Bot
    from tests.conftest import Connection

MESSAGE, UPDATE, MODAL = 4, 7, 9
DIRECT = replace(PLACE, guild_id=None)
SENT = 777

SENT_TO_ALEX: LiteralString = """
INSERT INTO outbox (key, kind, user_id, state, settled_at, message_id, channel_id)
VALUES ('reminder:1', %s, %s, 'done', clock_timestamp(), %s, 7)
"""
WISH: LiteralString = "SELECT hour, weekdays, off FROM reminders"


@pytest.fixture
def reminded(main: Bot, owner: Connection) -> Bot:
    """Alex, who has just used the game in the server, and has got a reminder."""
    owner.execute("UPDATE bot_status SET is_on = true")
    main.tap(main.tap(main.command("settings"), "Reminders"), "Turn on")
    owner.execute(SENT_TO_ALEX, ["reminder", ALEX.id, SENT])
    return main


def settings_id(action: str) -> str:
    return custom_ids.make("settings", action, ALEX.id)


def below(path: str, action: str) -> str:
    """The button below a reminder to Alex."""
    return custom_ids.make(path, action, ALEX.id)


def tap(bot: Bot, custom_id: str, message_id: int = SENT) -> Answer:
    return bot.send(in_message(discord.component(DIRECT, bot.user, custom_id), message_id))


def tap_in(bot: Bot, shown: Answer, label: str) -> Answer:
    """Tap a button of what the message has become."""
    pressed = discord.component(DIRECT, bot.user, button(shown, label))
    return bot.send({**pressed, "message": {"id": str(SENT), "components": shown.components}})


def open_form(bot: Bot) -> Answer:
    """The form of the first category, by *Log now*."""
    card = tap(bot, below("submit-stats", "log"))
    return tap(bot, next(custom_id for _, custom_id in card.buttons if ":form:" in custom_id))


def fill(bot: Bot, form: Answer, fields: Mapping[str, str], message_id: int = SENT) -> Answer:
    sent = bot.filled(form, fields)
    again = discord.modal(DIRECT, bot.user, cast("str", cast("Json", sent["data"])["custom_id"]), {})
    return bot.send(in_message({**again, "data": sent["data"]}, message_id))


def in_message(payload: Json, message_id: int) -> Json:
    return {**payload, "message": {"id": str(message_id), "components": []}}


def use_was(owner: Connection, ago: str) -> None:
    """Alex was last seen in the server that long ago."""
    owner.execute(
        "UPDATE rate_limits SET interaction_id ="
        " (extract(epoch FROM clock_timestamp() - %s::interval) * 1000 - 1420070400000)::bigint << 22"
        " WHERE interaction_id > 0 AND pace <> 'direct'",
        [ago],
    )


# --- what a member sets ---


def test_they_are_off_until_a_member_turns_them_on(main: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    page = main.command("settings")
    assert "**Reminders:** off." in page.text
    assert owner.execute(WISH).fetchall() == []
    main.press(settings_id("remind-on"))
    assert owner.execute(WISH).fetchall() == [(18, "1234567", None)]


def test_a_member_chooses_hour_and_weekdays(main: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    main.command("settings")
    main.press(settings_id("remind-at"), ["9"])
    page = main.press(settings_id("remind-days"), ["7", "1"])
    assert "on, at 9:00 on Monday, Sunday" in page.text
    assert owner.execute(WISH).fetchall() == [(9, "17", None)]
    assert "at 9:00 on Monday, Sunday, if you have logged nothing" in main.command("settings").text


@pytest.mark.parametrize("hour", ["24", "-1", "x", ""])
def test_what_is_no_hour_changes_nothing(main: Bot, owner: Connection, hour: str):
    main.command("settings")
    assert "no hour of the day" in main.press(settings_id("remind-at"), [hour] if hour else []).text
    assert owner.execute(WISH).fetchall() == []


@pytest.mark.parametrize(("why", "words"), [("silence", "not heard from you"), ("left", "had left the server")])
def test_the_settings_say_why_they_stopped_by_themselves(reminded: Bot, owner: Connection, why: str, words: str):
    owner.execute("UPDATE reminders SET off = %s", [why])
    assert words in reminded.command("settings").text


def test_turned_off_they_keep_their_hour(reminded: Bot, owner: Connection):
    reminded.press(settings_id("remind-at"), ["9"])
    reminded.press(settings_id("remind-off"))
    assert owner.execute(WISH).fetchall() == [(9, "1234567", "member")]
    assert owner.execute("SELECT next_at FROM reminders").fetchall() == [(None,)]


def test_without_a_bot_there_is_no_word_of_reminders(main: Bot):
    assert "Reminders" not in main.command("settings").text


# --- the words about the week ---

WEEK: LiteralString = "SELECT occasion, hour, weekdays, off FROM reminders"


def test_a_member_who_wants_it_reads_of_their_week_on_sunday_at_an_hour_of_the_evening(main: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    assert "**Your week:** off." in main.command("settings").text
    page = main.press(settings_id("week-on"))
    assert "Your week: on, Sunday at 18:00" in page.text
    assert owner.execute(WEEK).fetchall() == [("week", 18, "7", None)]
    main.press(settings_id("week-at"), ["21"])
    assert "**Your week:** on Sunday at 21:00." in main.command("settings").text
    main.press(settings_id("week-off"))
    assert owner.execute(WEEK).fetchall() == [("week", 21, "7", "member")]


@pytest.mark.parametrize("hour", ["3", "15", "24", "x"])
def test_an_hour_that_is_no_evening_changes_nothing(main: Bot, owner: Connection, hour: str):
    main.command("settings")
    assert "no hour of the day" in main.press(settings_id("week-at"), [hour]).text
    assert owner.execute(WEEK).fetchall() == []


def test_reminders_and_the_week_are_turned_on_and_off_each_for_itself(reminded: Bot, owner: Connection):
    reminded.press(settings_id("week-on"))
    reminded.press(settings_id("remind-off"))
    assert sorted(owner.execute(WEEK).fetchall()) == [("reminder", 18, "1234567", "member"), ("week", 18, "7", None)]


def test_what_is_below_the_words_about_the_week_works_as_below_a_reminder(reminded: Bot, owner: Connection):
    reminded.press(settings_id("week-on"))
    owner.execute("UPDATE outbox SET key = 'week:1', kind = 'week'")
    assert tap(reminded, below("submit-stats", "log")).kind == UPDATE
    stopped = tap(reminded, below("settings", "stop-week"))
    assert "about your weeks any more" in stopped.text
    again = tap(reminded, button(stopped, "Turn on"))
    assert "on Sunday at 18:00" in again.text
    assert ("week", 18, "7", None) in owner.execute(WEEK).fetchall()


# --- below a reminder ---


def test_log_now_opens_the_day_in_the_message_and_a_form_logs_it(reminded: Bot, owner: Connection):
    assert tap(reminded, below("submit-stats", "log")).kind == UPDATE
    form = open_form(reminded)
    assert form.kind == MODAL
    saved = fill(reminded, form, {custom_ids_of(form)[0]: "1"})
    assert saved.kind == UPDATE
    assert "Logged for today" in saved.text
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (1,)
    assert labels(saved) == ["Add more", "Undo"]
    assert "Undone for today" in tap_in(reminded, saved, "Undo").text
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (0,)


def test_a_form_that_is_refused_is_corrected_in_the_same_message(reminded: Bot, owner: Connection):
    form = open_form(reminded)
    refused = fill(reminded, form, {custom_ids_of(form)[0]: "many"})
    assert refused.kind == UPDATE
    assert "many" in refused.text
    again = tap_in(reminded, refused, "Correct it")
    assert again.kind == MODAL
    assert fill(reminded, again, {custom_ids_of(again)[0]: "1"}).kind == UPDATE
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (1,)


def test_what_came_to_no_known_end_is_tried_again_in_the_same_message(reminded: Bot, owner: Connection):
    form, lost = open_form(reminded), replace(reminded, database=Unsure(reminded.database, lost=True))
    unknown = fill(lost, form, {custom_ids_of(form)[0]: "1"})
    assert unknown.kind == UPDATE
    assert "Logged for today" in tap_in(reminded, unknown, "Try again").text
    assert "Logged for today" in tap_in(reminded, unknown, "Try again").text
    assert owner.execute("SELECT sum(count) FROM daily_records").fetchone() == (1,)


def test_what_can_be_tapped_again_leaves_the_buttons_where_they_are(reminded: Bot):
    hasty = replace(reminded, limits=dict.fromkeys(Pace, Limit(1, 3600, 1)))
    answers = [tap(hasty, below("settings", "not-today")) for _ in range(2)]
    assert answers[1].kind == MESSAGE
    assert "Too fast" in answers[1].text


def test_words_of_despair_are_answered_kindly_there_and_the_moderators_are_told(reminded: Bot, owner: Connection):
    form = open_form(reminded)
    answer = fill(reminded, form, {custom_ids_of(form)[0]: "I feel better off dead"})
    assert answer.kind == UPDATE
    assert answer.text.startswith(FIRST_LINE)
    assert len(reminded.notices.sent) == 1
    again = tap_in(reminded, answer, "Correct it")
    assert fill(reminded, again, {custom_ids_of(again)[0]: "1"}).kind == UPDATE
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (1,)


def custom_ids_of(form: Answer) -> list[str]:
    from mastermind.bot import entries

    return [entries.base_of(cast("str", part["custom_id"])) for part in form.parts() if "custom_id" in part]


def test_not_today_is_answered_kindly_and_stop_stops(reminded: Bot, owner: Connection):
    assert "not today" in tap(reminded, below("settings", "not-today")).text
    assert owner.execute("SELECT off FROM reminders").fetchall() == [(None,)]
    stopped = tap(reminded, below("settings", "stop"))
    assert "remind you any more" in stopped.text
    assert owner.execute("SELECT off FROM reminders").fetchall() == [("member",)]
    assert "at 18:00 each day" in tap(reminded, button(stopped, "Turn on")).text
    assert owner.execute("SELECT off FROM reminders").fetchall() == [(None,)]


def test_a_tap_before_discords_answer_is_booked_counts_as_well(reminded: Bot, owner: Connection):
    owner.execute(
        "UPDATE outbox SET state = 'handed', settled_at = NULL, message_id = NULL, handed_at = now(), deadline = now()"
    )
    assert tap(reminded, below("submit-stats", "log")).kind == UPDATE


@pytest.mark.parametrize(
    ("path", "action"), [("settings", "hide"), ("privacy", "delete"), ("pause", "end"), ("settings", "remind-on")]
)
def test_nothing_else_can_be_done_in_a_direct_message(reminded: Bot, path: str, action: str):
    answer = tap(reminded, below(path, action))
    assert NOT_HERE not in answer.text
    assert answer.text.startswith((DIRECT_MESSAGE, "This message is from an older version"))


@pytest.mark.parametrize(
    ("path", "action", "access"),
    [("admin.reset-stats", "open", Access.ADMIN), ("security.flags", "next", Access.MODERATOR)],
)
def test_the_owner_has_the_rights_of_a_member_there(reminded: Bot, path: str, action: str, access: Access):
    owner_of_server = replace(ALEX, permissions=ADMINISTRATOR)
    assert tap(reminded.as_user(owner_of_server), below(path, action)).text == WHO[access]


def test_a_button_of_nobody_does_nothing_in_a_direct_message(reminded: Bot):
    assert tap(reminded, custom_ids.make("submit-stats", "log", 0)).text == DIRECT_MESSAGE


def test_a_message_that_the_outbox_did_not_send_has_no_buttons_of_ours(reminded: Bot):
    assert tap(reminded, below("submit-stats", "log"), SENT + 1).text == NOT_HERE


def test_a_message_of_another_kind_has_none_either(reminded: Bot, owner: Connection):
    owner.execute("UPDATE outbox SET kind = 'greeting'")
    assert tap(reminded, below("submit-stats", "log")).text == NOT_HERE


def test_a_message_to_somebody_else_is_theirs(reminded: Bot, owner: Connection):
    sam = reminded.as_user(SAM)
    sam.command("settings")
    assert "belongs to the member" in tap(sam, below("submit-stats", "log")).text
    forged = custom_ids.make("submit-stats", "log", SAM.id)
    assert tap(sam, forged).text == NOT_HERE
    assert owner.execute("SELECT count(*) FROM daily_records").fetchone() == (0,)


def test_who_was_not_seen_in_the_server_for_a_day_cannot_use_them(reminded: Bot, owner: Connection):
    use_was(owner, "25 hours")
    assert tap(reminded, below("submit-stats", "log")).text == NOT_HERE
    owner.execute("UPDATE reminders SET seen_at = clock_timestamp() - interval '23 hours'")
    assert tap(reminded, below("submit-stats", "log")).kind == UPDATE


def test_taps_there_do_not_show_that_somebody_is_in_the_server(reminded: Bot, owner: Connection):
    assert tap(reminded, below("submit-stats", "log")).kind == UPDATE
    use_was(owner, "25 hours")
    assert tap(reminded, below("submit-stats", "log")).text == NOT_HERE


def test_a_tap_in_a_direct_message_says_nothing_of_roles_and_takes_none(reminded: Bot, owner: Connection):
    owner.execute("INSERT INTO game_roles (role_id, kind, least, added_by) VALUES (7000, 'level', 1, 1)")
    owner.execute("INSERT INTO member_roles (user_id, wanted, given) VALUES (%s, '{7000}', '{7000}')", [ALEX.id])
    owner.execute("UPDATE member_roles SET checked_at = checked_at - interval '1 hour'")
    owner.execute("UPDATE role_state SET changed_at = changed_at - interval '2 hours'")
    assert tap(reminded, below("settings", "not-today")).status == 200
    assert owner.execute("SELECT given FROM member_roles").fetchall() == [([7000],)]
    assert owner.execute("SELECT count(*) FROM outbox WHERE kind = 'roles'").fetchone() == (0,)
