"""/scorecard shows everybody where a member stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import User
from mastermind.discord.text import columns
from mastermind.game.catalogue import content as stats
from mastermind.game.levels.rules import LEVELS, xp_needed
from mastermind.postgres.database import Database
from tests.commands import diary
from tests.commands.playing import ALEX, SAM, Bot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection


def give(owner: Connection, user: User, xp: int) -> None:
    """Book XP as an admin's correction does: by a row of the ledger."""
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, %s, 'correction', 'admin', gen_random_uuid()::text, %s)",
        [user.id, xp, diary.today(owner)],
    )


def accent(answer_parts: list[dict[str, object]]) -> object:
    return answer_parts[0]["accent_color"]


def test_a_first_look_opens_a_card_for_all_to_see(main: Bot):
    card = main.command("scorecard")
    assert card.kind == 4
    assert not card.is_private
    assert "Alex" in card.text
    assert "Level 1 of 50: Awkward Initiate" in card.text
    assert "**XP:** 0" in card.text
    assert "**To level 2:** 0 of 500 XP, 500 to go ▱▱▱▱▱▱▱▱▱▱" in card.text
    assert "**Rank:** 1" in card.text
    assert "\n☀️ Luminarchs\n" in card.text
    assert "**Challenges:** 0 of 10 to the next milestone ▱▱▱▱▱▱▱▱▱▱" in card.text


def test_the_card_shows_class_and_way_to_the_next_level(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, 12_000)
    card = main.command("scorecard")
    assert "Level 10 of 50: Bold Explorer" in card.text
    assert "**XP:** 12,000" in card.text
    assert "**To level 11:** 1,000 of 2,200 XP (45 %), 1,200 to go ▰▰▰▰▱▱▱▱▱▱" in card.text
    assert accent(list(card.parts())) == 0x48C9B0


def test_the_highest_level_has_no_next_one(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, xp_needed(LEVELS) + 1)
    card = main.command("scorecard")
    assert "Level 50 of 50: Galactic Mastermind" in card.text
    assert "The highest level is reached." in card.text


def test_xp_below_zero_shows_as_none(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, -250)
    card = main.command("scorecard")
    assert "**XP:** 0\n" in card.text
    assert "500 to go" in card.text


def test_another_members_card_can_be_looked_at(main: Bot, owner: Connection):
    main.as_user(SAM).command("scorecard")
    give(owner, SAM, 700)
    card = main.command("scorecard", {"user": SAM})
    assert "## 📊 Sam" in card.text
    assert "**XP:** 700" in card.text
    assert "**Rank:** 1" in card.text
    assert "**Rank:** 2" in main.command("scorecard").text


def test_a_new_name_is_shown_at_once(main: Bot):
    main.as_user(SAM).command("scorecard")
    renamed = User(SAM.id, "Samantha")
    assert main.command("scorecard", {"user": renamed}).text.startswith("## 📊 Samantha\n")
    assert "## 📊 Alex and Samantha" in main.command("scorecard", {"compare": renamed}).text


def test_looking_at_somebody_is_a_first_contact_of_the_one_who_looks(main: Bot, owner: Connection):
    main.command("scorecard", {"user": SAM})
    assert owner.execute("SELECT user_id, display_name FROM users").fetchall() == [(ALEX.id, "Alex")]


def test_somebody_whom_the_game_has_not_met_is_spoken_of_kindly(main: Bot):
    card = main.command("scorecard", {"user": SAM})
    assert card.text.startswith("📊 Sam has not joined the game yet.")
    assert not card.is_private


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("**Bold** <@1>", "\\*\\*Bold\\*\\* \\<\\@1\\>"),
        ("# Big [x](https://e.org)", "\\# Big \\[x\\]\\(https\\://e.org\\)"),
        ("two\nlines", "two lines"),
        ("x" * 60, "x" * 31 + "…"),
    ],
)
def test_a_name_is_shown_as_plain_words(main: Bot, name: str, shown: str):
    card = main.as_user(User(ALEX.id, name)).command("scorecard")
    assert card.text.startswith(f"## 📊 {shown}\n")


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])


def show_all(owner: Connection, user: User) -> None:
    owner.execute(
        "INSERT INTO shown_categories (user_id, category) SELECT DISTINCT %s::bigint, category FROM private_stats",
        [user.id],
    )


