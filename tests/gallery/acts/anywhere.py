"""What any command may answer: refusals, haste, the database away, a mistake of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Never

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from mastermind.errors import Forgotten, OutcomeUnknown
from mastermind.game.flags import needs
from mastermind.game.members.pace import LIMITS
from mastermind.postgres.database import Database
from tests.commands.moderating import ADA, MIA
from tests.commands.playing import ALEX, PLACE, SAM, button
from tests.gallery.stage import COMMANDS

if TYPE_CHECKING:
    from tests.gallery.stage import Act

ANY, NEED = "Any command", "Somebody in need"


@dataclass
class Failing:
    """A database that always fails in the same way."""

    error: Exception

    def run(self, *_: object) -> Never:
        raise self.error


def refused(act: Act) -> None:
    show, alex = act.of(ANY), act.main
    show("in a direct message", alex.send(discord.command(replace(PLACE, guild_id=None), ALEX, "scorecard")))
    show("on another server", alex.send(discord.command(replace(PLACE, guild_id=7), ALEX, "scorecard")))
    show("sent to the other app", alex.send(discord.command(replace(PLACE, application_id=7), ALEX, "scorecard")))
    show("a command that there is no more", alex.command("dance"))
    show("a command that has changed since", alex.command("scorecard", {"mood": "good"}))
    show("an option that has changed since", alex.command("scorecard", {"user": "Sam"}))
    show("an option with a value that is not offered", alex.command("leaderboard", {"range": "decade"}))
    show("a number out of bounds", alex.command("leaderboard", {"page": 0}))
    show("a text that is too long", alex.command("leaderboard", {"board": "a" * 101}))
    show("a member types what is for admins", alex.command("start-raid", {"type": "mage"}))
    show("a member types what is for moderators", alex.command("security warnings"))
    show("a moderator types what is for admins", alex.as_user(MIA).command("security audit"))
    show("a button of an older version", alex.press(f"0:scorecard:refresh:{ALEX.id}"))
    show("a button that there is no more", alex.press(custom_ids.make("scorecard", "dance", ALEX.id)))
    card = alex.command("submit-stats")
    show("somebody else's message", alex.as_user(SAM).press(button(card, "Core")))
    page = alex.as_user(ADA).command("security warnings")
    show("somebody else's message of a subcommand", alex.as_user(MIA).press(button(page, "Refresh")))
    form = partial(custom_ids.make, "submit-stats", "save", ALEX.id, "retired", "20260813")
    show("a form of a category that has changed", alex.send(discord.modal(PLACE, ALEX, form(), {})))
    show("a form of another day", alex.send(discord.modal(PLACE, ALEX, form(key=1), {"approaches": "3"})))


def too_fast(act: Act) -> None:
    hasty = replace(act.main, limits=LIMITS)
    answers = [hasty.command("leaderboard") for _ in range(LIMITS_OF_BOARDS + 1)]
    act.of(ANY)("too fast", answers[-1])


LIMITS_OF_BOARDS = 3


def failing(act: Act) -> None:
    show = act.of(ANY)
    away = act.player("main", Database(replace(act.postgres.settings("app_main"), port=9)))
    show("the database is away", away.command("scorecard"))
    unsure = act.player("main", Failing(OutcomeUnknown("a test")))
    asked = {"question": "How do I begin with it?"}
    show("nobody knows whether it was stored", unsure.command("course ask", asked))
    show("the database is away, and something was typed", away.command("course ask", asked))
    show("a mistake of ours", act.player("main", Failing(RuntimeError("a test"))).command("scorecard"))
    show("deleted while it waited", act.player("main", Failing(Forgotten())).command("scorecard"))
    list_ = act.player("tensey", Database(replace(act.postgres.settings("app_tensey"), port=9)))
    act.of("/tenseylist")("typing the level while the database is away", list_.typing("tenseylist", "level", "1"))
    show("typing while the database is away", away.typing("stats-edit", "date", ""))


def in_need(act: Act) -> None:
    show, alex = act.of(NEED), act.main
    words = "I feel better off dead. How do others go on?"
    answer = show("words of despair in a question", alex.command("course ask", {"question": words}))
    show("they are safe for now", alex.tap(answer, "I am safe"))
    form = alex.tap(alex.command("submit-stats"), "Core")
    show("in a form that is refused", alex.fill(form, {"approaches": "i want to die"}))
    away = act.player("main", Database(replace(act.postgres.settings("app_main"), port=9)))
    show("the database is away", away.command("course ask", {"question": words}))
    elsewhere = discord.command(replace(PLACE, guild_id=7), ALEX, "course ask", {"question": words})
    show("on another server", alex.send(elsewhere))
    role = 1_290_000_000_000_000_002
    act.posted(NEED, "the moderators are mentioned", needs.message(role, 0, COMMANDS))
    act.posted(NEED, "there was more within the hour", needs.message(role, 2, COMMANDS))
    act.posted(NEED, "without a role of moderators", needs.message(0, 0, COMMANDS))


def waiting(act: Act) -> None:
    """Lines on top of a private answer."""
    show, alex = act.of("/stats-days"), act.main
    alex.command("course ask", {"question": "How do I begin with it?"})
    alex.as_user(ADA).command("admin course-answer", {"id": 1, "text": "With one hello."})
    alex.as_user(MIA).command("security warn", {"user": ALEX, "reason": "Went on after a no"})
    page = show("a warning and an answer wait", alex.command("stats-days"))
    act.of("For you")("a warning and an answer wait, in the other application", act.tensey.command("tenseylist"))
    act.of("/settings")("opened from the line about a warning", alex.tap(page, "Read it"))
    page = show("an answer waits", alex.command("stats-days"))
    act.of("/course ask")("opened from the line about an answer", alex.tap(page, "Read it"))


ACTS = (refused, too_fast, failing, in_need, waiting)
