"""/leaderboard: who has most XP, challenges or of any stat, this week, this month or ever, and each one's own place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.bot.stale import FRESH
from mastermind.game.catalogue import content as stats
from mastermind.postgres.database import Database
from tests.commands.boards import CROWD, hide, lines, texts
from tests.commands.playing import ALEX, SAM, Bot, labels, unrevised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from tests.conftest import Connection

MESSAGE, UPDATE = 4, 7
ZONE = "America/New_York"  # of the deployment
NOW, LONG_AGO = 0, 400


def opened(bot: Bot, board: str = "", reach: str = "", *, page: int | None = None) -> Answer:
    """What is empty or None is left out."""
    named = {"board": board or None, "range": reach or None, "page": page}
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


# --- boards and times ---


@pytest.mark.parametrize("reach", ["week", "month", "all"])
@pytest.mark.parametrize("board", ["", "xp", "tensey", *stats.load().by_key])
def test_every_empty_board_says_how_to_get_on_it(main: Bot, board: str, reach: str):
    if board in {*(stat.key for stat in stats.load().automatic), *stats.load().values}:
        assert "I could not tell which board you mean" in opened(main, board, reach).text
        return
    answer = opened(main, board, reach)
    kept = board in stats.load().kept(())
    assert answer.is_private == kept
    assert "0 members\n" in answer.text
    assert "his board is still free. The first " in answer.text
    assert ("`/settings` says who sees it" in answer.text) == kept
    assert ("You have no place yet" in answer.text) == kept
    assert labels(answer) == ["🔄", "This week", "This month", "All time"]


def test_without_options_it_is_the_xp_of_this_week_and_all_time_is_one_tap_away(main: Bot, owner: Connection):
    give(owner, {SAM: 5_000, User(1, "Kim"): 700, User(2, "Lou"): 40}, LONG_AGO)
    give(owner, {ALEX: 900})
    week = opened(main)
    assert texts(week)[0].startswith("## 🏆 XP this week\n")
    assert lines(week) == ["▶ 🥇 **1. 900 · Alex**"]
    assert texts(main.tap(week, "All time")) == [
        "## 🏆 XP\n4 members",
        "🥇 **1.** 5,000 · Sam\n▶ 🥈 **2. 900 · Alex** · 4,100 behind Sam\n🥉 **3.** 700 · Kim\n**4.** 40 · Lou",
        "-# `/submit-stats` and the challenges of `/tenseylist` bring XP.",
    ]


@pytest.mark.parametrize(("reach", "since"), [("week", "this week"), ("month", "this month")])
def test_a_week_and_a_month_count_what_lies_in_them_and_name_their_days(
    main: Bot, owner: Connection, reach: str, since: str
):
    give(owner, {SAM: 5_000, ALEX: 50}, LONG_AGO)
    give(owner, {ALEX: 900, User(1, "Kim"): 1_000})
    answer = opened(main, "xp", reach)
    heading, about = texts(answer)[0].split("\n")
    assert heading == f"## 🏆 XP {since}"
    assert " to " in about
    assert about.endswith(" · 2 members")
    assert lines(answer) == ["🥇 **1.** 1,000 · Kim", "▶ 🥈 **2. 900 · Alex** · 100 behind Kim"]


def test_challenges_have_a_board_here_too(main: Bot, owner: Connection):
    do_challenges(owner, {SAM: 12}, LONG_AGO)
    do_challenges(owner, {ALEX: 3})
    assert lines(opened(main, "tensey", "all")) == ["🥇 **1.** 12 · Sam", "▶ 🥈 **2. 3 · Alex** · 9 behind Sam"]
    assert lines(opened(main, "tensey", "week")) == ["▶ 🥇 **1. 3 · Alex**"]
    assert "## 🏆 Challenges done this week" in opened(main, "tensey", "week").text


def test_every_amount_has_a_board(main: Bot, owner: Connection):
    log(owner, "approaches", {SAM: 100, ALEX: 7}, LONG_AGO)
    log(owner, "approaches", {ALEX: 5})
    log(owner, "numbers", {SAM: 50})
    assert lines(opened(main, "approaches", "all")) == ["🥇 **1.** 100 · Sam", "▶ 🥈 **2. 12 · Alex** · 88 behind Sam"]
    assert lines(opened(main, "Approaches ", "month")) == ["▶ 🥇 **1. 5 · Alex**"]
    assert texts(opened(main, "numbers", "week"))[2] == "Alex has no place yet: the first entry this week opens it."


def test_a_mood_has_no_board_because_a_sum_of_moods_means_nothing(main: Bot):
    for typed in stats.load().values:
        assert "I could not tell which board you mean" in opened(main, typed).text
        assert main.typing("leaderboard", "board", stats.load().stat(typed).name).choices == []


def test_ties_share_a_place_and_a_medal(main: Bot, owner: Connection):
    give(owner, {User(1, "Ann"): 500, User(2, "Ben"): 500, User(3, "Cem"): 430, User(4, "Dan"): 430, User(5, "Eve"): 1})
    for reach in ("week", "month", "all"):
        assert lines(opened(main, "xp", reach)) == [
            "🥇 **1.** 500 · Ann",
            "🥇 **1.** 500 · Ben",
            "🥉 **3.** 430 · Cem",
            "🥉 **3.** 430 · Dan",
            "**5.** 1 · Eve",
        ]


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (900, "▶ 🥇 **1. 900 · Alex** · 400 ahead of Ann"),
        (500, "▶ 🥇 **1. 500 · Alex** · level with Ben"),
        (431, "▶ 🥉 **3. 431 · Alex** · 69 behind Ben"),
        (430, "▶ 🥉 **3. 430 · Alex** · level with Cem"),
        (1, "▶ **4. 1 · Alex** · 429 behind Cem"),
    ],
)
def test_ones_own_line_says_how_far_the_next_one_is(main: Bot, owner: Connection, own: int, line: str):
    give(owner, {User(1, "Ann"): 500, User(2, "Ben"): 500, User(3, "Cem"): 430, ALEX: own})
    assert [each for each in lines(opened(main)) if "Alex" in each] == [line]


def test_a_gap_never_reaches_to_somebody_who_hides(main: Bot, owner: Connection):
    give(owner, {SAM: 600, User(1, "Ann"): 900, ALEX: 500})
    hide(owner, SAM)
    assert lines(opened(main))[1] == "▶ 🥈 **2. 500 · Alex** · 400 behind Ann"


def test_the_leader_is_seen_with_their_picture(main: Bot, owner: Connection):
    give(owner, {SAM: 600, ALEX: 500})
    owner.execute("UPDATE users SET avatar = %s WHERE user_id = %s", ["a" * 32, SAM.id])
    (face,) = (part for part in opened(main).parts() if part["type"] == 11)
    assert face["media"] == {"url": f"https://cdn.discordapp.com/avatars/{SAM.id}/{'a' * 32}.png?size=128"}
    assert face["description"] == "Picture of Sam"


def test_a_member_below_zero_has_no_place(main: Bot, owner: Connection):
    give(owner, {ALEX: -300, SAM: 20})
    for reach in ("week", "month", "all"):
        answer = opened(main, "xp", reach)
        assert lines(answer) == ["🥇 **1.** 20 · Sam"]
        assert "Alex has no place yet" in texts(answer)[2]


# --- choosing a board ---


def test_what_is_typed_finds_boards_by_their_names(main: Bot):
    every = main.typing("leaderboard", "board", "")
    assert [choice["value"] for choice in every.choices[:2]] == ["xp", "tensey"]
    logged = sum(len(category.stats) for category in stats.load().categories)
    assert len(every.choices) == 2 + logged - len(stats.load().values)
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
    answer = main.press(custom_ids.make("leaderboard", "next", 0, ALEX.id, "public", 1, "all", "juggling"))
    assert answer.is_private
    assert "This board no longer exists." in answer.text


# --- pages ---


def give_crowd(owner: Connection) -> None:
    """23 members with 2,300, 2,200 ... 100 XP."""
    give(owner, {user: 2_300 - 100 * place for place, user in enumerate(CROWD)})


@pytest.mark.parametrize(("board", "reach"), [("xp", "all"), ("xp", "week"), ("approaches", "month")])
def test_turning_pages_shows_everyone_once_and_stays_on_its_board(main: Bot, owner: Connection, board: str, reach: str):
    give_crowd(owner)
    log(owner, "approaches", {user: 30 - place for place, user in enumerate(CROWD)})
    answer, seen = opened(main, board, reach, page=1), list[str]()
    title = texts(answer)[0].split("\n")[0]
    while True:
        seen += lines(answer)
        if "▶️" not in labels(answer):
            break
        answer = main.tap(answer, "▶️")
        assert answer.kind == UPDATE
        assert texts(answer)[0].split("\n")[0] == title
    assert [line.partition(" · ")[2] for line in seen] == [user.name for user in CROWD]
    assert "laces 11 to 20 of 23" in main.tap(answer, "◀️").text
    assert lines(main.tap(answer, "Top"))[0].endswith(" · Member 1")


def test_it_opens_around_oneself(main: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 1_250})
    for reach in ("week", "month", "all"):
        answer = opened(main, "xp", reach)
        assert "laces 8 to 17 of 24" in answer.text
        assert lines(answer)[4] == "▶ **12. 1,250 · Alex** · 50 behind Member 11"
    assert "laces 1 to 10 of 24" in opened(main, page=1).text
    again = main.tap(main.tap(opened(main, page=1), "▶️"), "Me")
    assert "laces 8 to 17 of 24" in again.text
    assert "laces 18 to 24 of 24" in main.tap(again, "▶️").text


def test_at_the_end_of_the_board_ten_are_shown_too(main: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 50})
    assert "laces 15 to 24 of 24" in opened(main).text


def test_ones_own_place_is_said_where_the_line_is_not_shown(main: Bot, owner: Connection):
    give_crowd(owner)
    give(owner, {ALEX: 150})
    answer = opened(main, "xp", "week", page=1)
    assert texts(answer)[2] == "Alex is in place **23**, with 150 XP."
    own = main.tap(answer, "Me")
    assert "▶ **23. 150 · Alex** · 50 behind Member 22" in lines(own)
    assert len(texts(own)) == 3


def test_refresh_shows_the_board_as_it_is_now(main: Bot, owner: Connection):
    give_crowd(owner)
    answer = opened(main, "xp", "week", page=2)
    assert unrevised(main.tap(answer, "🔄"))["data"] == unrevised(answer)["data"]
    give(owner, {ALEX: 9_000})
    assert "laces 11 to 20 of 24" in main.tap(answer, "🔄").text


# --- whose message it is ---


@pytest.mark.parametrize("label", ["Top", "◀️", "▶️", "🔄", "Me", "All time"])
def test_another_members_tap_opens_their_own_private_copy(main: Bot, owner: Connection, label: str):
    give_crowd(owner)
    give(owner, {SAM: 150})
    answer = opened(main, "xp", "week", page=2)
    sam = main.as_user(SAM)
    copy = sam.tap(answer, label)
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert ("XP this week" in copy.text) == (label != "All time")
    own = "▶ **23. 150 · you** · 50 behind Member 22"
    assert own in lines(copy) or texts(copy)[2] == "Your place: **23**, with 150 XP."
    assert sam.tap(copy, "🔄").kind == UPDATE


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
        assert lines(opened(main, "xp", reach)) == ["🥇 **1.** 1,000 · Sam"]


# --- trouble and nonsense ---


def test_the_longest_buttons_keep_discords_limit(main: Bot, owner: Connection):
    longest = max((stat.key for category in stats.load().categories for stat in category.stats), key=len)
    widest = User(9_000_000_000_000_000_000, "@" * 60)
    log(owner, longest, dict.fromkeys((*CROWD, widest), 5))
    board = main.as_user(widest).tap(opened(main.as_user(widest), longest, "month", page=1), "▶️")
    assert max(len(custom_id) for _, custom_id in board.buttons) < 100


def test_when_the_database_is_down_the_answer_is_polite(main: Bot, postgres: Postgres):
    board = opened(main)
    nowhere = Bot("main", Database(replace(postgres.settings("app_main"), port=1)))
    for answer in (opened(nowhere), nowhere.tap(board, "🔄")):
        assert answer.is_private
        assert "so this was not done" in answer.text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("1", "public", "1"),
        ("1", "public", "1", "all"),
        ("1", "public", "1", "year", "xp"),
        ("1", "secret", "1", "all", "xp"),
        ("1", "public", "-", "all", "xp"),
    ],
)
def test_a_button_that_makes_no_sense_is_refused(main: Bot, arguments: tuple[str, ...]):
    assert main.press(custom_ids.make("leaderboard", "next", 0, *arguments)).status == 400


def test_an_unknown_button_is_stale(main: Bot):
    assert main.press(custom_ids.make("leaderboard", "dance", 0)).text == FRESH.format(typed="leaderboard")
