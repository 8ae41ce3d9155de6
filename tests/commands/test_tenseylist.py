"""/tenseylist: browse, tick, undo; in every state the list can be in."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from devkit import discord_client as discord
from devkit.content.files import LONGEST_ID, LONGEST_TEXT, LONGEST_TITLE, MOST_CHAPTERS
from devkit.discord_client import User
from devkit.inspection import violations
from mastermind.bot.call import Call, Services
from mastermind.bot.custom_ids import CustomId, make, to_base62
from mastermind.commands.parts import challenge_cards
from mastermind.config import DiscordSettings, GameSettings
from mastermind.deadline import Deadline
from mastermind.discord.interactions import parse
from mastermind.discord.limits import BUTTON_LABEL_READS_WELL
from mastermind.discord.replies import Update, render
from mastermind.discord.text import cut
from mastermind.game.challenges import actions as ticks
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges.actions import LiveAward
from mastermind.game.challenges.rules import (
    UNDO_LAST,
    AwardStatus,
    Challenge,
    Challenges,
    ChallengeState,
    Chapter,
    Checklist,
    Place,
    Show,
)
from mastermind.game.members.rules import Member
from mastermind.postgres.database import Database
from tests.actors import by
from tests.commands.playing import ALEX, PLACE, SAM, Bot, button, labels, select, unrevised

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

CATALOGUE = challenges.load()
CHAPTER_1 = CATALOGUE.chapter(1)
FIRST, SECOND = CHAPTER_1.challenges[:2]
UPDATE, MESSAGE = 7, 4


def opened(bot: Bot, **options: discord.Value) -> Answer:
    return bot.command("tenseylist", options)


def award_all(awards: Database) -> None:
    """The sweep, as it comes each minute."""
    awards.run(lambda conn: ticks.sweep(conn, Deadline.after(60)), Deadline.after(60))


def complete(owner: Connection, *ids: str) -> None:
    """Ticks that are due, written at once."""
    owner.execute_many(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)"
        " VALUES (%s, %s, 100, current_date, statement_timestamp(), statement_timestamp())",
        [(ALEX.id, challenge_id) for challenge_id in ids],
    )


def xp(owner: Connection) -> object:
    return owner.execute("SELECT xp FROM users WHERE user_id = %s", [ALEX.id]).fetchone()


def rows(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute(
        "SELECT challenge_id, status, sent_at IS NOT NULL FROM pending_xp_awards ORDER BY created_at"
    ).fetchall()


def due_in(owner: Connection) -> object:
    """When the XP of the only tick comes, in seconds since 1970."""
    found = owner.execute("SELECT round(extract(epoch FROM due_at))::bigint FROM pending_xp_awards").fetchone()
    return found and found[0]


def texts_of(answer: Answer) -> list[str]:
    """The challenges on a page, without how they stand."""
    lines = [cast("list[dict[str, str]]", part["components"])[0] for part in answer.parts() if part["type"] == 9]
    return [line["content"].partition("\n")[0].removeprefix("✅ ") for line in lines]


# --- opening ---


def test_the_first_time_the_list_opens_at_its_beginning_for_the_caller_alone(tensey: Bot):
    page = opened(tensey)
    assert page.kind == MESSAGE
    assert page.is_private
    assert f"## 🎯 {CHAPTER_1.title}\n" in page.text
    assert "\n0 of 13 done ▱▱▱▱▱▱▱▱▱▱\n-# Chapter 1, page 1 of 3. Tap *Did it*: +100 XP\n" in page.text
    assert texts_of(page) == [each.text for each in CHAPTER_1.challenges[:5]]


def test_each_challenge_has_its_own_button_and_the_page_one_row_of_navigation(tensey: Bot):
    assert labels(opened(tensey)) == [*["Did it"] * 5, "Next", "Surprise me", "⋯ More"]


def test_a_page_has_one_bar(tensey: Bot):
    assert opened(tensey).text.count("▱" * 10) == 1


def test_what_is_to_be_tapped_is_green_and_what_takes_back_is_grey(tensey: Bot):
    page = tensey.tap(opened(tensey), "Did it")
    parts = [part for each in (page, tensey.tap(page, "Next")) for part in each.parts() if part["type"] == 2]
    styles = {cast("str", part.get("label", "")): part["style"] for part in parts}
    assert (styles["Did it"], styles["Undo it"], styles["Undo last"]) == (3, 2, 2)


def test_the_select_leads_to_each_of_the_25_chapters(tensey: Bot):
    options = cast("list[dict[str, object]]", select(tensey.tap(opened(tensey), "⋯"))["options"])
    assert [option["value"] for option in options] == [str(number) for number in range(1, 26)]
    assert [option["value"] for option in options if option.get("default")] == ["1"]
    assert options[0]["description"] == "0 of 13 done"


def test_the_list_opens_at_the_first_chapter_that_is_not_complete(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, *(each.id for each in CHAPTER_1.challenges))
    page = opened(tensey)
    assert "-# Chapter 2, " in page.text
    assert "0 of 13 done" in page.text


@pytest.mark.parametrize(
    ("words", "chapter"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("25", 25),
        ("Playful Curiosity", 2),
        ("grandmaster", 25),
        ("CROWD", 10),
        ("  ", 1),
        ("\u200f٣", 3),
        ("Chapter 3", 3),
        ("Level 3", 3),
    ],
)
def test_a_chapter_can_be_asked_for_by_number_or_title(tensey: Bot, words: str, chapter: int):
    assert f"-# Chapter {chapter}, " in opened(tensey, level=words).text


@pytest.mark.parametrize("words", ["0", "26", "play", "no such chapter", "-1", "²", "1:2", "💥"])
def test_an_ambiguous_chapter_is_refused_with_a_hint(tensey: Bot, words: str):
    answer = opened(tensey, level=words)
    assert answer.is_private
    assert answer.text.startswith("I could not tell which chapter you mean.")
    assert "\nYou typed:\n**Level:** `" in answer.text


# --- ticking ---


def test_a_tick_updates_the_same_page_and_says_when_the_xp_comes(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Did it")
    assert page.kind == UPDATE
    assert f"{FIRST.text}\n-# Ticked: +100 XP <t:{due_in(owner)}:R>" in page.text
    assert page.text.count("+100 XP") == 1
    assert "1 of 13 done" in page.text
    assert labels(page)[:2] == ["Undo it", "Did it"]
    assert rows(owner) == [(FIRST.id, "pending", True)]


def test_a_tick_sends_its_award_to_the_queue_once(tensey: Bot, owner: Connection):
    tensey.tap(opened(tensey), "Did it")
    assert owner.execute("SELECT award_id FROM pending_xp_awards").fetchall() == [
        (UUID(sent),) for sent in tensey.queue.sent
    ]


def test_the_countdown_ends_when_the_award_is_due_whatever_the_configured_wait(tensey: Bot):
    slow = replace(tensey, xp_delay=300)
    before = time.time()
    found = re.search(r"<t:(\d+):R>", slow.tap(opened(slow), "Did it").text)
    assert found
    assert before + 299 < int(found[1]) < time.time() + 301


def test_later_the_list_still_counts_down(tensey: Bot, owner: Connection):
    tensey.tap(opened(tensey), "Did it")
    assert f"-# Ticked: +100 XP <t:{due_in(owner)}:R>" in opened(tensey).text


def test_a_tick_leads_to_the_page_on_which_it_stands(tensey: Bot, owner: Connection, awards: Database):
    page = tensey.tap(opened(tensey), "Next")
    complete(owner, *(each.id for each in CHAPTER_1.challenges[:5]))
    award_all(awards)
    page = tensey.tap(page, "Did it")
    assert "-# Chapter 1, page 1 of 2" in page.text
    assert "-# Ticked: " in page.text


def test_xp_that_is_due_but_not_yet_booked_is_shown_as_on_the_way(tensey: Bot):
    fast = replace(tensey, xp_delay=0)
    assert "-# Ticked: +100 XP on the way" in fast.tap(opened(fast), "Did it").text


def test_once_awarded_the_line_says_so(tensey: Bot, awards: Database, owner: Connection):
    fast = replace(tensey, xp_delay=0)
    fast.tap(opened(fast), "Did it")
    award_all(awards)
    assert f"✅ {FIRST.text}" in opened(tensey, show="all").text
    assert xp(owner) == (100,)


def test_a_second_tap_on_an_old_tick_button_changes_nothing(tensey: Bot, owner: Connection):
    page = opened(tensey)
    tensey.tap(page, "Did it")
    again = tensey.tap(page, "Did it")
    assert "This one was ticked before." in again.text
    assert len(rows(owner)) == len(tensey.queue.sent) == 1


def test_a_repeat_of_the_same_tap_gets_the_same_answer(tensey: Bot, owner: Connection):
    payload = discord.component(PLACE, ALEX, button(opened(tensey), "Did it"))
    assert tensey.send(payload).body == tensey.send(payload).body
    assert len(rows(owner)) == 1


def test_a_late_repeat_of_a_tick_that_was_undone_says_so(tensey: Bot, owner: Connection):
    payload = discord.component(PLACE, ALEX, button(opened(tensey), "Did it"))
    tensey.tap(tensey.send(payload), "Undo")
    page = tensey.send(payload)
    assert "That tick was undone since." in page.text
    assert "Ticked" not in page.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled"]


def test_when_the_queue_is_down_the_tick_counts_and_the_sweep_awards_it(
    tensey: Bot, awards: Database, owner: Connection
):
    fast = replace(tensey, xp_delay=0)
    fast.queue.down = True
    page = fast.tap(opened(fast), "Did it")
    assert "-# Ticked: " in page.text
    assert rows(owner) == [(FIRST.id, "pending", False)]
    award_all(awards)
    assert xp(owner) == (100,)


def test_another_members_tap_is_refused_politely_and_does_nothing(tensey: Bot, owner: Connection):
    page = opened(tensey)
    refusal = tensey.as_user(SAM).tap(page, "Did it")
    assert refusal.kind == MESSAGE
    assert refusal.is_private
    assert "/tenseylist" in refusal.text
    assert rows(owner) == []


def test_when_the_database_is_down_a_tap_gets_a_polite_answer(tensey: Bot, postgres: Postgres):
    page = opened(tensey)
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    answer = nowhere.tap(page, "Did it")
    assert answer.status == 200
    assert answer.is_private
    assert "so this was not done" in answer.text


# --- undoing ---


def test_the_last_button_takes_back_a_fresh_tick_whose_line_has_left_the_page(tensey: Bot, awards: Database):
    fast = replace(tensey, xp_delay=0)
    page = fast.tap(fast.tap(opened(fast), "Did it"), "Did it")
    assert labels(page)[-1] != "Undo last"
    award_all(awards)
    page = opened(tensey)
    assert labels(page)[-1] == "Undo last"
    page = tensey.tap(page, "Undo last")
    assert "Undone. Its 100 XP was taken back." in page.text
    assert texts_of(page)[0] == SECOND.text
    assert labels(page)[-1] == "Undo last"
    assert texts_of(tensey.tap(page, "Undo last"))[0] == FIRST.text


def test_an_undo_leads_to_the_page_on_which_the_challenge_stands(tensey: Bot):
    page = tensey.tap(tensey.tap(opened(tensey), "Did it"), "Next")
    page = tensey.tap(page, "Undo last")
    assert "-# Chapter 1, page 1 of 3" in page.text
    assert "Undone. Nothing had been awarded yet." in page.text


def test_after_ten_minutes_a_tick_is_undone_by_its_own_line_alone(tensey: Bot, awards: Database):
    fast = replace(tensey, xp_delay=0)
    fast.tap(opened(fast), "Did it")
    award_all(awards)
    later = replace(tensey, clock=lambda: datetime.now(UTC) + UNDO_LAST)
    page = opened(later, show="done")
    assert [label for label in labels(page) if label.startswith("Undo")] == ["Undo it"]
    assert "Undone. Its 100 XP was taken back." in later.tap(page, "Undo it").text


def test_an_undo_after_the_award_takes_the_xp_back(tensey: Bot, awards: Database, owner: Connection):
    fast = replace(tensey, xp_delay=0)
    fast.tap(opened(fast), "Did it")
    award_all(awards)
    page = tensey.tap(opened(tensey), "Undo last")
    assert "Undone. Its 100 XP was taken back." in page.text
    assert xp(owner) == (0,)


def test_a_done_challenge_is_undone_by_its_own_button(tensey: Bot, owner: Connection):
    page = tensey.tap(tensey.tap(opened(tensey), "Did it"), "Did it")
    page = tensey.tap(page, "Undo it")
    assert "Undone. Nothing had been awarded yet." in page.text
    assert [(id_, status) for id_, status, _ in rows(owner)] == [(FIRST.id, "cancelled"), (SECOND.id, "pending")]


def test_an_undone_challenge_can_be_ticked_again(tensey: Bot, owner: Connection):
    page = tensey.tap(tensey.tap(opened(tensey), "Did it"), "Undo")
    page = tensey.tap(page, "Did it")
    assert "1 of 13 done" in page.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled", "pending"]


def test_an_old_undo_button_changes_nothing_more(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Did it")
    tensey.tap(tensey.tap(page, "Undo"), "Did it", 2)
    again = tensey.tap(page, "Undo")
    assert "That was undone before." in again.text
    assert [status for _, status, _ in rows(owner)] == ["cancelled", "pending"]


def test_a_member_can_only_undo_their_own_completions(tensey: Bot, owner: Connection):
    page = tensey.tap(opened(tensey), "Did it")
    stolen = button(page, "Undo").replace(to_base62(ALEX.id), to_base62(SAM.id))
    answer = tensey.as_user(SAM).press(stolen)
    assert "That was undone before." in answer.text
    assert [status for _, status, _ in rows(owner)] == ["pending"]


# --- leafing, filters, chapters ---


def test_paging_shows_each_of_the_303_challenges_once_and_leads_back(tensey: Bot):
    page, seen = opened(tensey, show="all"), list[str]()
    while True:
        seen += texts_of(page)
        onward = [label for label in labels(page) if label == "Next"]
        if not onward:
            break
        page = tensey.tap(page, "Next")
    assert seen == [each.text for each in CATALOGUE.by_id.values()]
    for where in ("-# Chapter 25, ", "-# Chapter 25, ", "-# Chapter 24, "):
        page = tensey.tap(page, "◀️")
        assert where in page.text


def test_the_select_jumps_to_a_chapter_and_keeps_the_filter(tensey: Bot):
    page = tensey.choose(tensey.tap(opened(tensey, show="all"), "⋯"), "17")
    assert page.kind == UPDATE
    assert "## 🎯 Public Games\n" in page.text
    assert "-# Chapter 17, open and done, page 1 of 3" in page.text


def test_the_chosen_filter_stands_out(tensey: Bot):
    more = tensey.tap(opened(tensey, show="done"), "⋯")
    filters = {part["label"]: (part["style"], "disabled" in part) for part in more.parts() if part["type"] == 2}
    assert {label: filters[label] for label in ("Show open", "Show done", "Show all")} == {
        "Show open": (2, False),
        "Show done": (1, False),
        "Show all": (2, False),
    }


def test_the_open_filter_lists_open_challenges_and_ticks_whose_xp_is_pending(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, SECOND.id)
    award_all(awards)
    page = tensey.tap(opened(tensey, show="open"), "Did it")
    assert texts_of(page)[:2] == [FIRST.text, CHAPTER_1.challenges[2].text]
    assert "-# Ticked: +100 XP <t:" in page.text


def test_the_done_filter_lists_done_challenges(tensey: Bot):
    tensey.tap(opened(tensey), "Did it", 2)
    page = tensey.tap(tensey.tap(opened(tensey), "⋯"), "Show done")
    assert texts_of(page) == [SECOND.text]
    assert ", done ones, page 1 of 1" in page.text


def test_the_done_filter_opens_at_a_chapter_with_done_challenges(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, CATALOGUE.chapter(7).challenges[0].id)
    assert "-# Chapter 7, " in opened(tensey, show="done").text


def test_an_empty_filter_says_why_and_where_to_go(tensey: Bot, owner: Connection, awards: Database):
    nothing = opened(tensey, show="done").text
    assert "Nothing is done here yet." in nothing
    assert "Tap *Did it*" not in nothing
    complete(owner, *(each.id for each in CHAPTER_1.challenges))
    award_all(awards)
    page = opened(tensey, level="1", show="open")
    assert "Nothing is open here." in page.text
    assert ", page 1 of 1. Well done!" in page.text
    assert "-# Chapter 2, " in tensey.tap(page, "Next").text


def test_when_everything_is_done_the_list_says_so(tensey: Bot, owner: Connection, awards: Database):
    opened(tensey)
    complete(owner, *CATALOGUE.by_id)
    award_all(awards)
    page = opened(tensey)
    assert "-# Chapter 25, " in page.text
    assert "All 303 challenges are done." in page.text
    assert xp(owner) == (30_300,)


def test_more_explains_the_chapter_and_the_rules_and_leads_back(tensey: Bot):
    page = tensey.tap(tensey.tap(opened(tensey), "Did it"), "Next")
    more = tensey.tap(page, "⋯")
    assert more.kind == UPDATE
    assert CHAPTER_1.about in more.text
    assert "60 s later you get +100 XP" in more.text
    assert "**All chapters:** 1 of 10 to the next milestone (10 %) ▰▱▱▱▱▱▱▱▱▱" in more.text
    options = cast("list[dict[str, object]]", select(more)["options"])
    assert [options[place]["description"] for place in (0, 24)] == ["1 of 13 done", "0 of 12 done"]
    assert unrevised(tensey.tap(more, "Back")) == unrevised(page)


# --- surprises ---


def surprising(answer: Answer) -> str:
    """The challenge that an answer suggests."""
    assert "## 🎲 How about this one?" in answer.text
    return answer.text.split("**")[1]


def test_a_surprise_is_an_open_challenge_of_the_chapter_one_looks_at_or_an_earlier_one(tensey: Bot):
    chapters = CATALOGUE.chapters[:2]
    shown = surprising(tensey.tap(opened(tensey, level="2"), "🎲"))
    assert shown in {each.text for chapter in chapters for each in chapter.challenges}


def test_one_tap_leads_to_another_surprise(tensey: Bot):
    page = tensey.tap(opened(tensey), "Surprise")
    seen = [surprising(page)]
    for _ in CHAPTER_1.challenges[1:]:
        page = tensey.tap(page, "Another one")
        seen.append(surprising(page))
    assert sorted(seen) == sorted(each.text for each in CHAPTER_1.challenges)


def test_a_surprise_writes_nothing_and_its_tick_leads_to_its_page(tensey: Bot, owner: Connection):
    surprise = tensey.tap(opened(tensey), "Surprise")
    assert rows(owner) == []
    page = tensey.tap(surprise, "Did it")
    assert f"{surprising(surprise)}\n-# Ticked: +100 XP <t:" in page.text
    assert len(rows(owner)) == 1


def test_a_surprise_leads_back_to_the_list(tensey: Bot):
    page = tensey.tap(opened(tensey, level="3"), "Next")
    assert unrevised(tensey.tap(tensey.tap(page, "🎲"), "Back")) == unrevised(page)


def test_with_everything_done_there_is_no_surprise(tensey: Bot, owner: Connection, awards: Database):
    old = opened(tensey)
    complete(owner, *CATALOGUE.by_id)
    award_all(awards)
    assert "All 303 challenges are done." in tensey.tap(old, "Surprise").text
    assert "Surprise me" not in labels(opened(tensey))


# --- messages from before, and nonsense ---


def test_ticking_a_retired_challenge_gets_a_polite_page(tensey: Bot, owner: Connection):
    stale = button(opened(tensey), "Did it").replace(FIRST.id, "long-gone")
    page = tensey.press(stale)
    assert page.kind == UPDATE
    assert "That challenge has left the list, so nothing was ticked." in page.text
    assert rows(owner) == []


def test_a_completion_of_a_retired_challenge_can_still_be_undone(tensey: Bot, owner: Connection):
    opened(tensey)
    complete(owner, "long-gone")
    later = replace(tensey, clock=lambda: datetime.now(UTC) + UNDO_LAST)
    more = later.tap(opened(later), "⋯")
    assert "0 of 10 to the next milestone" in more.text
    assert "And 1 of an earlier list, which still counts." in more.text
    assert "Undone. Nothing had been awarded yet." in later.tap(more, "Undo earlier").text
    assert [status for _, status, _ in rows(owner)] == ["cancelled"]


def test_completions_of_an_earlier_list_count_and_stay_out_of_the_bars(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, *CATALOGUE.by_id, "long-gone", "gone-too")
    award_all(awards)
    page = opened(tensey)
    assert "All 303 challenges are done." in page.text
    everything = "all 303 of the list\nAnd 2 of an earlier list, which still count."
    assert f"**All chapters:** {everything}" in tensey.tap(page, "⋯").text
    assert xp(owner) == (30_500,)


def test_the_list_and_the_scorecard_agree_on_what_is_done(tensey: Bot, main: Bot, owner: Connection, awards: Database):
    opened(tensey)
    complete(owner, FIRST.id, "long-gone", "gone-too")
    award_all(awards)
    tensey.tap(opened(tensey), "Did it", 2)  # its XP is still on the way
    retired = "\nAnd 2 of an earlier list, which still count."
    said = f"2 of 10 to the next milestone (20 %) ▰▰▱▱▱▱▱▱▱▱{retired}"
    assert f"**All chapters:** {said}" in tensey.tap(opened(tensey), "⋯").text
    assert f"**Challenges:** {said}" in main.command("scorecard").text


def test_an_awarded_completion_of_an_earlier_list_is_undone_like_any_other(
    tensey: Bot, owner: Connection, awards: Database
):
    opened(tensey)
    complete(owner, FIRST.id)
    complete(owner, "long-gone")
    award_all(awards)
    page = opened(tensey, show="done")
    assert texts_of(page) == [FIRST.text]
    page = tensey.tap(tensey.tap(page, "⋯"), "Undo earlier")
    assert "Undone. Its 100 XP was taken back." in page.text
    assert "Undo earlier" not in labels(tensey.tap(page, "⋯"))
    assert xp(owner) == (100,)


def test_a_page_that_no_longer_exists_shows_the_nearest_one(tensey: Bot):
    onward = button(opened(tensey), "Next")
    page = tensey.press(onward.replace(":1:2:open", ":999:999:open"))
    assert "-# Chapter 25, " in page.text
    assert "page 3 of 3" in page.text


@pytest.mark.parametrize(
    "rest",
    [
        "",
        ":1",
        ":1:2",
        ":-:2:all",
        ":1:-2:all",
        ":1:2:none",
        ":1:2:",
        "::::",
        ":1:99999999999999999999:all",
        ":²:2:all",
    ],
)
def test_a_custom_id_without_a_page_gets_a_400(tensey: Bot, rest: str):
    assert tensey.press(f"{make('tenseylist', 'next', ALEX.id)}{rest}").status == 400


@pytest.mark.parametrize("award_id", ["no-award", "", "z" * 32, "0" * 31])
def test_an_undo_without_an_award_id_gets_a_400(tensey: Bot, award_id: str):
    assert tensey.press(make("tenseylist", "undo", ALEX.id, award_id, 1, 1, "all")).status == 400


@pytest.mark.parametrize("value", ["", "x", "-1", "²", "1000"])
def test_a_jump_to_an_unknown_chapter_gets_a_400(tensey: Bot, value: str):
    jump = cast("str", select(tensey.tap(opened(tensey), "⋯"))["custom_id"])
    assert tensey.press(jump, [value]).status == 400


def test_an_undo_of_an_unknown_award_changes_nothing(tensey: Bot):
    answer = tensey.press(make("tenseylist", "undo", ALEX.id, 7, 1, 1, "all"))
    assert "That was undone before." in answer.text


# --- suggestions ---


def suggestions(answer: Answer) -> dict[object, object]:
    return {choice["value"]: choice["name"] for choice in answer.choices}


def test_chapters_are_suggested_with_title_and_progress(tensey: Bot):
    tensey.tap(opened(tensey), "Did it")
    found = suggestions(tensey.typing("tenseylist", "level", ""))
    assert len(found) == 25
    assert found["1"] == "1. Warm-Up & Icebreakers: 1 of 13 done"


def test_suggestions_match_the_typed_text(tensey: Bot):
    assert list(suggestions(tensey.typing("tenseylist", "level", "2"))) == [
        *("2", "20", "21", "22", "23", "24", "25", "12"),
    ]
    assert list(suggestions(tensey.typing("tenseylist", "level", "GAMES"))) == ["6", "17"]
    assert suggestions(tensey.typing("tenseylist", "level", "nothing like it")) == {}


def test_without_the_database_chapters_are_suggested_by_title_alone(postgres: Postgres):
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    assert suggestions(nowhere.typing("tenseylist", "level", "grand")) == {"25": "25. Grandmaster Challenges"}


# --- for everybody ---


def test_every_label_reads_well_on_a_narrow_phone(tensey: Bot, owner: Connection):
    longest = max(CATALOGUE.by_id.values(), key=lambda each: len(each.text))
    opened(tensey)
    complete(owner, longest.id)
    page = opened(tensey, show="all")
    more = tensey.tap(page, "⋯")
    shown = [cast("str", part["label"]) for each in (page, more) for part in each.parts() if part["type"] == 2]
    options = cast("list[dict[str, str]]", select(more)["options"])
    assert max(map(len, (*shown, *(option["label"] for option in options)))) <= BUTTON_LABEL_READS_WELL


def test_the_largest_valid_content_fits_into_a_message(tensey: Bot):
    view = replace(_largest_view(tensey), notice="This one was ticked before.")
    surprise = challenge_cards.surprise(view, view.chapter.challenges[-1])
    for part in (challenge_cards.page(view), challenge_cards.more(view), surprise):
        assert violations(render(Update((part,))), 3) == []


def _largest_view(bot: Bot) -> challenge_cards.ListView:
    """A page of five ticked challenges, with every text as long as a content file may have it."""
    title, text = "\U0001d54f" * (LONGEST_TITLE // 4), "x" * LONGEST_TEXT
    challenges_of = {
        number: tuple(
            Challenge(f"{number:02}{place:03}".ljust(LONGEST_ID, "y"), text, number, place) for place in range(1, 101)
        )
        for number in range(1, MOST_CHAPTERS + 1)
    }
    chapters = tuple(Chapter(number, title, text, challenges_of[number]) for number in challenges_of)
    catalogue = Challenges(chapters, {each.id: each for chapter in chapters for each in chapter.challenges})
    interaction = parse(json.dumps(discord.command(PLACE, User(2**63 - 1), "tenseylist")).encode())
    assert interaction.caller
    settings = DiscordSettings(PLACE.application_id, b"", 0, 0, 0, 0)
    services = Services(
        lambda: bot.database, lambda: bot.queue, lambda: bot.notices, GameSettings(86_400, "UTC"), Deadline.after(1)
    )
    call = Call("tensey", CustomId("tenseylist", ""), interaction, interaction.caller, settings, services)
    now = datetime.now(UTC)
    live = tuple(
        LiveAward(UUID(int=n), id_, AwardStatus.PENDING, now, now + timedelta(days=1))
        for n, id_ in enumerate(catalogue.by_id)
    )
    standings = {award.challenge_id: ChallengeState.TICKED for award in live}
    return challenge_cards.ListView(call, live, Checklist(catalogue, standings), Place(25, 1), Show.ALL, now)


def test_the_list_is_what_the_database_holds(tensey: Bot, enter_ticks: None):
    del enter_ticks
    page = opened(tensey, show="done", level="1")
    assert texts_of(page) == [FIRST.text, cut(SECOND.text, challenge_cards.ONE_LINE)]


@pytest.fixture
def enter_ticks(tensey: Bot) -> None:
    """Two completions by the action itself, without the command."""
    member = Member(ALEX.id, ALEX.name)
    for number, challenge in enumerate((SECOND, FIRST), 1):
        tensey.database.run(
            lambda conn, number=number, id_=challenge.id: ticks.tick(
                conn, by(member, number, "Europe/Paris"), id_, delay=60
            ),
            Deadline.after(60),
        )


def test_a_member_with_any_display_name_has_a_list(tensey: Bot):
    assert "-# Chapter 1, " in opened(tensey.as_user(User(1, "@everyone\n# <b>"))).text