def test_a_hidden_member_shows_others_their_faction_and_no_figure(main: Bot, owner: Connection):
    main.as_user(SAM).command("scorecard")
    give(owner, SAM, 700)
    log(owner, SAM, {"approaches": 5})
    hide(owner, SAM)
    card = main.command("scorecard", {"user": SAM})
    assert not card.is_private
    assert card.text == (
        "## 📊 Sam\n☀️ Luminarchs\n-# This member keeps their figures to themselves. `/leaderboard` shows the others."
    )


def test_a_hidden_member_gets_their_own_card_alone_with_their_rank(main: Bot, owner: Connection):
    main.command("scorecard")
    give(owner, ALEX, 700)
    hide(owner, ALEX)
    card = main.command("scorecard")
    assert card.is_private
    assert "**Rank:** 1 (not on the leaderboard)" in card.text
    assert "**XP:** 700" in card.text


# --- what was logged ---


def log(owner: Connection, user: User, counts: Mapping[str, int], days_ago: int = 0) -> None:
    """Log it for a day of New York, in time."""
    owner.execute(
        "INSERT INTO booked_days (user_id, day, streak_share)"
        " VALUES (%s, local_day(now(), 'America/New_York') - %s::int, 0)",
        [user.id, days_ago],
    )
    for stat, count in counts.items():
        owner.execute(
            "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
            " VALUES (%s, local_day(now(), 'America/New_York') - %s::int, %s, %s, false, 0, 0, 0)",
            [user.id, days_ago, stat, count],
        )


def test_what_was_logged_of_retired_stats_is_counted_apart(main: Bot, owner: Connection):
    main.command("scorecard")
    log(owner, ALEX, {"juggling": 3, "singing": 4})
    card = main.command("scorecard")
    assert "no longer asked for" not in card.text, "what they were once may have been private"
    own = main.tap(card, "My card")
    assert "And 7 of stats that are no longer asked for." in own.text
    assert "Nothing is logged yet" not in own.text


def test_a_first_card_says_what_to_do_where_nothing_is_yet(main: Bot):
    card = main.command("scorecard")
    assert "**New Initiate:** what is logged and done will make a warrior ⚔️, a mage 🔮, or both" in card.text
    assert "\n**Streak:** begins with the next day that counts\n" in card.text
    assert "Nothing is logged yet that everybody sees: `/submit-stats` takes the first entry." in card.text
    assert "Nothing is logged yet: `/submit-stats` takes the first entry." in main.tap(card, "My card").text
    assert "On average" not in card.text


def test_totals_stand_by_category_and_what_came_of_what_where_it_was_tried(main: Bot, owner: Connection):
    main.command("scorecard")
    log(owner, ALEX, {"approaches": 8, "numbers": 2, "grounding": 1, "overall_state": 8}, 1)
    log(owner, ALEX, {"approaches": 4, "dates_booked": 1, "overall_state": 7})
    show_all(owner, ALEX)
    card = main.command("scorecard")
    assert (
        "**Core social:** Approaches 12, Numbers 2\n"
        "**Dating:** Dates Booked 1\n"
        "**Inner work:** Grounding 1\n"
        "**Daily state:** Overall State Today (1-10) 7.5 on average of 2 days\n"
        "**On average:** 1 number in 6 approaches\n-# "
    ) in card.text


def test_what_came_of_fewer_than_ten_tries_is_not_said(main: Bot, owner: Connection):
    main.command("scorecard")
    log(owner, ALEX, {"approaches": 9, "numbers": 3})
    assert "On average" not in main.command("scorecard").text
    log(owner, ALEX, {"approaches": 1}, 1)
    assert "**On average:** 1 number in 3 approaches\n" in main.command("scorecard").text


def test_a_name_that_explains_nothing_is_explained_where_it_stands(main: Bot, owner: Connection):
    main.command("scorecard")
    assert "SBMM" not in main.command("scorecard").text
    log(owner, ALEX, {"sbmm_meditation": 3})
    assert "-# SBMM Meditation: this community's own meditation; one session counts 1.\n" in (
        main.command("scorecard").text
    )


