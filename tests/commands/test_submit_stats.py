"""/submit-stats and /submit-past-stats: log a day, in every state that a day can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from mastermind.bot.custom_ids import make, to_base62
from mastermind.commands.parts import day_cards, day_results
from mastermind.game.catalogue import content as stats
from mastermind.game.days import calendar as days
from mastermind.game.days.xp import Price
from mastermind.game.members.pace import Limit, Pace
from tests.commands import diary
from tests.commands.playing import ALEX, PLACE, SAM, Bot, button, labels, unrevised
from tests.gallery import past

if TYPE_CHECKING:
    from datetime import date

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from tests.conftest import Connection

CATEGORIES = ["Core social", "Dating", "Inner work", "Learning", "Daily state"]
MESSAGE, UPDATE, FORM = 4, 7, 9


@pytest.fixture
def card(main: Bot) -> Answer:
    return main.command("submit-stats")


def log(main: Bot, card: Answer, category: str, **fields: str) -> Answer:
    return main.fill(main.tap(more(main, card), category), fields)


def more(main: Bot, card: Answer) -> Answer:
    """The card with the categories, which a result has behind its button."""
    return main.tap(card, "Add more") if "Add more" in labels(card) else card


def at(day: date) -> str:
    return day.strftime("%Y%m%d")


# --- the card and its forms ---


def test_the_first_card_is_private_and_says_what_to_do(card: Answer, owner: Connection):
    assert card.kind == MESSAGE
    assert card.is_private
    assert labels(card) == CATEGORIES
    day = diary.today(owner)
    assert card.text.splitlines() == [
        f"## 📝 Log {days.described(day, day)}",
        "Nothing is logged yet.",
        "**XP of the day so far:** 0",
        "**Streak:** the next day you log starts one.",
        "**Level 1:** 0 of 500 XP, 500 XP to level 2 ▱▱▱▱▱▱▱▱▱▱",
        "Choose what to add; what you leave empty stays as it is.",
    ]


def test_each_category_has_its_form_of_at_most_five_empty_fields(main: Bot, card: Answer):
    for category in stats.load().categories:
        form = main.tap(card, category.title)
        assert form.kind == FORM
        data = cast("dict[str, str]", form.body["data"])
        assert data["title"].startswith(f"{category.title}: ")
        assert list(diary.hints(form)) == [stat.name for stat in category.stats]
        assert diary.values(form) == dict.fromkeys((stat.key for stat in category.stats), "")


def test_each_field_describes_todays_total(main: Bot, card: Answer):
    done = log(main, card, "Core", approaches="3")
    done = log(main, done, "Core", approaches="1", numbers="2")
    hints = diary.hints(main.tap(more(main, done), "Core"))
    assert hints["Approaches"] == "Logged so far: 4 of at most 100; 100 XP each"
    assert hints["Numbers"] == "Logged so far: 2 of at most 50; 100 XP each"
    assert hints["Hellos To Strangers"] == "Logged so far: 0 of at most 200; 10 XP each"


def test_the_state_of_a_day_is_asked_once(main: Bot, card: Answer):
    state = "Overall State Today (1-10)"
    assert diary.hints(main.tap(card, "Daily"))[state] == "1 to 10, once a day; 100 XP, whichever it is"
    done = log(main, card, "Daily", overall_state="7")
    assert diary.hints(main.tap(more(main, done), "Daily"))[state] == "It is 7 already; /stats-edit changes it"


@pytest.mark.parametrize(("state", "kindly"), [("1", True), ("3", True), ("4", False), ("10", False)])
def test_a_heavy_day_gets_a_kind_word_and_as_much_xp_as_any_other(
    main: Bot, card: Answer, owner: Connection, state: str, kindly: bool
):
    done = log(main, card, "Daily", overall_state=state)
    assert ("A heavy day, and you noted it: be kind to yourself." in done.text) is kindly
    assert diary.xp(owner) == 100
    assert "A heavy day" not in log(main, done, "Core", approaches="1").text
    edited = main.command("stats-edit", {"date": "today"})
    edited = main.fill(main.tap(edited, "Daily"), {"overall_state": "2"})
    assert ("A heavy day" in edited.text, diary.records(owner)["overall_state"]) == (True, 2)


def test_a_later_card_shows_what_is_logged(main: Bot, card: Answer):
    log(main, card, "Core", approaches="2", numbers="1")
    log(main, card, "Learning", wins_shared="1")
    text = main.command("submit-stats").text
    assert "**Core social:** Approaches 2, Numbers 1\n**Learning:** Wins Shared 1\n" in text
    assert "**XP of the day so far:** 325\n" in text
    assert "**Streak:** 1 day, today included\n" in text


def test_the_fullest_day_there_can_be_is_shown_whole(main: Bot, owner: Connection):
    main.command("submit-stats")
    diary.write(owner, 0, {stat.key: stat.cap or 0 for each in stats.load().categories for stat in each.stats})
    text = main.command("submit-stats").text
    assert "**Dating:** Dates Booked 10, Dates Had 5, Instant Date 5\n" in text
    assert main.tap(main.command("submit-stats"), "Dating").kind == FORM


# --- what a form leads to ---


def test_a_form_reports_what_was_added_its_xp_streak_and_level(main: Bot, card: Answer, owner: Connection):
    done = log(main, card, "Core", approaches="3", numbers=" 1 ", hellos_to_strangers="0")
    day = diary.today(owner)
    assert done.kind == UPDATE
    assert done.text.splitlines() == [
        "## 📝 +400 XP 🎉",
        f"Logged for {days.described(day, day)}: Approaches 3, Numbers 1",
        "🔥 **1 day** · 100 XP to level 2 ▰▰▰▰▰▰▰▰▱▱",
    ]
    assert labels(done) == ["Add more", "My card", "Undo"]
    assert labels(main.tap(done, "Add more")) == CATEGORIES
    assert main.tap(done, "My card").is_private
    assert diary.records(owner) == {"approaches": 3, "numbers": 1}
    assert diary.xp(owner) == 400


def test_the_worked_example_comes_out_at_1_190_with_each_multiplier_in_words(main: Bot, owner: Connection):
    card = main.command("submit-stats")
    diary.write_run(owner, 13)
    done = log(main, card, "Core", approaches="7")
    assert done.text.startswith("## 🎉 Level 2! +770 XP\n")
    assert done.text.endswith("-# The whole day: 700 × 1.1 = 770 XP (streak +10 %)")
    log(main, done, "Inner", grounding="1")
    done = log(main, done, "Daily", overall_state="4")
    assert done.text.startswith("## 📝 +365 XP 🎉\n")
    assert "\n🔥 **14 days** · 10 XP to level 3 ▰▰▰▰▰▰▰▰▰▱\n" in done.text
    assert done.text.endswith("-# The whole day: 850 × 1.4 = 1,190 XP (streak +10 %, Templar day +30 %)")
    assert diary.xp(owner) == 1_190


def test_a_bonus_that_is_lost_again_takes_nothing_away(main: Bot, card: Answer, owner: Connection):
    log(main, card, "Core", approaches="4")
    log(main, card, "Daily", overall_state="9")
    before = diary.xp(owner)
    done = log(main, card, "Inner", releasing_session="2")
    assert done.text.startswith("## 📝 Your XP stays as it is\n")
    assert "-# The day has already paid as much or more, and you keep that.\n" in done.text
    assert "The whole day" not in done.text
    assert diary.xp(owner) == before == 650
    assert diary.records(owner)["releasing_session"] == 2


def test_a_new_level_is_shown_with_its_class(main: Bot, card: Answer, owner: Connection):
    diary.book(owner, 450)
    assert log(main, card, "Core", approaches="1").text.startswith("## 🎉 Level 2! +100 XP\n")
    diary.book(owner, 2_400)
    done = log(main, card, "Core", approaches="1")
    assert done.text.startswith("## 🎉 Level 5, Social Squire! +100 XP\n")


def test_the_highest_level_has_no_next_one(main: Bot, card: Answer, owner: Connection):
    diary.book(owner, 260_000)
    done = log(main, card, "Core", approaches="1")
    assert "🔥 **1 day** · level 50, the highest there is" in done.text
    assert "**Level 50:** the highest there is, with 260,100 XP" in main.command("submit-stats").text


def test_several_submissions_add_up_to_the_cap_and_no_further(main: Bot, card: Answer, owner: Connection):
    log(main, card, "Dating", dates_had="4")
    refused = log(main, card, "Dating", dates_had="2", dates_booked="1")
    assert refused.text.splitlines() == [
        "This was not stored, because it did not fit:",
        "**Dates Had:** a day holds at most 5; 4 are there, so 1 more fit in.",
        "You typed:",
        "**Dates booked:** `1`",
        "**Dates had:** `2`",
        "**Instant date:** nothing",
    ]
    assert diary.records(owner) == {"dates_had": 4}
    form = main.tap(refused, "Correct it")
    assert diary.values(form) == {"dates_booked": "1", "dates_had": "2", "instant_date": ""}
    done = main.fill(form, {"dates_had": "1"})
    assert done.kind == UPDATE
    assert "+250 XP" in done.text


def test_a_form_with_invalid_fields_stores_nothing_and_reports_all_of_them(main: Bot, card: Answer, owner: Connection):
    log(main, card, "Core", numbers="49")
    refused = log(main, card, "Core", approaches="*many*", numbers="2", hellos_to_strangers="5", in_action_release="-1")
    assert refused.is_private
    assert (
        "This was not stored, because it did not fit:\n"
        "**Approaches:** `*many*` is not a whole number. Write a whole number up to 100, or leave it empty.\n"
        "**Numbers:** a day holds at most 50; 49 are there, so 1 more fit in.\n"
        "**In Action Release:** `-1` is below zero. Write a whole number up to 50, or leave it empty.\n"
        "You typed:\n**Approaches:** `*many*`\n**Numbers:** `2`\n**New contact response:** nothing\n"
        "**Hellos to strangers:** `5`\n**In action release:** `-1`"
    ) in refused.text
    assert diary.records(owner) == {"numbers": 49}


def test_a_form_with_pages_of_nonsense_is_answered_in_a_few_lines(main: Bot, card: Answer):
    refused = log(main, card, "Core", **{stat.key: "ü`\n" * 1_300 for stat in stats.load().categories[0].stats})
    assert len(refused.text) < 1_500


@pytest.mark.parametrize("fields", [{}, {"approaches": "0"}, {"approaches": "  ", "numbers": "00"}])
def test_an_empty_form_changes_nothing_and_says_so(main: Bot, owner: Connection, fields: dict[str, str]):
    done = log(main, main.command("submit-stats"), "Core", **fields)
    assert "Nothing was filled in, so nothing was added." in done.text
    assert diary.records(owner) == {}


def test_a_repeated_delivery_is_stored_once_and_gets_the_same_answer(main: Bot, card: Answer, owner: Connection):
    payload = main.filled(main.tap(card, "Core"), {"approaches": "3"})
    assert main.send(payload).body == main.send(payload).body
    assert diary.records(owner) == {"approaches": 3}
    assert diary.xp(owner) == 300


def test_pressing_submit_twice_is_stored_once_and_gets_the_same_answer(main: Bot, card: Answer, owner: Connection):
    form = main.tap(card, "Core")
    first, second = main.fill(form, {"approaches": "3"}), main.fill(form, {"approaches": "3"})
    assert unrevised(first) == unrevised(second)
    assert diary.records(owner) == {"approaches": 3}
    log(main, card, "Core", approaches="3")
    assert diary.records(owner) == {"approaches": 6}


def test_a_form_that_is_sent_again_with_other_numbers_says_that_the_first_counts(
    main: Bot, card: Answer, owner: Connection
):
    form = main.tap(card, "Core")
    main.fill(form, {"approaches": "3"})
    second = main.fill(form, {"approaches": "4", "numbers": "1"})
    assert ": Approaches 3\n" in second.text
    assert "**This form was sent before, and what you sent first counts.**" in second.text
    assert "**Approaches:** `4`\n**Numbers:** `1`\n" in second.text
    assert diary.records(owner) == {"approaches": 3}
    assert diary.values(main.tap(second, "Correct it"))["numbers"] == "1"


def test_two_members_do_not_interfere(main: Bot, card: Answer, owner: Connection):
    sam = main.as_user(SAM)
    log(main, card, "Core", approaches="3")
    log(sam, sam.command("submit-stats"), "Core", approaches="2")
    assert (diary.xp(owner), diary.xp(owner, SAM)) == (300, 200)
    refused = sam.press(button(card, "Core"))
    assert refused.text == "This belongs to the member who opened it. Type `/submit-stats` to get your own."


def test_nobody_loses_a_form_to_another_member_who_sends_its_nonce_first(main: Bot, card: Answer, owner: Connection):
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('warrior', 900, 0, clock_timestamp() + interval '1 hour')"
    )
    payload = main.filled(main.tap(card, "Core"), {"approaches": "3"})
    stolen = cast("str", cast("Json", payload["data"])["custom_id"]).replace(to_base62(ALEX.id), to_base62(SAM.id))
    sam = main.as_user(SAM)
    sam.send(discord.modal(PLACE, SAM, stolen, {"approaches": "2"}))
    summary = main.send(payload).text
    assert "+300 XP" in summary
    assert "⚔️ Raid: **+45 points**, now 75 of 900" in summary
    assert main.send(payload).text == summary
    assert (diary.xp(owner), diary.xp(owner, SAM)) == (300, 200)


# --- undoing ---


def test_an_undo_takes_back_what_a_form_has_added_and_nothing_else(main: Bot, card: Answer, owner: Connection):
    log(main, card, "Core", approaches="2", numbers="1")
    done = log(main, card, "Core", approaches="3")
    undone = main.tap(done, "Undo")
    day = diary.today(owner)
    assert undone.kind == UPDATE
    assert undone.text.splitlines() == [
        "## 📝 \u2212300 XP",
        f"Undone for {days.described(day, day)}",
        "**Approaches:** 2, was 5",
        "🔥 **1 day** · 200 XP to level 2 ▰▰▰▰▰▰▱▱▱▱",
    ]
    assert labels(undone) == ["Log again", "My card"]
    assert labels(main.tap(undone, "Log again")) == CATEGORIES
    assert diary.records(owner) == {"approaches": 2, "numbers": 1}
    assert diary.xp(owner) == 300


def test_two_taps_on_undo_undo_once(main: Bot, card: Answer, owner: Connection):
    log(main, card, "Core", approaches="1")
    done = log(main, card, "Core", approaches="1")
    tap = discord.component(PLACE, ALEX, button(done, "Undo"))
    assert main.send(tap).body == main.send(tap).body
    again = main.tap(done, "Undo")
    assert "**Nothing was undone:** the day has changed since." in again.text
    assert labels(again) == CATEGORIES
    assert diary.records(owner) == {"approaches": 1}


def test_an_undo_of_long_ago_stores_nothing_and_says_what_to_do(main: Bot, card: Answer, owner: Connection):
    done = log(main, card, "Core", approaches="1")
    owner.execute("DELETE FROM interactions_done")
    assert main.tap(done, "Undo").text.startswith("This is about a day old, so it can no longer be undone as a whole.")
    assert diary.records(owner) == {"approaches": 1}


def test_nobody_undoes_what_another_member_has_logged(main: Bot, card: Answer, owner: Connection):
    done = log(main, card, "Core", approaches="1")
    sam = main.as_user(SAM)
    log(sam, sam.command("submit-stats"), "Core", approaches="1")
    sam.press(button(done, "Undo").replace(to_base62(ALEX.id), to_base62(SAM.id)))
    assert (diary.xp(owner), diary.xp(owner, SAM)) == (100, 100)


def test_the_last_blow_of_a_raid_is_celebrated_and_an_undo_gives_its_points_back(
    main: Bot, card: Answer, owner: Connection
):
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('warrior', 100, 0, clock_timestamp() + interval '1 hour')"
    )
    first = log(main, card, "Core", approaches="4")
    assert "⚔️ Raid: **+60 points**, now 60 of 100" in first.text
    assert "⚔️ Raid: **\u221260 points**, now 0 of 100" in main.tap(first, "Undo").text
    payload = main.filled(main.tap(card, "Core"), {"approaches": "7"})
    last = main.send(payload)
    assert "🏆 **You finished the raid!** **+105 points**. The rewards come within a minute or two." in last.text
    assert main.send(payload).text == last.text


# --- yesterday, and days further back ---


def test_yesterday_can_be_logged_and_counts(main: Bot, owner: Connection):
    card = main.command("submit-stats", {"day": "yesterday"})
    day = diary.today(owner)
    assert card.text.startswith(f"## 📝 Log {days.described(day - timedelta(days=1), day)}\n")
    done = log(main, card, "Core", approaches="1")
    assert f"\nLogged for {days.described(day - timedelta(days=1), day)}: Approaches 1\n" in done.text
    assert "🔥 **1 day**, 2 if you log today · 400 XP to level 2" in done.text
    assert main.command("submit-stats", {"day": "today"}).text.startswith(f"## 📝 Log {days.described(day, day)}\n")


def test_a_streak_says_what_keeps_it(main: Bot, owner: Connection):
    main.command("submit-stats")
    diary.write_run(owner, 30, last=2)
    assert (
        "**Streak:** 30 days. Log something today and it goes on; yesterday can be logged until midnight too\n"
        "You have 2 freezes, each of which covers a day you miss, automatically\n"
    ) in main.command("submit-stats").text


def test_a_freeze_used_long_ago_is_no_longer_mentioned(main: Bot, owner: Connection):
    main.command("submit-stats")
    diary.write_run(owner, 14, last=10)
    diary.write_run(owner, 8)
    text = main.command("submit-stats").text
    assert "**Streak:** 22 days. Log something today" in text
    assert "A freeze stood" not in text


def test_a_used_freeze_is_mentioned_for_a_week(main: Bot, owner: Connection):
    main.command("submit-stats")
    day = diary.today(owner)
    diary.write_run(owner, 28, last=4)
    diary.write(owner, 1, {"wins_shared": 1})
    used = " and ".join(days.named(day - timedelta(days=back), day) for back in (3, 2))
    assert f"**Streak:** 29 days. Log something today and it is 30 days\nA freeze covered {used}\n**Level" in (
        main.command("submit-stats").text
    )


def test_a_streak_that_ended_is_mentioned_as_the_longest(main: Bot, owner: Connection):
    main.command("submit-stats")
    diary.write_run(owner, 3, last=10)
    text = main.command("submit-stats").text
    assert "**Streak:** the next day you log starts one. Your longest so far: 3 days.\n" in text
    log(main, main.command("submit-stats"), "Core", approaches="1")
    assert "**Streak:** 1 day (longest: 3 days), today included\n" in main.command("submit-stats").text


def test_a_day_further_back_earns_xp_and_no_streak(main: Bot, owner: Connection):
    card = main.command("submit-past-stats", {"date": "5 days ago"})
    day = diary.today(owner)
    assert card.is_private
    assert card.text.startswith(f"## 📝 Log {days.named(day - timedelta(days=5), day)}\n")
    late = "-# A day this far back earns XP, but a streak counts only what is logged by the end of the next day.\n"
    assert late in card.text
    done = log(main, card, "Inner", grounding="3")
    assert f": Grounding 3\n{late}🔥 A streak starts with the next day you log · 350 XP to level 2" in done.text
    assert diary.xp(owner) == 150


def test_a_past_day_counts_once_however_often_it_is_sent(main: Bot, owner: Connection):
    form = main.tap(main.command("submit-past-stats", {"date": "3 days ago"}), "Inner")
    assert unrevised(main.fill(form, {"grounding": "2"})) == unrevised(main.fill(form, {"grounding": "2"}))
    assert diary.records(owner) == {"grounding": 2}


@pytest.mark.parametrize("back", [0, 1, 2, 30])
def test_every_day_of_the_last_thirty_can_be_logged(main: Bot, owner: Connection, back: int):
    main.command("submit-stats")
    day = diary.today(owner) - timedelta(days=back)
    card = main.command("submit-past-stats", {"date": day.isoformat()})
    done = log(main, card, "Core", approaches="1")
    assert "+100 XP" in done.text
    assert ("Undo" in labels(done)) is (back <= days.EDIT_BACK)


def test_a_day_out_of_range_is_refused_with_the_range(main: Bot, owner: Connection):
    main.command("submit-stats")
    day = diary.today(owner)
    for date in (day - timedelta(days=31), day + timedelta(days=1), type(day).min, type(day).max):
        refused = main.command("submit-past-stats", {"date": date.isoformat()})
        assert refused.is_private
        assert refused.text.startswith("That day is out of reach: you can choose one of the last 30 days, ")


@pytest.mark.parametrize("words", ["soon", "2026-02-30", "12345678901", "`2026-01-01`", "2026-1-1x"])
def test_words_that_are_not_a_day_are_refused_with_an_example(main: Bot, words: str):
    refused = main.command("submit-past-stats", {"date": words})
    assert refused.text.startswith("I could not tell which day you mean.")


def test_the_last_days_are_suggested_and_typing_finds_one(main: Bot, owner: Connection):
    main.command("submit-stats")
    day = diary.today(owner)
    every = main.typing("submit-past-stats", "date", "").choices
    assert len(every) == 25
    yesterday = day - timedelta(days=1)
    assert every[0] == {"name": days.described(yesterday, day), "value": yesterday.isoformat()}
    fourth = day - timedelta(days=4)
    found = main.typing("submit-past-stats", "date", "4 days ago").choices
    assert found == [{"name": days.named(fourth, day), "value": fourth.isoformat()}]
    weekday = days.named(fourth, day)[:2]
    assert {str(choice["name"])[:2] for choice in main.typing("submit-past-stats", "date", weekday).choices} >= {
        weekday
    }
    assert main.typing("submit-past-stats", "date", "gibberish").choices == every


def test_a_card_left_open_over_midnight_keeps_its_own_day(main: Bot, owner: Connection):
    main.command("submit-stats")
    day = diary.today(owner) - timedelta(days=3)
    pressed = main.press(make("submit-stats", "form", ALEX.id, "core_social", at(day)))
    assert "+100 XP" in main.fill(pressed, {"approaches": "1"}).text
    assert owner.execute("SELECT day FROM daily_records").fetchall() == [(day,)]


def test_a_form_of_a_day_that_is_too_long_ago_stores_nothing(main: Bot, owner: Connection):
    main.command("submit-stats")
    day = diary.today(owner) - timedelta(days=31)
    pressed = main.press(make("submit-stats", "form", ALEX.id, "core_social", at(day)))
    refused = main.fill(pressed, {"approaches": "1"})
    assert "is too long ago: a day can be logged for 30 days." in refused.text
    assert diary.records(owner) == {}


# --- what goes wrong ---


def test_a_retired_category_is_refused_politely(main: Bot, owner: Connection):
    main.command("submit-stats")
    refused = main.press(make("submit-stats", "form", ALEX.id, "dancing", at(diary.today(owner))))
    assert refused.text == "This category has changed since you opened the card. Please type the command again."


@pytest.mark.parametrize("day", ["", "2026112", "2026W475", "20261332", "today", "99999999"])
def test_a_custom_id_without_a_day_is_a_bad_request(main: Bot, day: str):
    assert main.press(make("submit-stats", "form", ALEX.id, "core_social", day)).status == 400


def test_a_rate_limited_member_is_told_when_to_try_again_and_nothing_is_stored(
    main: Bot, card: Answer, owner: Connection
):
    hurried = replace(main, limits={**main.limits, Pace.STATS: Limit(1, 3600, 1)})
    forms = [hurried.tap(card, "Core") for _ in range(3)]  # opening is turning a page, and has its own limit
    assert "+100 XP" in hurried.fill(forms[0], {"approaches": "1"}).text
    assert hurried.fill(forms[1], {"approaches": "1"}).text.startswith("Too fast! ")
    edit = hurried.command("stats-edit", {"date": "today"})
    assert hurried.fill(hurried.tap(edit, "Core"), {"approaches": "9"}).text.startswith("Too fast! ")
    assert diary.records(owner) == {"approaches": 1}


def test_every_multiplier_has_its_words():
    price = Price(base=100, streak=25, templar=30, event=400)
    assert day_results.arithmetic(price) == [
        "The whole day: 100 × 5 = 500 XP (streak +25 %, Templar day +30 %, event × 4, held at × 5, the most there is)"
    ]


def test_retired_stats_are_counted_apart():
    assert day_cards.logged({"dancing": 3, "numbers": 1}) == [
        "**Core social:** Numbers 1",
        "And 3 of stats that are no longer asked for.",
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2, "❄️ **A gift: your first freeze.**"),
        (4, "🏆 **You are on the board.**"),
        (5, "🔥 **Tomorrow is day seven.**"),
        (6, "🎉 **Seven days!**"),
    ],
)
def test_a_day_of_the_first_week_explains_one_thing_once(main: Bot, owner: Connection, days: int, words: str):
    past.meet(owner, ALEX)
    diary.write_run(owner, days)
    card = main.command("submit-stats")
    assert words in main.fill(main.tap(card, "Core"), {"approaches": "1"}).text
    assert words not in main.fill(main.tap(card, "Core"), {"approaches": "1"}).text
    assert len(owner.execute("SELECT matter FROM explained").fetchall()) == 1


def test_a_balance_that_changes_is_explained_when_it_first_does(main: Bot, owner: Connection):
    past.meet(owner, ALEX)
    diary.write_run(owner, 1)
    card = main.command("submit-stats")
    words = "⚖️ **Two kinds of courage.**"
    assert words not in main.fill(main.tap(card, "Core"), {"approaches": "1"}).text
    assert words in main.fill(main.tap(card, "Inner"), {"sbmm_meditation": "2"}).text
    assert words not in main.fill(main.tap(card, "Core"), {"approaches": "9"}).text
