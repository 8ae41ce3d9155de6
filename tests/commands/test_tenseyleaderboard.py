"""/tenseyleaderboard: who has done how many challenges, for all to see, and each one's own place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as ticks
from mastermind.postgres.database import Database
from tests.commands.boards import CROWD, hide, lines, texts
from tests.commands.playing import ALEX, SAM, Bot, labels, unrevised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit import discord_client as discord
    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7


def opened(bot: Bot, **options: discord.Value) -> Answer:
    return bot.command("tenseyleaderboard", options)


def give(owner: Connection, done: Mapping[User, int]) -> None:
    """Members with challenges done this week, whatever they had before: as the ledger keeps counter and totals."""
    owner.execute_many(
        "INSERT INTO users (user_id, display_name, time_zone, social_freedom_exercises_tenseys)"
        " VALUES (%s, %s, 'UTC', %s) ON CONFLICT (user_id)"
        " DO UPDATE SET social_freedom_exercises_tenseys = EXCLUDED.social_freedom_exercises_tenseys",
        [(user.id, user.name, count) for user, count in done.items()],
    )
    owner.execute_many(
        "INSERT INTO xp_totals (period, board, user_id, total, hidden)"
        " SELECT asked.period, 'tensey', user_id, %s, hidden FROM users"
        " CROSS JOIN unnest(ARRAY['week', 'all']) AS reach"
        " CROSS JOIN LATERAL period_now(reach, 'America/New_York') AS asked WHERE user_id = %s"
        " ON CONFLICT (period, board, user_id) DO UPDATE SET total = EXCLUDED.total",
        [(count, user.id) for user, count in done.items()],
    )


def give_crowd(owner: Connection) -> None:
    """23 members with 230, 220, 210 ... 10 challenges."""
    give(owner, {user: 230 - 10 * place for place, user in enumerate(CROWD)})


def own_place(answer: Answer) -> str:
    """What is said of the own place where the line is not shown."""
    return texts(answer)[2] if len(texts(answer)) > 3 else ""


# --- the board ---


def test_an_empty_board_says_how_to_get_on_it(tensey: Bot):
    board = opened(tensey)
    assert board.kind == MESSAGE
    assert not board.is_private
    assert board.text.startswith("## 🏆 Challenges done this week\n")
    assert lines(board) == ["The week is young, and this board is still free. The first challenge opens it."]
    assert texts(board)[2:] == ["-# `/tenseylist` shows what there is to do."]
    assert labels(board) == ["🔄", "This week", "This month", "All time"]


def test_the_first_three_have_medals_and_ones_own_line_the_gap(tensey: Bot, owner: Connection):
    give(owner, {ALEX: 12, SAM: 303, User(1, "Kim"): 100, User(2, "Lou"): 3, User(3, "Max"): 0})
    board = opened(tensey)
    assert texts(board)[0].endswith(" · 4 members")
    assert lines(board) == [
        "🥇 **1.** 303 · Sam",
        "🥈 **2.** 100 · Kim",
        "▶ 🥉 **3. 12 · Alex** · 88 behind Kim",
        "**4.** 3 · Lou",
    ]
    assert own_place(board) == ""


def test_it_opens_on_this_week_and_all_time_is_one_tap_away(tensey: Bot, owner: Connection):
    give(owner, {ALEX: 12, SAM: 30})
    owner.execute("UPDATE xp_totals SET total = total - 10 WHERE period <> 'all'")
    board = opened(tensey)
    assert lines(board) == ["🥇 **1.** 20 · Sam", "▶ 🥈 **2. 2 · Alex** · 18 behind Sam"]
    board = tensey.tap(board, "All time")
    assert board.text.startswith("## 🏆 Challenges done\n2 members\n")
    assert lines(board) == ["🥇 **1.** 30 · Sam", "▶ 🥈 **2. 12 · Alex** · 18 behind Sam"]
    assert tensey.tap(board, "This week").text.startswith("## 🏆 Challenges done this week\n")


def test_ties_share_a_place_and_a_medal(tensey: Bot, owner: Connection):
    give(owner, {User(1, "Ann"): 5, User(2, "Ben"): 5, User(3, "Cem"): 4, User(4, "Dan"): 4, User(5, "Eve"): 1})
    assert lines(opened(tensey)) == [
        "🥇 **1.** 5 · Ann",
        "🥇 **1.** 5 · Ben",
        "🥉 **3.** 4 · Cem",
        "🥉 **3.** 4 · Dan",
        "**5.** 1 · Eve",
    ]


def test_a_challenge_counts_when_it_is_awarded_and_stops_counting_when_undone(
    tensey: Bot, awards: Database, owner: Connection
):
    fast = replace(tensey, xp_delay=0)
    page = fast.tap(fast.command("tenseylist"), "Did it")
    assert "still free" in opened(fast).text
    awards.run(lambda conn: ticks.sweep(conn, Deadline.after(60)), Deadline.after(60))
    assert lines(opened(fast)) == ["▶ 🥇 **1. 1 · Alex**"]
    fast.tap(page, "Undo")
    assert "still free" in opened(fast).text
    assert owner.execute("SELECT total FROM xp_totals WHERE board = 'tensey' AND period = 'all'").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("**Bold** <@1>", "\\*\\*Bold\\*\\* \\<\\@1\\>"),
        ("two\n# lines", "two \\# lines"),
        ("x" * 60, "x" * 31 + "…"),
        ("🦊" * 60, "🦊" * 31 + "…"),
        (" ", "A member"),
    ],
)
def test_names_are_escaped(tensey: Bot, owner: Connection, name: str, shown: str):
    give(owner, {User(1, name): 2})
    assert lines(opened(tensey)) == [f"🥇 **1.** 2 · {shown}"]


def test_the_widest_page_keeps_every_limit(tensey: Bot, owner: Connection):
    give(owner, {User(10**18 + number, "*" * 60): 303 for number in range(30)})
    widest = User(9_000_000_000_000_000_000, "@" * 60)
    give(owner, {widest: 1})
    board = tensey.as_user(widest).tap(opened(tensey.as_user(widest), page=1), "▶️")
    assert len(lines(board)) == 10
    assert max(len(custom_id) for _, custom_id in board.buttons) < 100


def test_viewing_the_board_makes_a_member(tensey: Bot, owner: Connection):
    opened(tensey)
    assert owner.execute("SELECT user_id, display_name FROM users").fetchall() == [(ALEX.id, "Alex")]


# --- pages ---


def test_who_has_no_place_sees_the_first_ten(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey)
    assert "laces 1 to 10 of 23" in board.text
    assert len(lines(board)) == 10
    assert labels(board) == ["▶️", "Me", "🔄", "This week", "This month", "All time"]


def test_paging_shows_everyone_once_and_leads_back(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board, seen = opened(tensey), list[str]()
    while True:
        seen += lines(board)
        if "▶️" not in labels(board):
            break
        board = tensey.tap(board, "▶️")
        assert board.kind == UPDATE
    assert [line.partition(" · ")[2] for line in seen] == [user.name for user in CROWD]
    assert labels(board) == ["Top", "◀️", "Me", "🔄", "This week", "This month", "All time"]
    assert "laces 11 to 20 of 23" in tensey.tap(board, "◀️").text
    assert "laces 1 to 10 of 23" in tensey.tap(board, "Top").text


@pytest.mark.parametrize(("page", "shown"), [(1, "1 to 10"), (2, "11 to 20"), (3, "21 to 23"), (4, "21 to 23")])
def test_a_page_can_be_asked_for_and_beyond_the_end_it_is_the_last(
    tensey: Bot, owner: Connection, page: int, shown: str
):
    give_crowd(owner)
    assert f"laces {shown} of 23" in opened(tensey, page=page).text


@pytest.mark.parametrize("page", [0, -1])
def test_there_is_no_page_before_the_first(tensey: Bot, page: int):
    assert opened(tensey, page=page).is_private


def test_a_board_that_has_become_shorter_shows_its_last_page(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey, page=3)
    owner.execute("DELETE FROM xp_totals WHERE user_id > 2_005 AND user_id < 3_000")
    owner.execute("DELETE FROM users WHERE user_id > 2_005 AND user_id < 3_000")
    assert " · 5 members" in tensey.tap(board, "🔄").text


def test_ones_own_place_is_said_where_the_line_is_not_shown_and_a_button_leads_there(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 15})
    board = opened(tensey, page=1)
    assert own_place(board) == "Alex is in place **23**, with 15 done."
    board = tensey.tap(board, "Me")
    assert board.kind == UPDATE
    assert "laces 15 to 24 of 24" in board.text
    assert "▶ **23. 15 · Alex** · 5 behind Member 22" in lines(board)
    assert own_place(board) == ""


def test_a_member_without_a_place_is_led_to_the_top(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = tensey.tap(opened(tensey, page=2), "Me")
    assert "laces 1 to 10 of 23" in board.text
    assert own_place(board) == "Alex has no place yet: the first challenge this week opens it."


def test_refresh_shows_the_same_page_as_it_is_now(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey, page=2)
    assert unrevised(tensey.tap(board, "🔄"))["data"] == unrevised(board)["data"]
    give(owner, {CROWD[-1]: 125})
    again = tensey.tap(board, "🔄")
    assert "laces 11 to 20 of 23" in again.text
    assert "**12.** 125 · Member 23" in lines(again)


# --- the buttons are everybody's ---


@pytest.mark.parametrize(
    ("label", "places"), [("◀️", "1 to 10"), ("▶️", "21 to 24"), ("🔄", "11 to 20"), ("Me", "15 to 24")], ids=str
)
def test_another_members_tap_opens_their_own_private_copy(tensey: Bot, owner: Connection, label: str, places: str):
    give_crowd(owner)
    give(owner, {SAM: 15})
    board = opened(tensey, page=2)
    sam = tensey.as_user(SAM)
    copy = sam.tap(board, label)
    assert copy.kind == MESSAGE
    assert copy.is_private
    assert f"laces {places} of 24" in copy.text
    own = "▶ **23. 15 · you** · 5 behind Member 22"
    assert own in lines(copy) or own_place(copy) == "Your place: **23**, with 15 done."
    assert "Alex" not in copy.text


def test_the_buttons_of_a_private_copy_change_that_copy(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {SAM: 15})
    sam = tensey.as_user(SAM)
    copy = sam.tap(opened(tensey), "▶️")
    for label, places in (("▶️", "21 to 24"), ("◀️", "11 to 20"), ("Me", "15 to 24"), ("🔄", "15 to 24")):
        copy = sam.tap(copy, label)
        assert copy.kind == UPDATE
        assert f"laces {places} of 24" in copy.text
    assert "▶ **23. 15 · you** · 5 behind Member 22" in lines(copy)
    assert labels(copy) == ["Top", "◀️", "🔄", "This week", "This month", "All time"]


def test_in_a_private_copy_the_button_to_oneself_needs_a_place(tensey: Bot, owner: Connection):
    give_crowd(owner)
    copy = tensey.as_user(SAM).tap(opened(tensey), "🔄")
    assert labels(copy) == ["▶️", "🔄", "This week", "This month", "All time"]
    assert own_place(copy) == "You have no place yet: your first challenge this week opens it."


def test_a_button_without_an_owner_opens_a_private_copy(tensey: Bot, owner: Connection):
    give(owner, {ALEX: 3})
    copy = tensey.press(custom_ids.make("tenseyleaderboard", "open", 0))
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert lines(copy) == ["▶ 🥇 **1. 3 · you**"]
    assert tensey.tap(copy, "🔄").kind == UPDATE


# --- who is hidden ---


def test_a_hidden_member_is_not_listed_and_does_not_count_in_ranks(tensey: Bot, owner: Connection):
    give(owner, {SAM: 50, User(1, "Kim"): 20, ALEX: 10})
    hide(owner, SAM)
    board = opened(tensey)
    assert "2 members" in board.text
    assert "Sam" not in board.text
    assert lines(board)[1] == "▶ 🥈 **2. 10 · Alex** · 10 behind Kim"


def test_a_hidden_member_gets_a_private_board_with_the_place_they_would_have(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {SAM: 15})
    hide(owner, SAM)
    sam = tensey.as_user(SAM)
    board = opened(sam)
    assert board.is_private
    assert own_place(board) == (
        "Your place would be **23**, with 15 done.\n"
        "-# Only you see this: the board leaves you out. `/settings` changes that."
    )
    assert labels(board) == ["▶️", "🔄", "This week", "This month", "All time"]
    board = sam.tap(board, "▶️")
    assert board.kind == UPDATE
    assert "Your place would be **23**" in own_place(board)


def test_a_hidden_member_without_a_challenge_is_told_so_in_private(tensey: Bot, owner: Connection):
    opened(tensey)
    hide(owner, ALEX)
    board = opened(tensey)
    assert board.is_private
    assert "You have no place yet" in own_place(board)
    assert "the board leaves you out" in own_place(board)


@pytest.mark.parametrize("label", ["▶️", "🔄"])
def test_a_public_message_drops_its_openers_line_once_they_are_hidden(tensey: Bot, owner: Connection, label: str):
    give_crowd(owner)
    give(owner, {ALEX: 300})
    board = opened(tensey)
    assert "Alex" in board.text
    hide(owner, ALEX)
    board = tensey.tap(board, label)
    assert board.kind == UPDATE
    assert own_place(board) == ""
    assert "Alex" not in board.text
    assert "in place" not in board.text


def test_a_hidden_opener_of_a_public_message_gets_a_private_copy(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 300})
    board = opened(tensey)
    hide(owner, ALEX)
    answer = tensey.tap(board, "Me")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    assert "Your place would be **1**, with 300 done." in own_place(answer)


# --- trouble and nonsense ---


def test_when_the_database_is_down_the_answer_is_polite(tensey: Bot, postgres: Postgres):
    board = opened(tensey)
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    for answer in (opened(nowhere), nowhere.tap(board, "🔄")):
        assert answer.is_private
        assert "so this was not done" in answer.text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1",),
        ("1", "public"),
        ("1", "public", "1"),
        ("1", "public", "é", "all"),
        ("1", "secret", "1", "all"),
        ("", "public", "1", "all"),
        ("1", "public", "-1", "all"),
        ("1", "public", "1", "year"),
    ],
)
def test_a_button_that_makes_no_sense_is_refused(tensey: Bot, arguments: tuple[str, ...]):
    assert tensey.press(custom_ids.make("tenseyleaderboard", "next", 0, *arguments)).status == 400


@pytest.mark.parametrize(("before", "shown"), [(0, "1 to 10"), (2**62, "21 to 23")])
def test_a_forged_place_is_clamped_to_the_board(tensey: Bot, owner: Connection, before: int, shown: str):
    give_crowd(owner)
    answer = tensey.press(custom_ids.make("tenseyleaderboard", "next", 0, ALEX.id, "public", before, "week"))
    assert f"laces {shown} of 23" in answer.text
