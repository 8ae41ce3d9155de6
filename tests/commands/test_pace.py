"""A rate-limited member is told when to try again, in every kind of answer; each command declares its limit."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.bot import registry as catalogue
from mastermind.game.members.pace import LIMITS, Limit, Pace
from tests.commands.playing import ALEX, PLACE, SAM, UNHURRIED, Bot, button

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from mastermind.bot.commands import Command, Subcommand
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

COMMANDS = [command for app in catalogue.APPS for command in catalogue.commands(app)]


def slow(*paces: Pace) -> dict[Pace, Limit]:
    """Twice at once, and then nothing for an hour; all other paces are without haste."""
    return UNHURRIED | dict.fromkeys(paces, Limit(1, 3600, 2))


@pytest.fixture
def hasty(enter_as: EnterAs) -> Bot:
    return Bot("tensey", enter_as("app_tensey"), limits=slow(Pace.TICKS, Pace.LEADERBOARD))


def refused(answer: Answer) -> bool:
    return answer.text.startswith("Too fast!")


def test_the_refusal_is_private_and_says_when_to_go_on(hasty: Bot, capsys: pytest.CaptureFixture[str]):
    answers = [hasty.command("tenseyleaderboard") for _ in range(3)]
    assert [refused(answer) for answer in answers] == [False, False, True]
    assert answers[2].is_private
    (again,) = re.findall(r"<t:(\d+):R>", answers[2].text)
    assert 3500 < int(again) - time.time() <= 3602
    assert '"TooFast":[1.0]' in capsys.readouterr().out
    assert not refused(hasty.as_user(SAM).command("tenseyleaderboard"))


def test_a_refusal_changes_nothing_and_takes_no_page_away(hasty: Bot, owner: Connection):
    page = hasty.command("tenseylist", {"level": "1"})
    ticks = [custom_id for label, custom_id in page.buttons if label.startswith("Did it")]
    assert [refused(hasty.press(custom_id)) for custom_id in ticks[:4]] == [False, False, True, True]
    assert owner.execute("SELECT count(*) FROM pending_xp_awards").fetchone() == (2,)
    assert owner.execute("SELECT count(*) FROM interactions_done").fetchone() == (2,)
    assert owner.execute("SELECT pace, violations FROM rate_limit_violations").fetchall() == [("ticks", 2)]
    assert not refused(hasty.command("tenseylist"))


def test_ticks_and_undos_are_counted_together(hasty: Bot):
    page = hasty.command("tenseylist", {"level": "1"})
    ticked = hasty.tap(page, "Did it")
    assert not refused(hasty.press(button(ticked, "Undo")))
    assert refused(hasty.tap(page, "Did it"))


def test_discord_may_deliver_a_tick_as_often_as_it_likes(hasty: Bot):
    page = hasty.command("tenseylist", {"level": "1"})
    tap = discord.component(PLACE, ALEX, button(page, "Did it"))
    assert not any(refused(hasty.send(tap)) for _ in range(5))
    assert not refused(hasty.tap(page, "Did it"))


def test_leafing_through_the_leaderboard_is_not_asking_for_it(hasty: Bot):
    board = hasty.command("tenseyleaderboard")
    assert not any(refused(hasty.tap(board, "🔄")) for _ in range(5))


def test_who_types_too_fast_gets_no_choices(enter_as: EnterAs):
    bot = Bot("tensey", enter_as("app_tensey"), limits=slow(Pace.PAGING))
    bot.command("tenseyleaderboard")
    offered = [len(bot.typing("tenseylist", "level", "1").choices) for _ in range(3)]
    assert offered[0] == offered[1] > 0
    assert offered[2] == 0


def test_a_person_is_never_refused_for_doing_ten_things_in_a_row(enter_as: EnterAs):
    at_once = replace(LIMITS[Pace.OTHER], seconds=3600)  # the next one is not due within two minutes
    bot = Bot("main", enter_as("app_main"), limits=LIMITS | {Pace.OTHER: at_once})
    assert [refused(bot.command("scorecard")) for _ in range(11)] == [False] * 10 + [True]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_pace_of_its_own_has_only_what_is_declared_beside_it(command: Command):
    parts: tuple[Command | Subcommand, ...] = (command, *command.subcommands)
    for part in parts:
        assert set(part.paces) <= {*part.components, *part.modals}
