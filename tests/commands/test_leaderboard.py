"""/leaderboard: who has most XP, challenges or of any stat, this week, this month or ever, and each one's own place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.bot.dispatch import STALE
from mastermind.game.catalogue import content as stats
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, SAM, Bot, labels, unrevised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7
ZONE = "America/New_York"  # of the deployment
NOW, LONG_AGO = 0, 400
CROWD = [User(2_000 + number, f"Member {number}") for number in range(1, 24)]


def opened(
    bot: Bot, board: str = "", reach: str = "", *, page: int | None = None, around_me: bool | None = None
) -> Answer:
    """What is empty or None is left out."""
    named = {"board": board or None, "range": reach or None, "page": page, "around-me": around_me}
    return bot.command("leaderboard", {name: value for name, value in named.items() if value is not None})


def meet(owner: Connection, *users: User) -> None:
    owner.execute_many(
        "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, %s, 'UTC') ON CONFLICT DO NOTHING",
        [(user.id, user.name) for user in users],
    )


def give(owner: Connection, xp: Mapping[User, int], days_ago: int = NOW) -> None:
    """Book XP as an admin's correction does."""
    meet(owner, *xp)
    owner.execute_many(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, local_day(now(), %s) - %s::int)",
        [(user.id, amount, ZONE, days_ago) for user, amount in xp.items()],
    )


def do_challenges(owner: Connection, done: Mapping[User, int], days_ago: int = NOW) -> None:
    meet(owner, *done)
    owner.execute_many(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " SELECT %s, 100, 'award', 'tensey', gen_random_uuid()::text, local_day(now(), %s) - %s::int"
        " FROM generate_series(1, %s)",
        [(user.id, ZONE, days_ago, count) for user, count in done.items()],
    )


def log(owner: Connection, stat: str, counts: Mapping[User, int], days_ago: int = NOW) -> None:
    meet(owner, *counts)
    for user, count in counts.items():
        owner.execute(
            "INSERT INTO booked_days (user_id, day, streak_share)"
            " VALUES (%s, local_day(now(), %s) - %s::int, 0) ON CONFLICT DO NOTHING",
            [user.id, ZONE, days_ago],
        )
        owner.execute(
            "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
            " VALUES (%s, local_day(now(), %s) - %s::int, %s, %s, false, 0, 0, 0)",
            [user.id, ZONE, days_ago, stat, count],
        )


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])


def texts(answer: Answer) -> list[str]:
    """Heading, lines, own place."""
    return [cast("str", part["content"]) for part in answer.parts() if part["type"] == 10]


def lines(answer: Answer) -> list[str]:
    return texts(answer)[1].split("\n")


# --- boards and times ---


@pytest.mark.parametrize("reach", ["week", "month", "all"])
@pytest.mark.parametrize("board", ["", "xp", "tensey", *stats.load().by_key])
def test_every_empty_board_says_how_to_get_on_it(main: Bot, board: str, reach: str):
    if board in {stat.key for stat in stats.load().automatic}:
        assert "I could not tell which board you mean" in opened(main, board, reach).text
        return
    answer = opened(main, board, reach)
    kept = board in stats.load().kept(())
    assert answer.is_private == kept
    assert "Page 1 of 1, 0 members" in answer.text
    assert "Nobody is on the board yet." in answer.text
    assert ("`/settings` says who sees it" in answer.text) == kept
    assert texts(answer)[2].startswith("You have no" if kept else "Alex has no place yet: the first ")
    assert labels(answer) == ["Refresh"]


def test_without_options_it_is_the_xp_of_all_time(main: Bot, owner: Connection):
    give(owner, {SAM: 5_000, User(1, "Kim"): 700, User(2, "Lou"): 40}, LONG_AGO)
    give(owner, {ALEX: 900})
    assert texts(opened(main)) == [
        "## XP\nPage 1 of 1, 4 members",
        "🥇 **1. Gold** Sam: 5,000 XP\n🥈 **2. Silver** Alex: 900 XP\n🥉 **3. Bronze** Kim: 700 XP\n**4.** Lou: 40 XP",
        "Alex is in place **2**, with 900 XP.",
    ]


@pytest.mark.parametrize(("reach", "since"), [("week", "this week"), ("month", "this month")])
def test_a_week_and_a_month_count_what_lies_in_them_and_name_their_days(
    main: Bot, owner: Connection, reach: str, since: str
):
    give(owner, {SAM: 5_000, ALEX: 50}, LONG_AGO)
    give(owner, {ALEX: 900, User(1, "Kim"): 1_000})
    answer = opened(main, "xp", reach)
    heading, *rest = texts(answer)[0].split("\n")
    assert heading == f"## XP {since}"
    assert " to " in rest[0]
    assert rest[1] == "Page 1 of 1, 2 members"
    assert lines(answer) == ["🥇 **1. Gold** Kim: 1,000 XP", "🥈 **2. Silver** Alex: 900 XP"]