def test_a_card_has_the_picture_that_discord_sent_with_this_use(main: Bot):
    faced = replace(ALEX, avatar="a_" + "0" * 32)
    (face,) = (part for part in main.as_user(faced).command("scorecard").parts() if part["type"] == 11)
    assert face["media"] == {"url": f"https://cdn.discordapp.com/avatars/{ALEX.id}/{faced.avatar}.png?size=128"}
    assert face["description"] == "Picture of Alex"
    shown = main.as_user(SAM).command("scorecard", {"user": faced})
    assert [part["media"] for part in shown.parts() if part["type"] == 11] == [face["media"]]
    assert all(part["type"] != 11 for part in main.command("scorecard").parts())


def test_dating_and_moods_are_on_no_card_that_others_see_and_on_ones_own(main: Bot, owner: Connection):
    main.command("scorecard")
    counts = {"approaches": 80, "numbers": 20, "new_contact_response": 15, "dates_booked": 10, "dates_had": 5}
    log(owner, ALEX, {**counts, "overall_state": 7})
    card = main.command("scorecard")
    assert (
        "**Core social:** Approaches 80, Numbers 20, New Contact Response 15\n"
        "**On average:** 1 number in 4 approaches, 15 responses from 20 numbers\n-# "
    ) in card.text
    assert "Dat" not in card.text
    assert "dates" not in card.text
    assert main.as_user(SAM).command("scorecard", {"user": ALEX}).text == card.text
    own = main.tap(card, "My card")
    assert own.is_private
    assert "**Dating:** Dates Booked 10, Dates Had 5\n" in own.text
    assert "1 date booked in 2 numbers, 1 date had in 2 booked\n" in own.text
    assert "Overall State Today (1-10) 7.0 on average" in own.text
    assert own.text.endswith("Others see no Dating and Daily state: `/settings`.")
    assert "## 📊 Sam" in main.as_user(SAM).tap(card, "My card").text, "the button shows everybody their own"


def test_nothing_on_a_card_for_all_follows_from_what_is_private(main: Bot, owner: Connection):
    main.command("scorecard")
    log(owner, ALEX, {"approaches": 3})
    seen = [main.command("scorecard").text, main.as_user(SAM).command("scorecard", {"compare": ALEX}).text]
    for stat in stats.load().kept(()):
        owner.execute(
            "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
            " SELECT user_id, day, %s, 5, false, 0, 0, 0 FROM booked_days",
            [stat],
        )
    assert [main.command("scorecard").text, main.as_user(SAM).command("scorecard", {"compare": ALEX}).text] == seen


def test_the_archetype_has_a_bar_with_words(main: Bot, owner: Connection):
    main.command("scorecard")
    log(owner, ALEX, {"approaches": 3, "sbmm_meditation": 1})
    card = main.command("scorecard")
    assert (
        "**Templar** ⚔️ 50 : 50 🔮 ▰▰▰▰▰▱▱▱▱▱\n-# Warrior to mage points, in balance. "
        "A Templar day (40 % or more of each) pays +30 %.\n" in card.text
    )


def test_challenges_count_for_the_archetype(main: Bot, owner: Connection):
    main.command("scorecard")
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, 100, 'award', 'tensey', 'a', current_date)",
        [ALEX.id],
    )
    assert "**Warrior** ⚔️ 75 : 25 🔮 ▰▰▰▰▰▰▰▱▱▱\n-# Warrior to mage points; 1 more mage point to a Templar. " in (
        main.command("scorecard").text
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (range(1), "**Streak:** 1 day, the longest so far"),
        (
            range(1, 15),
            "**Streak:** 14 days, the longest so far\n**Freezes:** 2\n-# A freeze covers a missed day",
        ),
        ([0, 1, *range(10, 13)], "**Streak:** 2 days, the longest was 3 days"),
        (range(10, 13), "**Streak:** begins with the next day that counts; the longest was 3 days"),
    ],
)
def test_the_streak_stands_with_its_freezes_and_the_longest(
    main: Bot, owner: Connection, days: Iterable[int], words: str
):
    main.command("scorecard")
    for day in days:
        log(owner, ALEX, {"approaches": 1}, day)
    assert f"\n{words}" in main.command("scorecard").text


# --- two members ---


def table(answer: Answer) -> list[str]:
    return answer.text.partition("```\n")[2].partition("\n```")[0].split("\n")


