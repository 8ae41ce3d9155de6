"""What waits for a member stands on top of their next private answer, until they have read it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.challenges import actions as ticks
from tests.commands import diary
from tests.commands.moderating import ADA, MAX, MESSAGE, UPDATE, meet
from tests.commands.playing import ALEX, SAM, labels
from tests.gallery import past
from tests.round_trips import Traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_client import Answer
    from mastermind.postgres.connection import Connection as Session
    from mastermind.postgres.database import Database
    from tests.commands.playing import Bot
    from tests.conftest import Connection

ANSWERED, WARNED = "An admin has answered your question", "A moderator has written a warning for you"


def ask_and_answer(main: Bot, words: str = "How do I begin?") -> None:
    said = main.command("course ask", {"question": words}).text
    number = int(said.partition("## 🎓 Question ")[2].split()[0])
    main.as_user(ADA).command("admin course-answer", {"id": number, "text": "With one hello."})


def warn(main: Bot, reason: str = "Please be kind") -> None:
    main.as_user(MAX).command("security warn", {"user": ALEX, "reason": reason})


def reward(owner: Connection, raid_id: int, xp: int = 250, *, top: bool = False) -> None:
    owner.execute(
        "INSERT INTO for_you (user_id, kind, ref, details) VALUES (%s, 'raid', %s, %s)",
        [ALEX.id, raid_id, json.dumps({"xp": xp, "top": top})],
    )


def first(answer: Answer) -> str:
    return answer.text.splitlines()[0]


def test_an_unread_answer_stands_on_top_until_it_is_read(main: Bot, tensey: Bot):
    ask_and_answer(main)
    assert first(main.command("stats-days")) == f"✉️ **{ANSWERED}.**"
    page = main.command("submit-stats")
    assert first(page) == f"✉️ **{ANSWERED}.**"
    read = main.tap(page, "Read it")
    assert (read.kind, read.is_private) == (MESSAGE, True)
    assert "With one hello." in read.text
    assert ANSWERED not in read.text
    assert ANSWERED not in main.command("submit-stats").text + tensey.command("tenseylist").text


def test_the_other_application_says_where_to_read_it(main: Bot, tensey: Bot):
    ask_and_answer(main)
    page = tensey.command("tenseylist")
    assert first(page).startswith(f"✉️ **{ANSWERED}.** It is in ")
    assert "Read it" not in labels(page)


def test_two_answers_are_one_line(main: Bot):
    ask_and_answer(main)
    ask_and_answer(main, "And how do I go on?")
    assert first(main.command("submit-stats")) == "✉️ **An admin has answered 2 of your questions.**"


def test_a_page_that_shows_the_new_answers_needs_no_line(main: Bot):
    ask_and_answer(main)
    overview = main.command("course overview").text
    assert "1 new answer" in overview
    assert ANSWERED not in overview
    assert ANSWERED in main.command("submit-stats").text


def test_a_warning_stands_on_top_until_the_settings_were_seen(main: Bot, owner: Connection):
    meet(owner, ALEX)
    warn(main)
    assert WARNED in main.command("stats-days").text
    settings = main.tap(main.command("submit-stats"), "Read it")
    assert "Please be kind" in settings.text
    assert WARNED not in settings.text
    assert WARNED not in main.command("submit-stats").text


def test_a_warning_that_was_withdrawn_waits_no_longer(main: Bot, owner: Connection):
    meet(owner, ALEX)
    warn(main)
    owner.execute("UPDATE user_warnings SET withdrawn_by = 1, withdrawn_at = clock_timestamp()")
    assert WARNED not in main.command("submit-stats").text


def test_somebody_who_was_warned_before_they_joined_reads_of_it(main: Bot, tensey: Bot):
    warn(main)
    tensey.command("tenseylist")
    assert WARNED in tensey.command("tenseylist").text


def test_a_reward_is_said_once(main: Bot, tensey: Bot, owner: Connection):
    meet(owner, ALEX)
    reward(owner, 3, 500, top=True)
    assert first(tensey.command("tenseylist")) == "🏆 **Raid 3 is won: +500 XP for you.** You gave most!"
    assert "Raid 3" not in tensey.command("tenseylist").text + main.command("submit-stats").text


def test_at_most_two_lines_stand_on_an_answer_and_the_others_wait(main: Bot, owner: Connection):
    ask_and_answer(main)
    warn(main)
    reward(owner, 3)
    reward(owner, 4)
    lines = main.command("submit-stats").text.splitlines()
    assert WARNED in lines[0]
    assert ANSWERED in lines[1]
    assert "raids are won" not in main.command("submit-stats").text
    settings = main.command("settings").text.splitlines()
    assert ANSWERED in settings[0]
    assert settings[1] == "🏆 **2 raids are won: +500 XP for you.**"


def test_public_answers_turned_pages_and_other_members_have_no_lines(main: Bot, owner: Connection):
    meet(owner, SAM)
    ask_and_answer(main)
    for _ in range(12):
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES"
            " (%s, 1, 'adjust', 'admin', gen_random_uuid()::text, '2026-11-01')",
            [ALEX.id],
        )
    public = main.command("raid-status")
    assert not public.is_private
    assert ANSWERED not in public.text
    history = main.command("history")
    assert ANSWERED in history.text
    older = main.tap(history, "Older")
    assert older.kind == UPDATE
    assert ANSWERED not in older.text
    assert ANSWERED not in main.as_user(SAM).command("history").text


def test_what_waits_costs_no_round_trip_and_noting_it_one(main: Bot, owner: Connection):
    meet(owner, ALEX)
    main.database = traced = Traced(main.database)

    def trips() -> int:
        before = traced.trips
        main.command("stats-days")
        return traced.trips - before

    usual = trips()
    reward(owner, 3)
    assert trips() == usual + 1
    assert trips() == usual
    ask_and_answer(main)
    assert trips() == usual


class _OnlyOnce:
    """A database that is gone after the first work of an answer."""

    def __init__(self, database: Database) -> None:
        self._database, self._used = database, False

    def run[T](self, work: Callable[[Session], T], deadline: Deadline) -> T:
        if self._used:
            raise Unavailable("gone")
        self._used = True
        return self._database.run(work, deadline)


@pytest.mark.parametrize("command", ["stats-days", "settings"])
def test_what_could_not_be_noted_is_said_again(main: Bot, owner: Connection, command: str):
    meet(owner, ALEX)
    reward(owner, 3)
    warn(main)
    stays = main.database
    main.database = _OnlyOnce(stays)  # type: ignore[arg-type]
    assert "Raid 3 is won" in main.command(command).text
    main.database = stays
    assert "Raid 3 is won" in main.command("stats-days").text


def test_a_kind_that_only_another_version_knows_is_left_alone(main: Bot, owner: Connection):
    meet(owner, ALEX)
    owner.execute("INSERT INTO for_you (user_id, kind) VALUES (%s, 'of_tomorrow')", [ALEX.id])
    assert first(main.command("stats-days")) == "## 📝 Your last 7 days"
    assert owner.execute("SELECT kind, shown FROM for_you").fetchall() == [("of_tomorrow", 0)]


# --- awards ---


def award_all(awards: Database) -> None:
    awards.run(lambda conn: ticks.sweep(conn, Deadline.after(60)), Deadline.after(60))


def ticked(tensey: Bot, times: int = 1) -> Answer:
    """So many challenges, each of a chapter that no day chooses its challenge from."""
    pages = [tensey.command("tenseylist", {"level": str(14 + number)}) for number in range(times)]
    return [tensey.tap(page, "Did it") for page in pages][-1]


def test_the_next_answer_says_what_a_tick_has_brought_once(main: Bot, tensey: Bot, awards: Database):
    fast = replace(tensey, xp_delay=0)
    ticked(fast)
    award_all(awards)
    assert first(main.command("stats-days")) == "🎉 **+100 XP** for a challenge you did."
    assert "🎉" not in main.command("stats-days").text + tensey.command("tenseylist").text


def test_it_says_of_several_ticks_at_once_and_of_a_level_reached(tensey: Bot, awards: Database):
    ticked(replace(tensey, xp_delay=0), 5)
    award_all(awards)
    line = "🎉 **+500 XP** for 5 challenges you did. ⭐ **You have reached level 2!**"
    assert first(tensey.command("tenseylist")) == line


def test_nothing_is_said_of_an_award_that_was_taken_back(tensey: Bot, awards: Database):
    fast = replace(tensey, xp_delay=0)
    page = ticked(fast)
    award_all(awards)
    tensey.tap(page, "Undo it")
    assert "🎉" not in tensey.command("tenseylist").text


def test_an_answer_that_can_still_be_told_leaves_nothing_to_the_next_one(
    tensey: Bot, awards: Database, owner: Connection
):
    """With a token of its last tick relay tells it there (tests/entrypoints/test_relay.py)."""
    ticked(replace(tensey, xp_delay=0))
    owner.execute("INSERT INTO interaction_tokens (user_id, sealed, revision) VALUES (%s, 'sealed', '0000')", [ALEX.id])
    award_all(awards)
    assert owner.execute("SELECT kind FROM outbox").fetchall() == [("award",)]
    assert "🎉" not in tensey.command("tenseylist").text


# --- a welcome after an absence ---

WELCOME = "👋 **Welcome back, nothing is lost!**"


@pytest.fixture
def away(main: Bot, owner: Connection) -> Bot:
    """Alex logged four days in a row, and then nothing for three weeks."""
    past.meet(owner, ALEX)
    diary.write_run(owner, 4, last=20)
    return main


@pytest.mark.parametrize("command", ["today", "submit-stats", "history", "progress", "stats-days"])
def test_who_comes_back_reads_before_any_figure_that_nothing_is_lost(away: Bot, command: str):
    answer = away.command(command)
    assert first(answer).startswith(WELCOME)
    assert "none" not in answer.text


def test_the_list_and_ones_own_card_welcome_too_and_nobody_else_sees_it(away: Bot, tensey: Bot):
    assert first(tensey.command("tenseylist")).startswith(WELCOME)
    card = away.command("scorecard")
    assert WELCOME not in card.text
    assert first(away.tap(card, "My card")).startswith(WELCOME)
    assert WELCOME not in away.command("settings").text, "it has no figures"


def test_the_first_entry_welcomes_once_more_and_then_it_is_over(away: Bot):
    card = away.command("submit-stats")
    form = away.tap(card, "Core")
    assert away.fill(form, {"approaches": "1"}).text.startswith(WELCOME)
    assert WELCOME not in away.fill(away.tap(card, "Core"), {"approaches": "1"}).text + away.command("today").text


@pytest.mark.parametrize(("last", "is_away"), [(0, False), (1, False), (2, False), (3, True), (90, True)])
def test_an_absence_is_two_missed_days_of_which_one_is_decided(main: Bot, owner: Connection, last: int, is_away: bool):
    past.meet(owner, ALEX)
    diary.write_run(owner, 2, last=last)
    assert (WELCOME in main.command("today").text) is is_away


def test_there_is_no_absence_before_the_first_day_while_a_pause_runs_or_after_a_tick(
    main: Bot, tensey: Bot, owner: Connection
):
    assert WELCOME not in main.command("today").text
    diary.write_run(owner, 2, last=9)
    paused = [ALEX.id, *[diary.today(owner)] * 3]
    owner.execute("INSERT INTO pauses (user_id, first_day, last_day, begun_on) VALUES (%s, %s, %s, %s)", paused)
    assert WELCOME not in main.command("today").text
    owner.execute("DELETE FROM pauses")
    page = tensey.command("tenseylist")
    assert first(page).startswith(WELCOME)
    tensey.tap(page, "Did it")
    assert WELCOME not in main.command("today").text + tensey.command("tenseylist").text
