"""How a week reads."""

from __future__ import annotations

from dataclasses import replace

from mastermind.game.weeks import words
from mastermind.game.weeks.rules import Climber, FactionWeek, RaidResult, ServerWeek

FULL = ServerWeek(
    "2026-11-23",
    12,
    (Climber("Nova", 1412, 0), Climber("Sam", 900, 0), Climber("Lena", 640, 0)),
    Climber("Sam", 900, 600),
    ("Ann", "Ben"),
    0,
    (FactionWeek("Luminarchs", 5400), FactionWeek("Noctivores", 4100)),
    (RaidResult("warrior", True, 200, 218, 7), RaidResult("mage", False, 1000, 430, 3)),
    0,
    "Whom would you like to thank?",
)
QUIET = replace(FULL, active=1, climbers=FULL.climbers[:1], improved=None, newcomers=(), raids=())


def test_a_full_week_has_a_line_for_each_thing_that_there_is_to_tell():
    assert words.of_server(FULL).splitlines() == [
        "📅 **The week from 23 to 29 November 2026:** 12 of you were out there.",
        "🏔️ Climbed most: **Nova** (+1,412 XP), **Sam** (+900 XP), **Lena** (+640 XP).",
        "📈 Biggest step up: **Sam**, with 300 XP more than the week before.",
        "🌱 New here: **Ann** and **Ben**. Welcome!",
        "🤝 Luminarchs 5,400 XP, Noctivores 4,100 XP.",
        "⚔️ The warrior raid was won, with 218 of 200 points.",
        "⚔️ The mage raid came to 430 of 1,000 points. The next one is another chance.",
        "💬 **A question for the new week:** Whom would you like to thank?",
    ]


def test_a_quiet_week_counts_and_compares_nobody():
    assert words.of_server(QUIET).splitlines() == [
        "📅 **The week from 23 to 29 November 2026** was a quiet one. That is fine: small steps count in any week.",
        "💬 **A question for the new week:** Whom would you like to thank?",
    ]


def test_what_there_is_not_is_not_mentioned():
    bare = replace(FULL, climbers=(), improved=None, newcomers=(), raids=(), factions=(FactionWeek("Luminarchs", 0),))
    assert len(words.of_server(bare).splitlines()) == 2


def test_a_number_of_fewer_than_five_is_a_few():
    said = words.of_server(replace(FULL, active=4, more_newcomers=4))
    assert "A few of you were out there" in said
    assert "**Ann**, **Ben** and a few more" in said
    assert "**Ann**, **Ben** and 5 more" in words.of_server(replace(FULL, more_newcomers=5))


def test_further_raids_are_counted():
    assert "And 1 more raid." in words.of_server(replace(FULL, more_raids=1))
    assert "And 2 more raids." in words.of_server(replace(FULL, more_raids=2))
