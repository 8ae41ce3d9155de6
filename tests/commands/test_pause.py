"""/pause: each way to begin and to end one, and where it shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from tests.commands import diary
from tests.commands.playing import ALEX, PLACE, SAM, button, labels
from tests.gallery import past

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.commands.playing import Bot
    from tests.conftest import Connection

LENGTHS = ["3 days", "7 days", "14 days", "30 days"]


@pytest.fixture(autouse=True)
def _streak(owner: Connection) -> None:
    """Alex has logged on each of sixteen days but yesterday."""
    past.meet(owner, ALEX)
    diary.write_run(owner, 16, last=2)


def stored(owner: Connection) -> list[tuple[int, int]]:
    """Pauses by how many days from today they begin and end."""
    today = diary.today(owner)
    found = owner.execute("SELECT first_day, last_day FROM pauses ORDER BY first_day").fetchall()
    return [((first - today).days, (last - today).days) for first, last in found]


def days_ago(owner: Connection, days: int) -> None:
    """The pause was begun so many days earlier than it was."""
    owner.execute(
        "UPDATE pauses SET first_day = first_day - days, last_day = last_day - days, begun_on = begun_on - days"
        " FROM (SELECT %s::int AS days) AS ago",
        [days],
    )


def logged(main: Bot) -> Answer:
    return main.fill(main.tap(main.command("submit-stats"), "Core"), {"approaches": "1"})


def test_a_pause_begins_with_a_button_and_only_the_member_sees_it(main: Bot, owner: Connection):
    page = main.command("pause")
    assert page.is_private
    assert labels(page) == [*LENGTHS, "From yesterday", "Rest day"]
    paused = main.tap(page, "14 days")
    assert "You are paused through" in paused.text
    assert "your streak of 16 days" in paused.text
    assert labels(paused) == ["End pause"]
    assert stored(owner) == [(0, 13)]


def test_a_pause_begins_with_the_command_alone(main: Bot, owner: Connection):
    assert "You are paused through" in main.command("pause", {"days": 5}).text
    assert stored(owner) == [(0, 4)]


def test_it_can_begin_with_yesterday(main: Bot, owner: Connection):
    page = main.tap(main.command("pause"), "From yesterday")
    assert "It would begin with yesterday" in page.text
    assert labels(page) == [*LENGTHS, "From today", "Rest day"]
    main.tap(page, "3 days")
    assert stored(owner) == [(-1, 1)]


def test_who_counts_on_the_day_already_begins_with_the_next(main: Bot, owner: Connection):
    logged(main)
    assert "today needs nothing" in main.command("pause").text
    planned = main.command("pause", {"days": 3})
    assert "Your pause begins tomorrow" in planned.text
    assert labels(planned) == ["Cancel pause"]
    assert stored(owner) == [(1, 3)]
    assert "A pause holds it from tomorrow" in main.command("submit-stats").text
    assert "Pause" not in main.command("scorecard").text, "it has not begun"


def test_a_button_that_is_pressed_twice_begins_one(main: Bot, owner: Connection):
    page = main.command("pause")
    main.tap(page, "7 days")
    assert "no other has begun" in main.tap(page, "30 days").text
    assert stored(owner) == [(0, 6)]


def test_a_button_that_is_delivered_twice_gives_the_same_answer(main: Bot, owner: Connection):
    begun = discord.component(PLACE, ALEX, button(main.command("pause"), "7 days"))
    paused = main.send(begun)
    assert main.send(begun).text == paused.text
    ended = discord.component(PLACE, ALEX, button(paused, "End pause"))
    assert main.send(ended).text == main.send(ended).text
    assert stored(owner) == []
    main.send(begun)
    assert stored(owner) == [], "what has ended does not begin again"


def test_everybody_sees_on_the_card_that_a_member_is_paused(main: Bot):
    assert "Pause" not in main.command("scorecard").text
    main.command("pause", {"days": 5})
    assert "**Paused** through" in main.as_user(SAM).command("scorecard", {"user": ALEX}).text


def test_what_is_logged_ends_it_with_a_welcome(main: Bot, owner: Connection):
    main.command("pause", {"days": 5})
    days_ago(owner, 1)
    assert "16 days, held" in main.command("submit-stats").text
    assert "**Welcome back, nothing is lost!** Your pause has ended, and it held your streak." in logged(main).text
    assert "Welcome back" not in logged(main).text
    assert stored(owner) == [(-1, 0)]


def test_it_is_ended_by_hand(main: Bot, owner: Connection):
    main.command("pause", {"days": 5})
    days_ago(owner, 2)
    ended = main.tap(main.command("pause"), "End pause")
    assert "Your days count as usual again" in ended.text
    assert stored(owner) == [(-2, 0)]
    assert "It would begin tomorrow" in main.command("pause").text


def test_a_fifth_pause_is_refused_with_the_day_of_the_next(main: Bot, owner: Connection):
    begun = [diary.today(owner) - timedelta(days=back) for back in (90, 60, 30, 9)]
    owner.execute_many(
        "INSERT INTO pauses (user_id, first_day, last_day, begun_on) VALUES (%s, %s, %s, %s)",
        [(ALEX.id, day, day + timedelta(days=2), day) for day in begun],
    )
    assert "The next pause can begin on" in main.command("pause").text
    assert labels(main.command("pause")) == []
    assert "as often as it goes" in main.command("pause", {"days": 5}).text
    assert len(stored(owner)) == 4


def test_the_history_marks_pauses(main: Bot, owner: Connection):
    logged(main)
    main.command("pause", {"days": 5})
    first = diary.today(owner) + timedelta(days=1)
    assert f"**Pause:** {first:%a} {first.day} {first:%b}" in main.command("history").text


def test_the_export_has_pauses(main: Bot, owner: Connection):
    main.command("pause", {"days": 5})
    assert str(diary.today(owner) + timedelta(days=4)) in str(main.command("privacy export").files)
