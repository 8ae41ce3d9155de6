"""/stats-days, /stats-edit and /stats-delete: look at one's days and put them right."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from devkit.discord_client import User
from mastermind.bot.custom_ids import make
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.catalogue import content as stats
from mastermind.game.days import calendar as days
from tests.commands import diary
from tests.commands.playing import ALEX, SAM, Bot, button, labels, unrevised

if TYPE_CHECKING:
    from datetime import date

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from tests.conftest import Connection

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
CATEGORIES = ["Core social", "Dating", "Inner work", "Learning", "Daily state"]
MESSAGE, UPDATE, FORM = 4, 7, 9


def log(main: Bot, category: str, **fields: str) -> Answer:
    return main.fill(main.tap(main.command("submit-stats"), category), fields)


def edit(main: Bot, card: Answer, category: str, **fields: str) -> Answer:
    """Fill in a form over what it is filled with already."""
    shown = main.tap(card, "Edit more") if "Edit more" in labels(card) else card
    form = main.tap(shown, category)
    return main.fill(form, {key: str(value) for key, value in diary.values(form).items()} | fields)


@pytest.fixture
def day(main: Bot, owner: Connection) -> date:
    """Today, with four approaches and a state of 9: worth 500 XP and 30 % more."""
    log(main, "Core", approaches="4")
    log(main, "Daily", overall_state="9")
    return diary.today(owner)


@pytest.fixture
def card(main: Bot, day: date) -> Answer:
    return main.command("stats-edit", {"date": day.isoformat()})


# --- the list ---


def test_an_empty_list_of_days_says_how_to_start(main: Bot):
    listed = main.command("stats-days")
    assert listed.is_private
    assert listed.text == (
        "## 📝 Your last 7 days\n"
        "Nothing is logged in them yet. `/submit-stats` logs today, `/submit-past-stats` any of the last 30 days."
    )


def test_the_list_shows_each_day_with_its_xp_and_a_button(main: Bot, day: date, owner: Connection):
    diary.write(owner, 7, {"approaches": 1, "grounding": 2})
    diary.write(owner, 8, {"approaches": 1})
    listed = main.command("stats-days")
    week_ago = day - timedelta(days=7)
    assert listed.text.splitlines() == [
        "## 📝 Your last 7 days",
        f"**{days.described(day, day)}:** 650 XP",
        "-# Approaches 4, Overall State T…",
        f"**{days.described(week_ago, day)}:** 0 XP",
        "-# Approaches 1, Grounding 2",
        "Older days can no longer be edited; `/history` shows all of your XP.",
    ]
    assert labels(listed) == [f"Edit {days.named(each, day)}" for each in (day, week_ago)]


def test_the_fullest_week_there_can_be_fits_into_a_message(main: Bot, owner: Connection):
    main.command("stats-days")
    for back in range(8):
        diary.write(owner, back, {stat.key: stat.cap or 0 for each in stats.load().categories for stat in each.stats})
    listed = main.command("stats-days")
    assert len(listed.buttons) == 8
    assert (
        main.typing("stats-edit", "date", "").choices[7]["value"]
        == (diary.today(owner) - timedelta(days=7)).isoformat()
    )


def test_a_day_opens_in_place_of_the_list_and_leads_back(main: Bot, day: date):
    listed = main.command("stats-days")
    opened = main.tap(listed, "Edit")
    assert opened.kind == UPDATE
    assert opened.text.startswith(f"## 📝 Edit {days.described(day, day)}\n")
    assert main.tap(opened, "Last days").text == listed.text


# --- editing ---


def test_the_card_shows_the_day_and_what_can_be_done_with_it(card: Answer, day: date):
    assert card.is_private
    assert card.text.splitlines() == [
        f"## 📝 Edit {days.described(day, day)}",
        "**Core social:** Approaches 4",
        "**Daily state:** Overall State Today (1-10) 9",
        "**XP of the day:** 650",
        "Choose what to put right. Its form shows what is logged; what you change there takes its place.",
    ]
    assert labels(card) == [*CATEGORIES, "Last days", "Delete day"]


def test_a_form_is_filled_with_what_is_logged(main: Bot, card: Answer):
    form = main.tap(card, "Core")
    assert form.kind == FORM
    assert diary.values(form) == {
        "approaches": "4",
        "numbers": "",
        "new_contact_response": "",
        "hellos_to_strangers": "",
        "in_action_release": "",
    }
    assert diary.hints(form)["Numbers"] == "0 to 50; 100 XP each. This becomes the day's number; empty is 0."


def test_an_edit_sets_the_day_and_books_the_difference(main: Bot, card: Answer, day: date, owner: Connection):
    done = edit(main, card, "Core", approaches="2", hellos_to_strangers="5")
    assert done.kind == UPDATE
    assert done.text.splitlines() == [
        "## 📝 \u2212195 XP",
        f"Edited: {days.described(day, day)}",
        "**Approaches:** 2, was 4",
        "**Hellos To Strangers:** 5, was 0",
        "🔥 **1 day** · 45 XP to level 2 ▰▰▰▰▰▰▰▰▰▱",
        "-# The whole day: 350 \u00d7 1.3 = 455 XP (Templar day +30 %)",
    ]
    assert labels(done) == ["Edit more", "Last days", "My card"]
    assert diary.records(owner) == {"approaches": 2, "hellos_to_strangers": 5, "overall_state": 9}
    assert diary.xp(owner) == 455


def test_an_edit_up_can_reach_a_level(main: Bot, card: Answer, owner: Connection):
    done = edit(main, card, "Core", approaches="12")
    assert done.text.startswith("## 🎉 Level 3! +650 XP\n")
    assert diary.records(owner)["approaches"] == 12


def test_the_state_of_a_day_can_be_put_right(main: Bot, card: Answer, owner: Connection):
    done = edit(main, card, "Daily", overall_state="7")
    assert "**Overall State Today (1-10):** 7, was 9\n" in done.text
    assert done.text.startswith("## 📝 Your XP stays as it is\n")
    assert diary.records(owner)["overall_state"] == 7


def test_an_edit_without_changes_stores_nothing(main: Bot, card: Answer, day: date, owner: Connection):
    done = edit(main, card, "Core")
    assert done.text.startswith(f"## 📝 Your XP stays as it is\nNothing has changed: {days.described(day, day)}\n🔥")
    assert owner.execute("SELECT count(*) FROM audit_log").fetchall() == [(0,)]


def test_an_edit_that_leaves_the_xp_alone_says_so(main: Bot, day: date, owner: Connection):
    main.command("stats-delete", {"date": "today"})
    yesterday = diary.write(owner, 1, {"approaches": 3})
    owner.execute("UPDATE booked_days SET xp = 300 WHERE day = %s", [yesterday])
    card = main.command("stats-edit", {"date": yesterday.isoformat()})
    done = edit(main, card, "Core", approaches="", numbers="3")
    assert done.text.startswith("## 📝 Your XP stays as it is\nEdited: yesterday"), day
    assert "**Numbers:** 3, was 0\n🔥 **2 days** · " in done.text


def test_a_day_can_be_edited_until_nothing_is_left(main: Bot, card: Answer, owner: Connection):
    edit(main, card, "Core", approaches="0")
    done = edit(main, card, "Daily", overall_state="")
    assert done.text.startswith("## 📝 \u2212100 XP\n")
    assert labels(main.tap(done, "Edit more")) == [*CATEGORIES, "Last days"]
    assert diary.records(owner) == {}
    assert diary.xp(owner) == 0


def test_an_empty_day_can_be_filled_too(main: Bot, owner: Connection):
    card = main.command("stats-edit", {"date": "yesterday"})
    assert "Nothing is logged for this day.\n**XP of the day:** 0\n" in card.text
    assert labels(card) == [*CATEGORIES, "Last days"]
    assert "+200 XP" in edit(main, card, "Core", approaches="2").text
    assert diary.xp(owner) == 200


def test_an_edit_with_invalid_fields_stores_nothing_and_reports_all_of_them(main: Bot, card: Answer, owner: Connection):
    refused = edit(main, card, "Core", approaches="101", numbers="some", hellos_to_strangers="5")
    assert refused.text.splitlines() == [
        "This was not stored, because it did not fit:",
        "**Approaches:** 101 is too many: a day holds at most 100.",
        "**Numbers:** `some` is not a whole number. Write a whole number up to 50, or leave it empty.",
        "You typed:",
        "**Approaches (was 4):** `101`",
        "**Numbers (was 0):** `some`",
        "**New contact response (was 0):** nothing",
        "**Hellos to strangers (was 0):** `5`",
        "**In action release (was 0):** nothing",
    ]
    assert labels(refused) == ["Correct it"]
    assert diary.values(main.tap(refused, "Correct it"))["numbers"] == "some"
    assert diary.records(owner) == {"approaches": 4, "overall_state": 9}


def test_a_form_with_a_field_that_no_longer_exists_stores_nothing(main: Bot, card: Answer, owner: Connection):
    def sent(juggling: str) -> str:
        form = main.filled(main.tap(card, "Core"), {"approaches": "5"})
        *_, last = cast("list[Json]", cast("Json", form["data"])["components"])
        last["component"] |= {"custom_id": "juggling", "value": juggling}
        return main.send(form).text

    assert "This form has changed since you opened it, so this was not stored." in sent("3")
    assert diary.records(owner) == {"approaches": 4, "overall_state": 9}
    assert "Edited" in sent(" ")


def test_an_open_form_leaves_alone_what_another_device_has_logged_since(main: Bot, card: Answer, owner: Connection):
    form = main.tap(card, "Core")
    log(main, "Core", approaches="1", numbers="2")
    done = main.fill(form, {"approaches": "4", "hellos_to_strangers": "3"})
    assert "**Hellos To Strangers:** 3, was 0\n🔥" in done.text
    assert diary.records(owner) == {"approaches": 5, "numbers": 2, "hellos_to_strangers": 3, "overall_state": 9}
    assert main.fill(main.tap(card, "Core"), {"numbers": "2"}).text.count("was") == 2
    assert diary.records(owner) == {"numbers": 2, "overall_state": 9}


def test_a_form_that_does_not_say_what_it_held_stores_nothing_and_gives_back_what_was_typed(
    main: Bot, card: Answer, owner: Connection
):
    form = main.filled(main.tap(card, "Core"), {"approaches": "5"})
    for label in cast("list[Json]", cast("Json", form["data"])["components"]):
        box = cast("dict[str, str]", label["component"])
        box["custom_id"] = box["custom_id"].partition("=")[0]
    refused = main.send(form)
    assert refused.text.startswith("I can't tell what this form held when it was opened")
    assert "**Approaches:** `5`" in refused.text
    assert diary.records(owner) == {"approaches": 4, "overall_state": 9}
    assert diary.values(main.tap(refused, "Correct it"))["approaches"] == "5"


def test_an_edit_that_is_sent_again_with_other_numbers_says_that_the_first_counts(
    main: Bot, card: Answer, owner: Connection
):
    form = main.tap(card, "Core")
    main.fill(form, {"approaches": "2"})
    again = main.fill(form, {"approaches": "3"})
    assert "**Approaches:** 2, was 4\n" in again.text
    assert "**This form was sent before, and what you sent first counts.**" in again.text
    assert "**Approaches (was 4):** `3`" in again.text
    assert diary.records(owner)["approaches"] == 2


def test_a_redelivered_edit_is_made_once_and_gets_the_same_answer(main: Bot, card: Answer, owner: Connection):
    form = main.tap(card, "Core")
    payload = main.filled(form, {"approaches": "2"})
    first, repeated, pressed = main.send(payload), main.send(payload), main.fill(form, {"approaches": "2"})
    assert first.body == repeated.body
    assert unrevised(first) == unrevised(pressed)
    assert owner.execute("SELECT count(*) FROM audit_log WHERE action = 'stats.edit'").fetchall() == [(1,)]


def test_a_day_that_is_too_long_ago_is_not_edited(main: Bot, owner: Connection):
    main.command("stats-days")
    day = diary.write(owner, 8, {"approaches": 1})
    out_of_reach = "That day is out of reach: you can choose one of the last 7 days, "
    assert main.command("stats-edit", {"date": day.isoformat()}).text.startswith(out_of_reach)
    assert main.press(make("stats-edit", "open", ALEX.id, f"{day:%Y%m%d}")).text.startswith(out_of_reach)
    assert main.press(make("stats-edit", "open", ALEX.id, "00010101")).text.startswith(out_of_reach)
    assert main.press(make("stats-delete", "ask", ALEX.id, "99991231")).text.startswith(out_of_reach)
    form = main.press(make("stats-edit", "form", ALEX.id, "core_social", f"{day:%Y%m%d}"))
    refused = main.fill(form, {"approaches": "5"})
    assert "is too long ago: a day can be edited for 7 days." in refused.text
    assert diary.records(owner) == {"approaches": 1}


def test_days_with_entries_are_suggested_with_them(main: Bot, day: date, owner: Connection):
    older = diary.write(owner, 3, {"grounding": 2})
    today = days.described(day, day)
    for command in ("stats-edit", "stats-delete"):
        assert main.typing(command, "date", "").choices == [
            {"name": f"{today}: Approaches 4, Overall State Today (1-10) 9", "value": day.isoformat()},
            {"name": f"{days.named(older, day)}: Grounding 2", "value": older.isoformat()},
        ]
        (found,) = main.typing(command, "date", "ground").choices
        assert found["value"] == older.isoformat()


def test_a_member_who_travelled_west_can_correct_a_day_ahead(main: Bot, owner: Connection):
    main.command("stats-days")
    ahead = diary.write(owner, -1, {"approaches": 1})
    card = main.command("stats-edit", {"date": ahead.isoformat()})
    assert card.text.startswith("## 📝 Edit tomorrow, ")
    edit(main, card, "Core", approaches="2")
    assert diary.records(owner) == {"approaches": 2}


def test_a_days_raid_points_are_shown_and_taken_back(main: Bot, owner: Connection):
    main.as_user(ADA).command("start-raid", {"type": "warrior"})
    assert "⚔️ Raid: **+60 points**, now 60 of 1,000" in log(main, "Core", approaches="4").text
    card = main.command("stats-edit", {"date": "today"})
    assert "⚔️ Raid: **\u221215 points**, now 45 of 1,000" in edit(main, card, "Core", approaches="3").text
    assert "Raid" not in edit(main, card, "Inner", grounding="1").text
    gone = main.tap(main.command("stats-delete", {"date": "today"}), "Delete day")
    assert "⚔️ Raid: **\u221245 points**, now 0 of 1,000" in gone.text
    assert owner.execute("SELECT total FROM raid_events").fetchall() == [(0,)]


# --- deleting ---


def test_a_deletion_needs_a_confirmation(main: Bot, day: date, owner: Connection):
    asked = main.command("stats-delete", {"date": "today"})
    assert asked.is_private
    assert asked.text.splitlines() == [
        f"## ⚠️ Delete {days.described(day, day)}?",
        "**Core social:** Approaches 4",
        "**Daily state:** Overall State Today (1-10) 9",
        "Its 650 XP would be taken back, and the day may then be missing from your streak. Its challenges stay.",
    ]
    kept = main.tap(asked, "Keep it")
    assert kept.text == f"Nothing was deleted: {days.named(day, day)} stays as it is. See it with `/stats-days`."
    assert diary.xp(owner) == 650


def test_a_day_is_deleted_with_its_xp(main: Bot, card: Answer, day: date, owner: Connection):
    done = main.tap(main.tap(card, "Delete day"), "Delete day")
    assert done.kind == UPDATE
    assert done.text.splitlines() == [
        "## 📝 \u2212650 XP",
        f"Deleted: {days.described(day, day)}",
        "**Core social:** Approaches 4",
        "**Daily state:** Overall State Today (1-10) 9",
        "🔥 A streak starts with the next day you log · 500 XP to level 2 ▱▱▱▱▱▱▱▱▱▱",
    ]
    assert labels(done) == ["Log again", "My card"]
    assert main.tap(done, "Log again").text.startswith("## 📝 Log ")
    assert diary.records(owner) == {}
    assert diary.xp(owner) == 0


def test_two_taps_are_one_deletion(main: Bot, day: date, owner: Connection):
    asked = main.command("stats-delete", {"date": day.isoformat()})
    first = main.tap(asked, "Delete day")
    log(main, "Core", approaches="1")
    assert unrevised(main.tap(asked, "Delete day")) == unrevised(first)
    assert diary.records(owner) == {"approaches": 1}


def test_what_came_in_since_the_question_is_not_deleted_unasked(main: Bot, day: date, owner: Connection):
    asked = main.command("stats-delete", {"date": day.isoformat()})
    log(main, "Core", approaches="1")
    again = main.tap(asked, "Delete day")
    assert "**Not deleted:** since you were asked, the day has changed." in again.text
    assert "**Core social:** Approaches 5\n" in again.text
    assert diary.records(owner) == {"approaches": 5, "overall_state": 9}
    main.tap(again, "Delete day")
    assert diary.records(owner) == {}


def test_an_empty_day_has_nothing_to_delete(main: Bot, day: date, owner: Connection):
    first, second = (main.command("stats-delete", {"date": "today"}) for _ in range(2))
    main.tap(first, "Delete day")
    nothing = f"Nothing is logged for {days.described(day, day)}, so there is nothing to delete."
    assert main.command("stats-delete", {"date": "today"}).text.startswith(nothing)
    assert main.tap(second, "Delete day").text.startswith("Nothing is logged for ")
    assert diary.xp(owner) == 0


def test_nobody_else_can_delete_a_day(main: Bot, day: date, owner: Connection):
    asked = main.command("stats-delete", {"date": day.isoformat()})
    refused = main.as_user(SAM).press(button(asked, "Delete day"))
    assert refused.text == "This belongs to the member who opened it. Type `/stats-delete` to get your own."
    assert diary.xp(owner) == 650
