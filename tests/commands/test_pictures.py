"""Answers are followed by their pictures: of the same figures as the words, and of nothing that others may not see."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.discord import tokens
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.discord.requests import Edit
from mastermind.game.days.marks import Mark
from mastermind.parsing import parse
from mastermind.pictures.figures import MOST_DAYS, Card, Compare, Figures, Podium, Progress, RaidState, Year
from tests.commands.playing import ALEX, PLACE, SAM, TOKEN_KEY, Bot, Queue
from tests.commands.test_scorecard import give, hide

if TYPE_CHECKING:
    from tests.conftest import Connection

EDIT, FIGURES = TypeAdapter(Edit), TypeAdapter(Figures)
HASH = "a_8342729096ea3675442027381ff50dfe"


@pytest.fixture
def edits() -> Queue:
    return Queue()


@pytest.fixture
def drawn(main: Bot, edits: Queue) -> Bot:
    """The main application where pictures are on."""
    return replace(main, edits=edits)


def last[Picture](edits: Queue, kind: type[Picture]) -> Picture:
    """The figures of the last picture that was asked for."""
    figures = parse(FIGURES, parse(EDIT, edits.sent[-1]).picture)
    assert isinstance(figures, kind)
    return figures


def test_a_card_and_its_picture_have_the_same_figures(drawn: Bot, edits: Queue, owner: Connection):
    drawn.as_user(SAM).command("scorecard")
    give(owner, SAM, 20_000)
    drawn.command("scorecard")
    give(owner, ALEX, 12_000)
    words = drawn.command("scorecard").text
    card = last(edits, Card)
    assert (card.person.user_id, card.person.name) == (ALEX.id, "Alex")
    assert f"Level {card.level} of 50: {card.title}" in words
    assert f"**XP:** {card.xp:,}" in words
    assert f"{card.gained:,} of {card.span:,} XP" in words
    assert f"**Rank:** {card.rank}" in words
    assert (card.rank, card.members) == (2, 2)
    assert f" {card.faction}\n" in words
    assert f"**Challenges:** {card.challenges} of " in words


def test_an_edit_names_its_answer_and_hides_its_token(drawn: Bot, edits: Queue):
    answer = drawn.command("scorecard")
    edit = parse(EDIT, edits.sent[-1])
    [(_, pressed)] = answer.buttons
    shown = custom_ids.read(pressed)
    assert shown
    assert (edit.id, edit.application_id, edit.revision, edit.line) == ("", PLACE.application_id, shown.revision, "")
    assert tokens.unseal(base64.b64decode(edit.token), TOKEN_KEY).startswith("secret-token-of-")
    assert "secret-token" not in edits.sent[-1]


def test_an_answer_without_buttons_has_no_revision(drawn: Bot, edits: Queue):
    own = drawn.tap(drawn.command("scorecard"), "My card")
    assert not own.buttons
    assert parse(EDIT, edits.sent[-1]).revision == ""


def test_the_words_stand_when_the_queue_is_down(drawn: Bot, edits: Queue):
    edits.down = True
    assert "**XP:** 0" in drawn.command("scorecard").text


def test_without_pictures_nothing_is_read_for_them_and_nothing_is_sent(main: Bot, owner: Connection):
    main.as_user(replace(ALEX, avatar=HASH)).command("scorecard")
    assert owner.execute("SELECT avatar FROM users").fetchall() == [("",)]


def test_an_avatar_is_stored_as_it_is_now(drawn: Bot, edits: Queue, owner: Connection):
    drawn.as_user(replace(ALEX, avatar=HASH)).command("scorecard")
    assert last(edits, Card).person.avatar == HASH
    drawn.as_user(SAM).command("scorecard", {"user": ALEX})
    assert last(edits, Card).person.avatar == ""  # as Discord says of them in this interaction
    drawn.as_user(replace(ALEX, avatar="../../etc")).command("scorecard")
    assert owner.execute("SELECT avatar FROM users WHERE user_id = %s", [ALEX.id]).fetchall() == [("",)]


@pytest.mark.parametrize("avatar", ["x" * 32, "ABCDEF" * 6, "a_", "0" * 33, "0" * 31 + "\n"])
def test_what_is_no_hash_is_no_avatar(drawn: Bot, edits: Queue, avatar: str):
    drawn.as_user(replace(ALEX, avatar=avatar)).command("scorecard")
    assert last(edits, Card).person.avatar == ""


def log(bot: Bot, category: str, **fields: str) -> None:
    form = bot.tap(bot.command("submit-stats"), category)
    bot.fill(form, fields)


def test_dating_is_on_the_own_card_alone(drawn: Bot, edits: Queue):
    log(drawn, "Core social", approaches="2")
    log(drawn, "Dating", dates_had="3")
    opened = drawn.command("scorecard")
    assert {each.name for each in last(edits, Card).proud} == {"Approaches"}
    public = last(edits, Card).balance
    drawn.tap(opened, "My card")
    assert {each.name for each in last(edits, Card).proud} == {"Approaches", "Dates Had"}
    assert last(edits, Card).balance != public
    drawn.as_user(SAM).command("scorecard", {"compare": ALEX})
    assert "Dates" not in edits.sent[-1]


def test_a_hidden_member_has_a_picture_for_themselves_alone(drawn: Bot, edits: Queue, owner: Connection):
    drawn.command("scorecard")
    hide(owner, ALEX)
    edits.sent.clear()
    drawn.as_user(SAM).command("scorecard", {"user": ALEX})
    drawn.as_user(SAM).command("scorecard", {"compare": ALEX})
    assert edits.sent == []
    assert drawn.command("scorecard").is_private
    assert last(edits, Card).rank == 0


def test_two_members_are_drawn_side_by_side(drawn: Bot, edits: Queue):
    log(drawn, "Core social", approaches="2", numbers="1")
    log(drawn.as_user(SAM), "Core social", approaches="5")
    words = drawn.command("scorecard", {"compare": SAM}).text
    both = last(edits, Compare)
    assert (both.left.person.name, both.right.person.name) == ("Alex", "Sam")
    rows = [(mine.name, mine.count, yours.count) for mine, yours in both.rows]
    assert rows == [("Approaches", 2, 5), ("Numbers", 1, 0)]
    for label, mine, yours in rows:
        assert [label, str(mine), str(yours)] in [line.split() for line in words.splitlines()]


def test_nobody_is_drawn_whom_the_game_has_not_met(drawn: Bot, edits: Queue):
    drawn.command("scorecard", {"user": User(99_999, "Nobody")})
    assert edits.sent == []


def test_the_rank_says_what_was_won_this_week(drawn: Bot, edits: Queue, owner: Connection):
    for member, before in ((ALEX, 1_000), (SAM, 2_000)):
        drawn.as_user(member).command("scorecard")
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " VALUES (%s, %s, 'correction', 'admin', gen_random_uuid()::text, current_date - 21)",
            [member.id, before],
        )
    drawn.command("scorecard")
    assert (last(edits, Card).rank, last(edits, Card).climbed) == (2, 0)
    give(owner, ALEX, 5_000)
    drawn.command("scorecard")
    assert (last(edits, Card).rank, last(edits, Card).climbed) == (1, 1)
    drawn.as_user(SAM).command("scorecard")
    assert (last(edits, Card).rank, last(edits, Card).climbed) == (2, -1)
    newcomer = User(1_300_000_000_000_000_009, "Kim")
    drawn.as_user(newcomer).command("scorecard")
    give(owner, newcomer, 9_000)
    drawn.as_user(newcomer).command("scorecard")
    assert (last(edits, Card).rank, last(edits, Card).climbed) == (1, None)


def test_the_row_of_days_shows_what_held_the_streak(drawn: Bot, edits: Queue, owner: Connection):
    drawn.command("scorecard")
    owner.execute("UPDATE users SET created_at = created_at - interval '10 days', time_zone = 'UTC'")
    for ago in (9, 8, 5):
        owner.execute(
            "INSERT INTO booked_days (user_id, day, streak_share) VALUES (%(me)s, current_date - %(ago)s, 0)",
            {"me": ALEX.id, "ago": ago},
        )
        owner.execute(
            "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
            " VALUES (%(me)s, current_date - %(ago)s, 'approaches', 1, false, 100, 3, 0)",
            {"me": ALEX.id, "ago": ago},
        )
    owner.execute(
        "INSERT INTO pauses (user_id, first_day, last_day, begun_on)"
        " VALUES (%s, current_date - 7, current_date - 6, current_date - 7)",
        [ALEX.id],
    )
    owner.execute("INSERT INTO travel_days (user_id, day) VALUES (%s, current_date - 4)", [ALEX.id])
    drawn.command("scorecard")
    run = last(edits, Card).run
    ahead, logged, pause, missed, grace = [Mark.AHEAD], [Mark.LOGGED], [Mark.PAUSE], [Mark.MISSED], [Mark.GRACE]
    never_had = ahead
    before = ahead * 3 + missed + logged * 2 + pause * 2 + logged
    assert list(run.days) == before + never_had + missed * 2 + grace * 2


# --- boards and raids ---


def test_the_first_page_of_a_board_has_its_podium(drawn: Bot, edits: Queue, owner: Connection):
    members = [User(1_300_000_000_000_000_100 + n, f"Member {n}") for n in range(12)]
    for n, member in enumerate(members):
        drawn.as_user(member).command("scorecard")
        give(owner, member, 600 + 100 * (n // 2))
    board = drawn.as_user(members[0]).command("leaderboard", {"range": "all", "page": 1})
    podium = last(edits, Podium)
    assert (podium.title, podium.unit, len(podium.places)) == ("XP", "XP", 10)
    for place in podium.places:
        assert f"**{place.place}." in board.text
        assert f"{place.count:,} · {place.person.name}" in board.text
    assert [place.place for place in podium.places][:4] == [1, 1, 3, 3]
    edits.sent.clear()
    second = drawn.as_user(members[0]).tap(board, "▶️")
    assert edits.sent == []
    assert drawn.as_user(members[0]).tap(second, "◀️").kind == 7
    assert len(last(edits, Podium).places) == 10


def test_an_empty_board_is_words_alone(drawn: Bot, edits: Queue):
    drawn.command("leaderboard")
    assert edits.sent == []


def test_a_raid_is_drawn_as_its_words_say(drawn: Bot, edits: Queue):
    admin = replace(SAM, permissions=ADMINISTRATOR)
    drawn.as_user(admin).command("start-raid", {"type": "warrior"})
    log(drawn, "Core social", approaches="2")
    words = drawn.command("raid-status").text
    raid = last(edits, RaidState)
    assert f"{raid.title}: running" in words
    assert f"{raid.total} of {raid.target:,} points" in words
    assert [(each.person.name, each.count) for each in raid.top] == [("Alex", 30)]
    assert raid.members == 1


# --- progress ---


def logged_days(owner: Connection, *days: tuple[int, str, int, int]) -> None:
    """Days so long ago on which so much of a stat was logged, with the XP that they booked."""
    for ago, stat, amount, booked in days:
        names = {"me": ALEX.id, "ago": ago, "stat": stat, "amount": amount, "booked": booked}
        owner.execute(
            "INSERT INTO booked_days (user_id, day, streak_share) VALUES (%(me)s, current_date - %(ago)s, 0)"
            " ON CONFLICT DO NOTHING",
            names,
        )
        owner.execute(
            "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
            " VALUES (%(me)s, current_date - %(ago)s, %(stat)s, %(amount)s, false, %(booked)s, 3, 1)",
            names,
        )
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES"
            " (%(me)s, %(booked)s, 'entry', 'stats', gen_random_uuid()::text, current_date - %(ago)s)",
            names,
        )


def test_progress_says_in_words_what_its_picture_shows(drawn: Bot, edits: Queue, owner: Connection):
    drawn.command("progress")
    owner.execute("UPDATE users SET time_zone = 'UTC'")
    logged_days(
        owner, (3, "approaches", 2, 240), (3, "grounding", 1, 60), (1, "numbers", 1, 100), (40, "journal", 1, 9)
    )
    page = drawn.command("progress")
    assert page.is_private
    figures = last(edits, Progress)
    assert (figures.days, len(figures.stacks[0].xp), figures.person.name) == (30, 30, "Alex")
    for stack in figures.stacks:
        assert f"**{stack.name}:** {sum(stack.xp):,} XP" in page.text
    assert {stack.name: sum(stack.xp) for stack in figures.stacks} == {"Core social": 340, "Inner work": 60}
    assert "400 XP · best day 300" in page.text
    assert figures.stacks[0].xp[-4:] == (240, 0, 100, 0)
    longer = drawn.tap(page, "90 days")
    assert longer.kind == 7
    assert sum(sum(stack.xp) for stack in last(edits, Progress).stacks) == 409
    assert "409 XP" in longer.text


def test_state_and_conversions_move_over_time(drawn: Bot, edits: Queue, owner: Connection):
    drawn.command("progress")
    owner.execute("UPDATE users SET time_zone = 'UTC'")
    logged_days(
        owner, (12, "approaches", 9, 900), (9, "approaches", 3, 300), (9, "numbers", 3, 300), (2, "numbers", 3, 300)
    )
    logged_days(owner, (9, "overall_state", 4, 50), (2, "overall_state", 8, 50))
    page = drawn.command("progress", {"view": "state"})
    state, numbers, *_ = last(edits, Progress).trends
    assert [each for each in state.values if each is not None] == [4, 8]
    assert (numbers.values[-11], numbers.values[-10], numbers.values[-1]) == (None, 25, 50)
    assert len([each for each in numbers.values if each is None]) == 20, "nothing is said of nine tries"
    assert "**State:** 8 of 10, from 4 at first" in page.text
    assert "**Numbers per approach:** 50 %, from 25 at first" in page.text
    turned = drawn.tap(page, "Archetype")
    (mage,) = last(edits, Progress).trends
    assert mage.values[-1] == 25
    assert "**Mage points:** 25 %" in turned.text


def test_the_year_is_a_calendar_from_a_monday_to_today(drawn: Bot, edits: Queue, owner: Connection):
    drawn.command("progress")
    owner.execute("UPDATE users SET time_zone = 'UTC', created_at = created_at - interval '20 days'")
    logged_days(owner, (10, "approaches", 1, 100), (9, "approaches", 1, 120))
    page = drawn.command("progress", {"view": "year"})
    year = last(edits, Year)
    first = date.fromisoformat(year.first)
    assert first.weekday() == 0
    assert 365 <= len(year.xp) == len(year.marks) <= MOST_DAYS
    assert year.xp[-11:-8] == (100, 120, 0)
    assert year.marks[-12:-8] == (Mark.MISSED, Mark.LOGGED, Mark.LOGGED, Mark.MISSED)
    assert year.marks[-2:] == (Mark.GRACE, Mark.GRACE)
    assert year.marks[0] == Mark.AHEAD
    assert "**Longest streak:** 2 days" in page.text
    assert "2 still open" in page.text
    assert "220 XP · best day 120" in page.text


def test_a_first_day_has_words_too(drawn: Bot):
    for view in ("xp", "year", "state", "archetype"):
        assert "Nothing is logged in this time yet" in drawn.command("progress", {"view": view}).text


def test_progress_needs_no_pictures(main: Bot):
    assert "Your last 90 days" in main.command("progress", {"range": 90}).text