def test_two_members_stand_side_by_side_in_lines_that_fit_a_phone(main: Bot, owner: Connection):
    for bot in (main, main.as_user(SAM)):
        bot.command("scorecard")
    give(owner, ALEX, 12_000)
    give(owner, SAM, 700)
    log(owner, ALEX, {"approaches": 3, "new_contact_response": 1, "overall_state": 8})
    log(owner, SAM, {"sbmm_meditation": 2}, 1)
    answer = main.command("scorecard", {"compare": SAM})
    assert not answer.is_private
    assert answer.text.startswith("## 📊 Alex and Sam\n☀️ Luminarchs and 🌙 Noctivores\nAlex is ahead by 11,300 XP.")
    assert table(answer) == [
        "                  Alex       Sam",
        "Level               10         2",
        "XP              12,000       700",
        "Rank                 1         2",
        "Archetype      Warrior      Mage",
        "Mage points        0 %     100 %",
        "Streak               1         1",
        "Longest              1         1",
        "Approaches           3         0",
        "New Contact…         1         0",
        "SBMM Medita…         0         2",
    ]


def test_anybody_can_be_compared_with_anybody(main: Bot, owner: Connection):
    kim = User(1_300_000_000_000_000_009, "`Kim` the *very*\nlong-named")
    for bot in (main.as_user(SAM), main.as_user(kim)):
        bot.command("scorecard")
    give(owner, kim, 20_000_000)
    answer = main.command("scorecard", {"user": SAM, "compare": kim})
    assert table(answer)[0] == "                   Sam 'Kim' th…"
    assert "XP                   0      20 M" in table(answer)
    assert "Both have 0 XP." in main.command("scorecard", {"compare": SAM}).text


@pytest.mark.parametrize(
    "display_name", ["山田太郎さん", "Zoe\u0308", "Z\u0351\u036b\u0343\u036a\u0302a\u0351\u036b", "🦊🦊"]
)
def test_a_name_in_any_script_stands_above_its_figures(main: Bot, display_name: str):
    odd = User(SAM.id, display_name)
    for bot in (main, main.as_user(odd)):
        bot.command("scorecard")
    assert {columns(line) for line in table(main.command("scorecard", {"compare": odd}))} == {32}


def test_a_hidden_members_figures_stay_private_beside_anothers(main: Bot, owner: Connection):
    for bot in (main, main.as_user(SAM)):
        bot.command("scorecard")
    give(owner, ALEX, 500)
    give(owner, SAM, 700)
    hide(owner, SAM)
    theirs = main.command("scorecard", {"compare": SAM})
    assert not theirs.is_private
    assert "700" not in theirs.text
    assert "A hidden member's figures are private." in theirs.text
    assert table(theirs)[:4] == [
        "                  Alex       Sam",
        "Level                2   private",
        "XP                 500   private",
        "Rank                 1   private",
    ]
    own = main.as_user(SAM).command("scorecard", {"compare": ALEX})
    assert own.is_private
    assert "Sam is ahead by 200 XP." in own.text


def test_nobody_is_compared_with_themselves(main: Bot):
    answer = main.command("scorecard", {"compare": ALEX})
    assert answer.is_private
    assert "the same member twice" in answer.text


def test_somebody_who_was_never_met_is_named_and_nobody_is_compared(main: Bot):
    answer = main.command("scorecard", {"user": SAM, "compare": User(1_300_000_000_000_000_010, "Lou")})
    assert [line.split(" ")[1] for line in answer.text.split("\n")] == ["Sam", "Lou"]


def test_the_fullest_card_keeps_every_limit(main: Bot, owner: Connection):
    widest = User(9_000_000_000_000_000_000, "*" * 60)
    main.as_user(widest).command("scorecard")
    main.command("scorecard")
    show_all(owner, widest)
    submitted = [stat for category in stats.load().categories for stat in category.stats]
    for day in range(3):
        log(owner, widest, {stat.key: 10_000 for stat in submitted}, day)
    card = main.command("scorecard", {"user": widest})
    assert all(stat.name in card.text for stat in submitted)
    assert main.command("scorecard", {"user": widest, "compare": ALEX}).kind == 4


def test_when_the_database_is_down_the_answer_is_polite(postgres: Postgres):
    nowhere = Bot("main", Database(replace(postgres.settings("app_main"), port=1)))
    assert "so this was not done" in nowhere.command("scorecard", {"compare": SAM}).text
