"""/tenseyleaderboard: who has done how many challenges, for all to see, and each one's own place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as ticks
from mastermind.game.challenges import content as challenges
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, SAM, Bot, labels, unrevised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit import discord_client as discord
    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7
COUNT = challenges.load().count
CROWD = [User(2_000 + number, f"Member {number}") for number in range(1, 24)]


def opened(bot: Bot, **options: discord.Value) -> Answer:
    return bot.command("tenseyleaderboard", options)


def give(owner: Connection, done: Mapping[User, int]) -> None:
    """Members with challenges done, whatever they had before: the counter and its total, as the ledger keeps them."""
    owner.execute_many(
        "INSERT INTO users (user_id, display_name, time_zone, social_freedom_exercises_tenseys)"
        " VALUES (%s, %s, 'UTC', %s) ON CONFLICT (user_id)"
        " DO UPDATE SET social_freedom_exercises_tenseys = EXCLUDED.social_freedom_exercises_tenseys",
        [(user.id, user.name, count) for user, count in done.items()],
    )
    owner.execute_many(
        "INSERT INTO xp_totals (period, board, user_id, total, hidden)"
        " SELECT 'all', 'tensey', user_id, %s, hidden FROM users WHERE user_id = %s"
        " ON CONFLICT (period, board, user_id) DO UPDATE SET total = EXCLUDED.total",
        [(count, user.id) for user, count in done.items()],
    )


def give_crowd(owner: Connection) -> None:
    """23 members with 230, 220, 210 ... 10 challenges: three pages."""
    give(owner, {user: 230 - 10 * place for place, user in enumerate(CROWD)})


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])


def lines(answer: Answer) -> list[str]:
    """What stands on the board, line by line, without heading and own place."""
    texts = [cast("str", part["content"]) for part in answer.parts() if part["type"] == 10]
    return texts[1].split("\n")


def own_place(answer: Answer) -> str:
    texts = [cast("str", part["content"]) for part in answer.parts() if part["type"] == 10]
    return texts[2] if len(texts) > 2 else ""


# --- the board ---


def test_an_empty_board_says_how_to_get_on_it(tensey: Bot):
    board = opened(tensey)
    assert board.kind == MESSAGE
    assert not board.is_private
    assert "## Challenges done\nPage 1 of 1, 0 members, 303 challenges" in board.text
    assert lines(board) == [
        "Nobody is on the board yet. The first challenge opens it: `/tenseylist` shows what there is to do."
    ]
    assert own_place(board) == "Alex has no place yet: the first challenge opens it."
    assert labels(board) == ["Refresh"]


def test_the_first_three_have_medals_in_words_too_and_everybody_their_share(tensey: Bot, owner: Connection):
    give(owner, {ALEX: 12, SAM: 303, User(1, "Kim"): 100, User(2, "Lou"): 3, User(3, "Max"): 0})
    board = opened(tensey)
    assert "Page 1 of 1, 4 members, 303 challenges" in board.text
    assert lines(board) == [
        "🥇 **1. Gold** Sam: 303 done (100 %)",
        "🥈 **2. Silver** Kim: 100 done (33 %)",
        "🥉 **3. Bronze** Alex: 12 done (3 %)",
        "**4.** Lou: 3 done (0 %)",
    ]
    assert own_place(board) == "Alex is in place **3**, with 12 done (3 %)."


def test_ties_share_a_place_and_a_medal(tensey: Bot, owner: Connection):
    give(owner, {User(1, "Ann"): 5, User(2, "Ben"): 5, User(3, "Cem"): 4, User(4, "Dan"): 4, User(5, "Eve"): 1})
    assert [line.partition(" done")[0] for line in lines(opened(tensey))] == [
        "🥇 **1. Gold** Ann: 5",
        "🥇 **1. Gold** Ben: 5",
        "🥉 **3. Bronze** Cem: 4",
        "🥉 **3. Bronze** Dan: 4",
        "**5.** Eve: 1",
    ]


def test_a_challenge_counts_when_it_is_awarded_and_stops_counting_when_undone(
    tensey: Bot, awards: Database, owner: Connection
):
    fast = replace(tensey, xp_delay=0)
    page = fast.tap(fast.command("tenseylist"), "Tick 1")
    assert "no place yet" in own_place(opened(fast))
    awards.run(lambda conn: ticks.sweep(conn, Deadline.after(60)), Deadline.after(60))
    assert lines(opened(fast)) == ["🥇 **1. Gold** Alex: 1 done (0 %)"]
    fast.tap(page, "Undo")
    assert "Nobody is on the board yet." in opened(fast).text
    assert owner.execute("SELECT total FROM xp_totals WHERE board = 'tensey' AND period = 'all'").fetchall() == [(0,)]


def test_completions_of_an_earlier_list_never_exceed_100_percent(tensey: Bot, owner: Connection):
    give(owner, {ALEX: COUNT + 7})
    assert lines(opened(tensey)) == ["🥇 **1. Gold** Alex: 310 done (100 %)"]


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
    assert lines(opened(tensey)) == [f"🥇 **1. Gold** {shown}: 2 done (0 %)"]


def test_the_widest_page_keeps_every_limit(tensey: Bot, owner: Connection):
    give(owner, {User(10**18 + number, "*" * 60): 303 for number in range(30)})
    widest = User(9_000_000_000_000_000_000, "@" * 60)
    give(owner, {widest: 1})
    board = tensey.as_user(widest).tap(opened(tensey.as_user(widest)), "Next")
    assert len(lines(board)) == 10
    assert max(len(custom_id) for _, custom_id in board.buttons) < 100


def test_viewing_the_board_makes_a_member(tensey: Bot, owner: Connection):
    opened(tensey)
    assert owner.execute("SELECT user_id, display_name FROM users").fetchall() == [(ALEX.id, "Alex")]


# --- pages ---


def test_the_first_page_says_where_the_buttons_lead(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey)
    assert "Page 1 of 3, 23 members" in board.text
    assert len(lines(board)) == 10
    assert labels(board) == ["Next: page 2", "My page", "Refresh"]


def test_paging_shows_everyone_once_and_leads_back(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board, seen = opened(tensey), list[str]()
    while True:
        seen += lines(board)
        if not any(label.startswith("Next") for label in labels(board)):
            break
        board = tensey.tap(board, "Next")
        assert board.kind == UPDATE
    assert [line.rpartition("** ")[2].partition(":")[0] for line in seen] == [user.name for user in CROWD]
    assert labels(board) == ["Previous: page 2", "My page", "Refresh"]
    assert "Page 2 of 3" in tensey.tap(board, "Previous").text


@pytest.mark.parametrize(("page", "shown"), [(1, 1), (2, 2), (3, 3), (4, 3), (2**53, 3)])
def test_a_page_can_be_asked_for_and_beyond_the_end_it_is_the_last(
    tensey: Bot, owner: Connection, page: int, shown: int
):
    give_crowd(owner)
    assert f"Page {shown} of 3" in opened(tensey, page=page).text


@pytest.mark.parametrize("page", [0, -1])
def test_there_is_no_page_before_the_first(tensey: Bot, page: int):
    assert opened(tensey, page=page).is_private


def test_a_board_that_has_become_shorter_shows_its_last_page(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey, page=3)
    owner.execute("DELETE FROM xp_totals WHERE user_id > 2_005 AND user_id < 3_000")
    owner.execute("DELETE FROM users WHERE user_id > 2_005 AND user_id < 3_000")
    assert "Page 1 of 1, 5 members" in tensey.tap(board, "Refresh").text


def test_the_own_place_is_shown_off_the_page_and_my_page_leads_there(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 15})
    board = opened(tensey)
    assert own_place(board) == "Alex is in place **23**, with 15 done (4 %)."
    board = tensey.tap(board, "My page")
    assert board.kind == UPDATE
    assert "Page 3 of 3" in board.text
    assert "**23.** Alex: 15 done (4 %)" in lines(board)
    assert own_place(board) == "Alex is in place **23**, with 15 done (4 %)."


def test_a_member_without_a_place_is_led_to_the_first_page(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = tensey.tap(opened(tensey, page=2), "My page")
    assert "Page 1 of 3" in board.text
    assert own_place(board) == "Alex has no place yet: the first challenge opens it."


def test_refresh_shows_the_same_page_as_it_is_now(tensey: Bot, owner: Connection):
    give_crowd(owner)
    board = opened(tensey, page=2)
    assert unrevised(tensey.tap(board, "Refresh"))["data"] == unrevised(board)["data"]
    give(owner, {CROWD[-1]: 125})
    again = tensey.tap(board, "Refresh")
    assert "Page 2 of 3" in again.text
    assert "**12.** Member 23: 125 done (41 %)" in lines(again)


# --- the buttons are everybody's ---


@pytest.mark.parametrize(("label", "page"), [("Previous", 1), ("Next", 3), ("Refresh", 2), ("My page", 3)], ids=str)
def test_another_members_tap_opens_their_own_private_copy(tensey: Bot, owner: Connection, label: str, page: int):
    give_crowd(owner)
    give(owner, {SAM: 15})
    board = opened(tensey, page=2)
    sam = tensey.as_user(SAM)
    copy = sam.tap(board, label)
    assert copy.kind == MESSAGE
    assert copy.is_private
    assert f"Page {page} of 3" in copy.text
    assert own_place(copy) == "Your place: **23**, with 15 done (4 %)."
    assert "Alex" not in copy.text


def test_the_buttons_of_a_private_copy_change_that_copy(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {SAM: 15})
    sam = tensey.as_user(SAM)
    copy = sam.tap(opened(tensey), "Next")
    for label, page in (("Next", 3), ("Previous", 2), ("My page", 3), ("Refresh", 3)):
        copy = sam.tap(copy, label)
        assert copy.kind == UPDATE
        assert f"Page {page} of 3" in copy.text
        assert own_place(copy) == "Your place: **23**, with 15 done (4 %)."
    assert "**23.** Sam (you): 15 done (4 %)" in lines(copy)
    assert labels(copy) == ["Previous: page 2", "Refresh"]


def test_in_a_private_copy_my_page_needs_a_place(tensey: Bot, owner: Connection):
    give_crowd(owner)
    copy = tensey.as_user(SAM).tap(opened(tensey), "Refresh")
    assert labels(copy) == ["Next: page 2", "Refresh"]
    assert own_place(copy).startswith("You have no place yet: your first challenge opens it.")


def test_a_button_without_an_owner_opens_a_private_copy(tensey: Bot, owner: Connection):
    give(owner, {ALEX: 3})
    copy = tensey.press(custom_ids.make("tenseyleaderboard", "open", 0))
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert lines(copy) == ["🥇 **1. Gold** Alex (you): 3 done (0 %)"]
    assert tensey.tap(copy, "Refresh").kind == UPDATE


# --- who is hidden ---


def test_a_hidden_member_is_not_listed_and_does_not_count_in_ranks(tensey: Bot, owner: Connection):
    give(owner, {SAM: 50, User(1, "Kim"): 20, ALEX: 10})
    hide(owner, SAM)
    board = opened(tensey)
    assert "2 members" in board.text
    assert "Sam" not in board.text
    assert own_place(board) == "Alex is in place **2**, with 10 done (3 %)."


def test_a_hidden_member_gets_a_private_board_with_the_place_they_would_have(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {SAM: 15})
    hide(owner, SAM)
    sam = tensey.as_user(SAM)
    board = opened(sam)
    assert board.is_private
    assert own_place(board) == (
        "Your place would be **23**, with 15 done (4 %).\n"
        "-# Only you see this: the board leaves you out. `/settings` changes that."
    )
    assert labels(board) == ["Next: page 2", "Refresh"]
    board = sam.tap(board, "Next")
    assert board.kind == UPDATE
    assert "Your place would be **23**" in own_place(board)


def test_a_hidden_member_without_a_challenge_is_told_so_in_private(tensey: Bot, owner: Connection):
    opened(tensey)
    hide(owner, ALEX)
    board = opened(tensey)
    assert board.is_private
    assert "You have no place yet" in own_place(board)
    assert "the board leaves you out" in own_place(board)


@pytest.mark.parametrize("label", ["Next", "Refresh"])
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
    assert "place" not in board.text


def test_a_hidden_opener_of_a_public_message_gets_a_private_copy(tensey: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 300})
    board = opened(tensey)
    hide(owner, ALEX)
    answer = tensey.tap(board, "My page")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    assert "Your place would be **1**, with 300 done (99 %)." in own_place(answer)


# --- trouble and nonsense ---


def test_when_the_database_is_down_the_answer_is_polite(tensey: Bot, postgres: Postgres):
    board = opened(tensey)
    nowhere = Bot("tensey", Database(replace(postgres.settings("app_tensey"), port=1)))
    for answer in (opened(nowhere), nowhere.tap(board, "Refresh")):
        assert answer.is_private
        assert "so this was not done" in answer.text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1",),
        ("1", "public"),
        ("1", "public", "é"),
        ("1", "secret", "1"),
        ("", "public", "1"),
        ("1", "public", "-1"),
    ],
)
def test_a_button_that_makes_no_sense_is_refused(tensey: Bot, arguments: tuple[str, ...]):
    assert tensey.press(custom_ids.make("tenseyleaderboard", "next", 0, *arguments)).status == 400


@pytest.mark.parametrize("page", [0, 2**62])
def test_a_forged_page_number_is_clamped_to_the_board(tensey: Bot, owner: Connection, page: int):
    give_crowd(owner)
    answer = tensey.press(custom_ids.make("tenseyleaderboard", "next", 0, ALEX.id, "public", page))
    assert f"Page {3 if page else 1} of 3" in answer.text