def test_challenges_have_a_board_here_too(main: Bot, owner: Connection):
    do_challenges(owner, {SAM: 12}, LONG_AGO)
    do_challenges(owner, {ALEX: 3})
    assert lines(opened(main, "tensey")) == ["🥇 **1. Gold** Sam: 12 done", "🥈 **2. Silver** Alex: 3 done"]
    assert lines(opened(main, "tensey", "week")) == ["🥇 **1. Gold** Alex: 3 done"]
    assert "## Challenges done this week" in opened(main, "tensey", "week").text


def test_every_stat_has_a_board(main: Bot, owner: Connection):
    log(owner, "approaches", {SAM: 100, ALEX: 7}, LONG_AGO)
    log(owner, "approaches", {ALEX: 5})
    log(owner, "numbers", {SAM: 50})
    assert lines(opened(main, "approaches")) == ["🥇 **1. Gold** Sam: 100 logged", "🥈 **2. Silver** Alex: 12 logged"]
    assert lines(opened(main, "Approaches ", "month")) == ["🥇 **1. Gold** Alex: 5 logged"]
    assert texts(opened(main, "numbers", "week"))[2] == "Alex has no place yet: the first entry this week opens it."


def test_ties_share_a_place_and_a_medal(main: Bot, owner: Connection):
    give(owner, {User(1, "Ann"): 500, User(2, "Ben"): 500, User(3, "Cem"): 430, User(4, "Dan"): 430, User(5, "Eve"): 1})
    for reach in ("week", "month", "all"):
        assert [line.partition(" XP")[0] for line in lines(opened(main, "xp", reach))] == [
            "🥇 **1. Gold** Ann: 500",
            "🥇 **1. Gold** Ben: 500",
            "🥉 **3. Bronze** Cem: 430",
            "🥉 **3. Bronze** Dan: 430",
            "**5.** Eve: 1",
        ]


def test_a_member_below_zero_has_no_place(main: Bot, owner: Connection):
    give(owner, {ALEX: -300, SAM: 20})
    for reach in ("week", "month", "all"):
        answer = opened(main, "xp", reach)
        assert lines(answer) == ["🥇 **1. Gold** Sam: 20 XP"]
        assert "Alex has no place yet" in texts(answer)[2]


# --- choosing a board ---


def test_what_is_typed_finds_boards_by_their_names(main: Bot):
    every = main.typing("leaderboard", "board", "")
    assert [choice["value"] for choice in every.choices[:2]] == ["xp", "tensey"]
    assert len(every.choices) == 2 + sum(len(category.stats) for category in stats.load().categories)
    assert [choice["name"] for choice in main.typing("leaderboard", "board", "DATE").choices] == [
        "Dates Booked",
        "Dates Had",
        "Instant Date",
    ]
    assert main.typing("leaderboard", "board", "no such thing").choices == []


def test_a_board_is_found_by_what_is_typed(main: Bot):
    for typed in ("Instant Date", "instant", "INSTANT\u200b date", "instant_date"):
        assert "Instant Date" in opened(main, typed).text
    assert "I could not tell which board you mean" in opened(main, "date").text  # it could be three


def test_an_unknown_board_is_refused_politely(main: Bot):
    answer = opened(main, "charisma")
    assert answer.is_private
    assert "I could not tell which board you mean" in answer.text


def test_a_stat_that_left_the_catalogue_has_no_board_any_more(main: Bot):
    answer = main.press(custom_ids.make("leaderboard", "next", 0, ALEX.id, "public", 1, "juggling", "all"))
    assert answer.is_private
    assert "This board no longer exists." in answer.text


# --- pages ---


def give_crowd(owner: Connection) -> None:
    """23 members with 2,300, 2,200 ... 100 XP: three pages."""
    give(owner, {user: 2_300 - 100 * place for place, user in enumerate(CROWD)})


@pytest.mark.parametrize(("board", "reach"), [("xp", "all"), ("xp", "week"), ("approaches", "month")])
def test_paging_shows_everyone_once_and_stays_on_its_board(main: Bot, owner: Connection, board: str, reach: str):
    give_crowd(owner)
    log(owner, "approaches", {user: 30 - place for place, user in enumerate(CROWD)})
    answer, seen = opened(main, board, reach), list[str]()
    title = texts(answer)[0].split("\n")[0]
    while True:
        seen += lines(answer)
        if not any(label.startswith("Next") for label in labels(answer)):
            break
        answer = main.tap(answer, "Next")
        assert answer.kind == UPDATE
        assert texts(answer)[0].split("\n")[0] == title
    assert [line.rpartition("** ")[2].partition(":")[0] for line in seen] == [user.name for user in CROWD]
    assert "Page 2 of 3" in main.tap(answer, "Previous").text


