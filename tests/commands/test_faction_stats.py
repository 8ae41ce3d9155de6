"""/faction-stats shows everybody how the two factions stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from devkit.discord_client import User
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, SAM, Bot
from tests.commands.test_leaderboard import LONG_AGO, give, hide

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection


def shown(bot: Bot) -> list[str]:
    """Heading with the leads, then each faction without the days of the week."""
    answer = bot.command("faction-stats")
    assert not answer.is_private
    return [_without_days(cast("str", part["content"])) for part in answer.parts() if part["type"] == 10]


def _without_days(words: str) -> str:
    return words.partition(" (")[0]


def test_on_the_first_use_there_is_one_member_and_no_xp(main: Bot):
    assert shown(main) == [
        "## Factions\nNobody has gathered XP yet. `/submit-stats` and `/tenseylist` bring the first.",
        "### Luminarchs\n**Members:** 1\n**XP:** 0, on average 0 a member\n**This week:** 0 XP",
        "### Noctivores\n**Members:** 0\n**XP:** 0, on average 0 a member\n**This week:** 0 XP",
    ]


def test_the_leader_is_named_in_words_in_all_and_for_the_week(main: Bot, owner: Connection):
    kim = User(1, "Kim")
    give(owner, {ALEX: 4_000}, LONG_AGO)  # the first of the Luminarchs
    give(owner, {SAM: 1_000}, LONG_AGO)
    give(owner, {kim: 1})
    give(owner, {SAM: 250})
    leads, *factions = shown(main)
    assert leads == (
        "## Factions\n"
        "**In all** Luminarchs lead by 2,751 XP.\n"
        "**On average** Luminarchs lead by 751 XP a member.\n"
        "**This week** Noctivores lead by 249 XP."
    )
    assert factions == [
        "### Luminarchs\n**Members:** 2\n**XP:** 4,001, on average 2,001 a member\n**This week:** 1 XP",
        "### Noctivores\n**Members:** 1\n**XP:** 1,250, on average 1,250 a member\n**This week:** 250 XP",
    ]
    assert "(" in main.command("faction-stats").text


def test_what_is_below_zero_has_a_minus_that_is_not_overlooked(main: Bot, owner: Connection):
    give(owner, {ALEX: 1_000}, LONG_AGO)
    give(owner, {ALEX: -4_000})
    below = "**XP:** \u22123,000, on average \u22123,000 a member\n**This week:** \u22124,000 XP"
    assert shown(main)[1] == f"### Luminarchs\n**Members:** 1\n{below}"


def test_equal_factions_are_level(main: Bot, owner: Connection):
    give(owner, {ALEX: 300, SAM: 300})
    assert shown(main)[0] == (
        "## Factions\n"
        "**In all** they are level, at 300 XP.\n"
        "**On average** they are level, at 300 XP a member.\n"
        "**This week** they are level, at 300 XP."
    )


def test_what_a_hidden_member_gathers_is_in_no_figure(main: Bot, owner: Connection):
    kim = User(1, "Kim")
    give(owner, {ALEX: 300, SAM: 100})
    give(owner, {kim: 50})
    hide(owner, ALEX)
    give(owner, {ALEX: 1_000})
    leads, luminarchs, _, note = shown(main)
    assert "**In all** Noctivores lead by 50 XP." in leads
    assert luminarchs == "### Luminarchs\n**Members:** 2\n**XP:** 50, on average 50 a member\n**This week:** 50 XP"
    assert note == "-# The XP of members who hide is in none of these figures."


def test_a_member_who_hides_takes_their_xp_along_and_brings_it_back(main: Bot, owner: Connection):
    give(owner, {ALEX: 300}, LONG_AGO)
    give(owner, {SAM: 100})
    before = shown(main)
    hide(owner, ALEX)
    assert "**XP:** 0, on average 0 a member" in shown(main)[1]
    owner.execute("UPDATE users SET hidden = false")
    assert shown(main) == before


def test_when_the_database_is_down_the_answer_is_polite(postgres: Postgres):
    nowhere = Bot("main", Database(replace(postgres.settings("app_main"), port=1)))
    assert "so this was not done" in nowhere.command("faction-stats").text
