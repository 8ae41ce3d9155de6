"""/rest-day: taking a day off, taking it back, and where it shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mastermind.bot import custom_ids
from mastermind.game.days import calendar as days
from tests.commands import diary
from tests.commands.playing import ALEX, SAM, labels
from tests.gallery import past

if TYPE_CHECKING:
    from tests.commands.playing import Bot
    from tests.conftest import Connection


@pytest.fixture(autouse=True)
def _streak(owner: Connection) -> None:
    past.meet(owner, ALEX)
    diary.write_run(owner, 4, last=1)


def stored(owner: Connection) -> list[int]:
    """Rest days by how many days from today they are."""
    today = diary.today(owner)
    return [(day - today).days for (day,) in owner.execute("SELECT day FROM rest_days ORDER BY day")]


def test_a_rest_day_is_taken_with_a_button_and_taken_back(main: Bot, owner: Connection):
    page = main.command("rest-day")
    assert page.is_private
    assert "holds your streak of 4 days without using a freeze" in page.text
    assert labels(page) == ["Rest today"]
    resting = main.tap(page, "Rest today")
    assert resting.text.startswith("## 🌿 Today is your rest day\nIt holds your streak of 4 days")
    assert (labels(resting), stored(owner)) == (["Take back"], [0])
    back = main.tap(resting, "Take back")
    assert back.text.startswith("**Taken back.** Today is a day like any other.\n## 🌿 Take today off?")
    assert (labels(back), stored(owner)) == (["Rest today"], [])


def test_it_is_offered_beside_a_pause(main: Bot, owner: Connection):
    page = main.tap(main.command("pause"), "Rest day")
    main.tap(page, "Rest today")
    assert stored(owner) == [0]


def test_why_there_is_no_rest_day_is_said_with_what_to_do_instead(main: Bot, owner: Connection):
    assert "## 🌿 Rest well\n" in main.as_user(SAM).command("rest-day").text
    page = main.command("rest-day")
    main.fill(main.tap(main.command("submit-stats"), "Core"), {"approaches": "1"})
    assert "## 🌿 Today counts already\n" in main.tap(page, "Rest today").text
    assert stored(owner) == []


def test_one_a_week_is_said_with_the_day_on_which_the_next_can_be_taken(main: Bot, owner: Connection):
    page = main.command("rest-day")
    today = diary.today(owner)
    another = 1 if today.weekday() else -1  # another day of the same week, which nothing counts on
    owner.execute("DELETE FROM daily_records WHERE day = %s::date - %s", [today, another])
    owner.execute("INSERT INTO rest_days (user_id, day) VALUES (%s, %s::date - %s)", [ALEX.id, today, another])
    refused = main.tap(page, "Rest today")
    assert "## 🌿 This week's rest day was " in refused.text
    assert "The next rest day can be taken from Mon " in refused.text
    assert labels(refused) == []


def test_a_week_with_a_pause_has_none(main: Bot):
    page = main.command("rest-day")
    main.command("pause", {"days": 3})
    assert "## 🌿 This week has a pause\n" in main.tap(page, "Rest today").text


def test_a_button_of_another_day_changes_nothing(main: Bot, owner: Connection):
    old, new = (custom_ids.make("rest-day", action, ALEX.id, "20260101") for action in ("declare", "withdraw"))
    assert main.press(old).text.startswith("**That button was for another day, so nothing has changed.**")
    assert main.press(new).text.startswith("**That rest day is over or was taken back already.**")
    assert stored(owner) == []


def test_cards_show_that_today_is_a_rest_day_and_lists_which_days_were(main: Bot, owner: Connection):
    main.tap(main.command("rest-day"), "Rest today")
    assert "**Streak:** 4 days, held\nToday is your rest day" in main.command("submit-stats").text
    assert "\n**Rest day** today" in main.as_user(SAM).command("scorecard", {"user": ALEX}).text
    today = diary.today(owner)
    assert f"**{days.described(today, today)}:** your rest day\n" in main.command("stats-days").text


def test_a_day_that_was_a_rest_day_is_named_for_a_week(main: Bot, owner: Connection):
    yesterday = diary.today(owner) - timedelta(days=1)
    owner.execute("DELETE FROM daily_records WHERE day = %s", [yesterday])
    owner.execute("INSERT INTO rest_days (user_id, day) VALUES (%s, %s)", [ALEX.id, yesterday])
    text = main.command("submit-stats").text
    assert "**Streak:** 3 days. Log something today and it is 4 days\nYou rested on " in text


def test_the_third_day_brings_a_gift(main: Bot, owner: Connection):
    owner.execute("DELETE FROM daily_records WHERE day < (SELECT max(day) - 1 FROM daily_records)")
    card = main.command("submit-stats")
    assert "freeze" not in card.text
    done = main.fill(main.tap(card, "Core"), {"approaches": "1"})
    assert "**A gift: your first freeze.** It covers a day you miss, automatically" in done.text


def test_the_history_has_a_line_for_a_rest_day(main: Bot, owner: Connection):
    past.give(owner, {ALEX: 100}, 1)
    main.tap(main.command("rest-day"), "Rest today")
    today = diary.today(owner)
    assert f"**Rest day:** {days.named(today, today)}\n**+100 XP** " in main.command("history").text
    main.tap(main.command("rest-day"), "Take back")
    assert "Rest day" not in main.command("history").text
