"""How members and factions stand: scorecard, leaderboard, faction-stats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.game.catalogue import content as stats
from tests.commands import diary
from tests.commands.playing import ALEX, SAM
from tests.gallery import past

if TYPE_CHECKING:
    from tests.gallery.stage import Act

CARD, BOARD, FACTIONS = "/scorecard", "/leaderboard", "/faction-stats"
STRANGER = User(past.CROWD[0].id - 1, "Zoe")


def first_card(act: Act) -> None:
    show, alex = act.of(CARD), act.main
    show("the first day", alex.command("scorecard"))
    show("somebody who has not played", alex.command("scorecard", {"user": STRANGER}))
    show("two who have not played", alex.command("scorecard", {"user": STRANGER, "compare": SAM}))
    show("compared with oneself", alex.command("scorecard", {"compare": ALEX}))


def cards(act: Act) -> None:
    show, alex = act.of(CARD), act.main
    past.give(act.owner, {ALEX: 12_345, SAM: 6_000})
    diary.write_run(act.owner, 30)
    diary.write(act.owner, 0, {"approaches": 6, "numbers": 2, "new_contact_response": 1, "overall_state": 8})
    diary.write(act.owner, 0, {"hellos_to_strangers": 40, "grounding": 3}, user=SAM)
    past.tick(act.owner, past.every()[:17])
    act.sweep()
    card = show("some weeks into the game", alex.command("scorecard"))
    show("their own, from the button below it", alex.tap(card, "My card"))
    show("another member's", alex.command("scorecard", {"user": SAM}))
    show("two members side by side", alex.command("scorecard", {"compare": SAM}))
    past.hide(act.owner, SAM)
    show("a hidden member's, as others see it", alex.command("scorecard", {"user": SAM}))
    show("a hidden member's, as they see it", alex.as_user(SAM).command("scorecard"))
    show("beside a hidden member", alex.command("scorecard", {"compare": SAM}))


def fullest_card(act: Act) -> None:
    show, alex = act.of(CARD), act.main
    past.give(act.owner, {ALEX: 1_255_000, SAM: -250})
    every = [stat for each in stats.load().categories for stat in each.stats]
    for back in range(30):
        diary.write(act.owner, back, {stat.key: 10 if stat.once_a_day else 10_000 for stat in every})
    past.tick(act.owner, [*past.every(), "long-gone"])
    act.sweep()
    show("everything there can be, at the highest level", alex.command("scorecard"))
    show("XP taken below zero", alex.command("scorecard", {"user": SAM}))


def first_boards(act: Act) -> None:
    show, alex = act.of(BOARD), act.main
    show("nobody has anything yet", alex.command("leaderboard", {"range": "all"}))
    show("a week that nobody has begun", alex.command("leaderboard"))
    show("of a stat, nobody has logged it", alex.command("leaderboard", {"board": "approaches", "range": "month"}))
    show("of the challenges, nobody has done one", alex.command("leaderboard", {"board": "Challenges done"}))
    show("a board that there is not", alex.command("leaderboard", {"board": "luck"}))
    show("typing the board", alex.typing("leaderboard", "board", ""))
    show("typing “date”", alex.typing("leaderboard", "board", "date"))
    act.of(FACTIONS)("nobody has anything yet", alex.command("faction-stats"))


def boards(act: Act) -> None:
    show, alex = act.of(BOARD), act.main
    past.give(
        act.owner, {user: 5_000 - 200 * (place - place % 2) for place, user in enumerate((*past.CROWD, ALEX))}, 20
    )
    past.give(act.owner, {user: 10 * place for place, user in enumerate(past.CROWD[:5], start=1)})
    diary.write(act.owner, 1, {"approaches": 7}, user=past.CROWD[0])
    diary.write(act.owner, 1, {"approaches": 1}, user=ALEX)
    week = show("XP of this week", alex.command("leaderboard"))
    around = show("XP of all time, around oneself", alex.tap(week, "All time"))
    first = show("XP of all time, the top", alex.tap(around, "Top"))
    second = show("the page after it", alex.tap(first, "▶️"))
    show("back at the top", alex.tap(second, "◀️"))
    show("around oneself again", alex.tap(first, "Me"))
    show("refreshed", alex.tap(first, "🔄"))
    show("the second page, asked for", alex.command("leaderboard", {"range": "all", "page": 2}))
    show("a stat of this month", alex.command("leaderboard", {"board": "Approaches", "range": "month"}))
    show("challenges", alex.command("leaderboard", {"board": "tensey"}))
    show("tapped by another member: a copy of their own", alex.as_user(SAM).tap(first, "▶️"))
    gone = custom_ids.make("leaderboard", "next", 0, ALEX.id, "public", 1, "all", "retired_stat")
    show("a board that is kept no longer", alex.press(gone))
    act.of(FACTIONS)("full", alex.command("faction-stats"))
    past.hide(act.owner, ALEX)
    show("opened by a hidden member", alex.command("leaderboard"))
    show("a hidden member taps an open board", alex.tap(first, "Me"))


def level_factions(act: Act) -> None:
    past.give(act.owner, {ALEX: 100, SAM: 100})
    act.of(FACTIONS)("both level, a member each", act.main.command("faction-stats"))


ACTS = (first_card, cards, fullest_card, first_boards, boards, level_factions)
