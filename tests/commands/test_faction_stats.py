"""/faction-stats shows everybody how the two factions stand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from devkit.discord_client import User
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, SAM, Bot
from tests.commands.test_leaderboard import LONG_AGO, give, hide

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection


DAYS = re.compile(r"\d+ [A-Z]?.*20\d\d")
MEANS = (
    "-# The average counts, so a small faction can win. A newcomer joins the smaller one and stays.{hidden}\n"
    "-# `/submit-stats` and the challenges of `/tenseylist` bring XP for yours."
)


def shown(bot: Bot) -> list[str]:
    """The week without its days, who is first for one's own faction, what it means."""
    answer = bot.command("faction-stats")
    assert not answer.is_private
    return [DAYS.sub("DAYS", cast("str", part["content"])) for part in answer.parts() if part["type"] == 10]


def test_a_week_that_nobody_has_begun_can_be_won_by_both(main: Bot):
    week, more = shown(main)
    assert week == (
        "## ☀️ Luminarchs and 🌙 Noctivores\n"
        "A fresh week (DAYS): nobody has gathered XP yet, and both factions can still win it."
    )
    ever = "In all: ☀️ Luminarchs 0 XP (1 joined), 🌙 Noctivores 0 XP (0 joined).\n"
    assert more == ever + MEANS.format(hidden="")


def crowd(count: int, first: int = 1) -> list[User]:
    return [User(number, f"Member {number}") for number in range(first, first + count)]


def test_the_average_of_the_active_decides_and_not_the_size(main: Bot, owner: Connection):
    """Every second of twelve is a Noctivore; two Luminarchs are not active."""
    people = crowd(12)
    give(owner, dict.fromkeys(people, 100), LONG_AGO)
    give(owner, {user: 90 if user.id % 2 == 0 else 100 for user in people[:10]} | {people[10]: 400})
    main.as_user(people[0]).command("faction-stats")
    week, first, more = shown(main.as_user(people[0]))
    assert week == (
        "## ☀️ Luminarchs and 🌙 Noctivores\n"
        "**☀️ Luminarchs** are ahead this week, DAYS.\n"
        "☀️ 63 : 37 🌙 🟨🟨🟨🟨🟨🟨🟪🟪🟪🟪\n"
        "-# XP for each active member: ☀️ Luminarchs 150 (6 active), 🌙 Noctivores 90 (5 active)."
    )
    assert first == (
        "**First of ☀️ Luminarchs this week**\n"
        "🥇 **1.** 400 · Member 11\n🥈 **2.** 100 · Member 1\n🥈 **2.** 100 · Member 3"
    )
    assert more.startswith("In all: ☀️ Luminarchs 1,500 XP (6 joined), 🌙 Noctivores 1,050 XP (6 joined).\n")
    assert (
        "**First of 🌙 Noctivores this week**\n🥇 **1.** 90 · Member 2\n"
        in main.as_user(people[1]).command("faction-stats").text
    )


def test_averages_of_few_are_rounded(main: Bot, owner: Connection):
    give(owner, {ALEX: 333, SAM: 110})
    week, *_ = shown(main)
    assert week.endswith("☀️ Luminarchs about 350 (1 active), 🌙 Noctivores about 100 (1 active).")


def test_averages_are_rounded_while_few_hide(main: Bot, owner: Connection):
    people = crowd(24)
    give(owner, dict.fromkeys(people, 101))
    assert "☀️ Luminarchs 101 (12 active)" in shown(main)[0]
    for hidden in people[0:8:2]:
        hide(owner, hidden)
        assert "☀️ Luminarchs about 100 (" in shown(main)[0]
    hide(owner, people[8])
    week, *_, more = shown(main)
    assert "☀️ Luminarchs 101 (7 active)" in week
    assert more.endswith(MEANS.format(hidden=" Who hides is in none of these figures."))


def test_equal_factions_are_level(main: Bot, owner: Connection):
    give(owner, {ALEX: 300, SAM: 300})
    assert "\nBoth are level this week, DAYS.\n☀️ 50 : 50 🌙 🟨🟨🟨🟨🟨🟪🟪🟪🟪🟪\n" in shown(main)[0]


def test_a_week_below_zero_scores_nothing_and_the_total_has_its_minus(main: Bot, owner: Connection):
    give(owner, {ALEX: 1_000}, LONG_AGO)
    give(owner, {ALEX: -4_000})
    week, more = shown(main)
    assert "nobody has gathered XP yet" in week
    assert more.startswith("In all: ☀️ Luminarchs \u22123,000 XP (1 joined), ")


def test_what_a_hidden_member_gathers_is_in_no_figure(main: Bot, owner: Connection):
    kim = User(1, "Kim")
    give(owner, {ALEX: 300, SAM: 100})
    give(owner, {kim: 50})
    hide(owner, ALEX)
    before = shown(main)
    give(owner, {ALEX: 1_000})
    assert shown(main) == before
    assert before[0].endswith("☀️ Luminarchs about 50 (1 active), 🌙 Noctivores about 100 (1 active).")
    assert "Alex" not in "".join(before)


def test_a_member_who_hides_takes_their_xp_along_and_brings_it_back(main: Bot, owner: Connection):
    give(owner, {ALEX: 300, SAM: 100})
    before = shown(main)
    hide(owner, ALEX)
    assert "☀️ Luminarchs 0 (0 active)" in shown(main)[0].replace("about ", "")
    owner.execute("UPDATE users SET hidden = false")
    assert shown(main) == before


def test_when_the_database_is_down_the_answer_is_polite(postgres: Postgres):
    nowhere = Bot("main", Database(replace(postgres.settings("app_main"), port=1)))
    assert "so this was not done" in nowhere.command("faction-stats").text