def test_around_me_opens_the_page_with_the_own_line(main: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 150})
    for reach in ("week", "month", "all"):
        answer = opened(main, "xp", reach, around_me=True)
        assert "Page 3 of 3" in answer.text
        assert "**23.** Alex: 150 XP" in lines(answer)
    assert "Page 1 of 3" in opened(main, around_me=False).text


def test_around_me_and_a_page_exclude_each_other(main: Bot):
    answer = opened(main, page=2, around_me=True)
    assert answer.is_private
    assert "Leave one of them out." in answer.text


def test_the_own_place_is_shown_off_the_page_and_my_page_leads_there(main: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 150})
    answer = opened(main, "xp", "week", page=1)
    assert texts(answer)[2] == "Alex is in place **23**, with 150 XP."
    assert "**23.** Alex: 150 XP" in lines(main.tap(answer, "My page"))


def test_refresh_shows_the_board_as_it_is_now(main: Bot, owner: Connection):
    give_crowd(owner)
    answer = opened(main, "xp", "week", page=2)
    assert unrevised(main.tap(answer, "Refresh"))["data"] == unrevised(answer)["data"]
    give(owner, {ALEX: 9_000})
    assert "24 members" in main.tap(answer, "Refresh").text


# --- whose message it is ---


@pytest.mark.parametrize("label", ["Previous", "Next", "Refresh", "My page"])
def test_another_members_tap_opens_their_own_private_copy(main: Bot, owner: Connection, label: str):
    give_crowd(owner)
    give(owner, {SAM: 150})
    answer = opened(main, "xp", "week", page=2)
    sam = main.as_user(SAM)
    copy = sam.tap(answer, label)
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert "XP this week" in copy.text
    assert texts(copy)[2] == "Your place: **23**, with 150 XP."
    assert sam.tap(copy, "Refresh").kind == UPDATE


def test_a_hidden_member_is_not_listed_and_sees_their_place_in_private(main: Bot, owner: Connection):
    give(owner, {SAM: 900, ALEX: 50})
    do_challenges(owner, {SAM: 2})
    log(owner, "approaches", {SAM: 4})
    hide(owner, SAM)
    for board, rank in (("xp", 1), ("tensey", 1), ("approaches", 1)):
        for reach in ("week", "month", "all"):
            assert "Sam" not in opened(main, board, reach).text
            own = opened(main.as_user(SAM), board, reach)
            assert own.is_private
            assert f"Your place would be **{rank}**, with " in own.text
            assert "the board leaves you out" in own.text


def test_a_member_who_shows_again_is_back_on_every_board(main: Bot, owner: Connection):
    give(owner, {SAM: 900})
    hide(owner, SAM)
    give(owner, {SAM: 100})
    owner.execute("UPDATE users SET hidden = false")
    for reach in ("week", "month", "all"):
        assert lines(opened(main, "xp", reach)) == ["🥇 **1. Gold** Sam: 1,000 XP"]


# --- trouble and nonsense ---


def test_the_longest_buttons_keep_discords_limit(main: Bot, owner: Connection):
    longest = max((stat.key for category in stats.load().categories for stat in category.stats), key=len)
    widest = User(9_000_000_000_000_000_000, "@" * 60)
    log(owner, longest, dict.fromkeys((*CROWD, widest), 5))
    board = main.as_user(widest).tap(opened(main.as_user(widest), longest, "month"), "Next")
    assert max(len(custom_id) for _, custom_id in board.buttons) < 100


def test_when_the_database_is_down_the_answer_is_polite(main: Bot, postgres: Postgres):
    board = opened(main)
    nowhere = Bot("main", Database(replace(postgres.settings("app_main"), port=1)))
    for answer in (opened(nowhere), nowhere.tap(board, "Refresh")):
        assert answer.is_private
        assert "so this was not done" in answer.text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1", "public", "1"),
        ("1", "public", "1", "xp"),
        ("1", "public", "1", "xp", "year"),
        ("1", "secret", "1", "xp", "all"),
        ("1", "public", "-", "xp", "all"),
    ],
)
def test_a_button_that_makes_no_sense_is_refused(main: Bot, arguments: tuple[str, ...]):
    assert main.press(custom_ids.make("leaderboard", "next", 0, *arguments)).status == 400


def test_an_unknown_button_is_stale(main: Bot):
    assert main.press(custom_ids.make("leaderboard", "dance", 0)).text == STALE
