"""What every command refuses in the same words, whatever it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.bot.dispatch import DIRECT_MESSAGE, WHO, WRONG_APPLICATION, WRONG_SERVER
from mastermind.discord.permissions import ADMINISTRATOR, MODERATE_MEMBERS
from mastermind.entrypoints.endpoint import UNAVAILABLE
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Limit, Pace
from mastermind.postgres.database import Database
from tests.commands.playing import ALEX, PLACE, Bot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from mastermind.bot.commands import Command, Option, Subcommand
    from tests.commands.conftest import EnterAs

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
MIA = User(1_300_000_000_000_000_011, "Mia", MODERATE_MEMBERS)
HASTY = dict.fromkeys(Pace, Limit(1, 3600, 1))
ANSWERS_WITHOUT_A_DATABASE = {"/help", "/security health", "/privacy delete", "/course ask"}
"""Health says so itself; the last two only ask something back."""

FOR_MODERATORS = {"/admin home", "/security warn", "/security warnings", "/security flags"}
FOR_ADMINS = {
    "/admin adjust-xp",
    "/admin course-answer",
    "/admin course-questions",
    "/admin reset-stats",
    "/admin outages",
    "/admin roles add",
    "/admin roles list",
    "/admin roles remove",
    "/admin roles sync",
    "/security audit",
    "/security backup",
    "/security export-data",
    "/security health",
    "/start-raid",
}


@pytest.fixture
def bots(enter_as: EnterAs) -> list[Bot]:
    """Both applications, as an admin sees them."""
    return [Bot(app, enter_as(f"app_{app}"), user=ADA) for app in catalogue.APPS]


def test_another_place_is_refused(bots: list[Bot]):
    places = {
        DIRECT_MESSAGE: replace(PLACE, guild_id=None),
        WRONG_SERVER: replace(PLACE, guild_id=7),
        WRONG_APPLICATION: replace(PLACE, application_id=7),
    }
    for bot, line, part in typed(bots):
        for words, place in places.items():
            assert words_of(send(bot, line, part, place)) == words, line


def test_commands_are_for_everyone_but_these():
    lines = dict(with_access())
    assert {line for line, access in lines.items() if access is Access.MODERATOR} == FOR_MODERATORS
    assert {line for line, access in lines.items() if access is Access.ADMIN} == FOR_ADMINS


def test_a_caller_without_access_is_refused(bots: list[Bot]):
    access = dict(with_access())
    for bot, line, part in typed(bots):
        for user in (ALEX, MIA)[: access[line]]:
            refused = send(bot.as_user(user), line, part)
            assert (words_of(refused), refused.is_private) == (WHO[access[line]], True), line


def test_without_a_database_it_is_unavailable(bots: list[Bot], postgres: Postgres):
    for bot, line, part in typed(bots):
        away = replace(bot, database=Database(replace(postgres.settings(f"app_{bot.app}"), port=9)))
        answer = words_of(send(away, line, part))
        assert answer.startswith(UNAVAILABLE) == (line not in ANSWERS_WITHOUT_A_DATABASE), line


def test_a_rate_limited_member_is_told_when_to_try_again(bots: list[Bot]):
    for bot, line, part in typed(bots):
        if line not in ANSWERS_WITHOUT_A_DATABASE:
            hasty = replace(bot, limits=HASTY)
            assert [words_of(send(hasty, line, part)) for _ in range(2)][-1].startswith("Too fast!"), line


def typed(bots: list[Bot]) -> Iterator[tuple[Bot, str, Command | Subcommand]]:
    """Everything that can be typed."""
    for bot in bots:
        yield from (
            (bot, line, part) for command in catalogue.commands(bot.app) for line, part in lines(command) if part.run
        )


def with_access() -> Iterator[tuple[str, Access]]:
    for app in catalogue.APPS:
        for command in catalogue.commands(app):
            for line, part in lines(command):
                if part.run:
                    yield line, command.access if part.access is None else part.access


def lines(command: Command) -> Iterator[tuple[str, Command | Subcommand]]:
    yield f"/{command.name}", command
    yield from ((f"/{command.name} {part.name}", part) for part in command.subcommands)


def send(bot: Bot, line: str, part: Command | Subcommand, place: discord.Place = PLACE) -> Answer:
    """Type the command with its required options."""
    needed = {option.name: value(option) for option in part.options if option.required}
    return bot.send(discord.command(place, bot.user, line.removeprefix("/"), needed))


NUMBERS = {"value", "role"}
"""Texts that are numbers: what a role is for, and which one it is."""


def value(option: Option) -> discord.Value:
    if option.choices:
        return option.choices[0].value
    match option.type:
        case OptionType.USER:
            return ALEX
        case OptionType.ROLE:
            return discord.NamedRole(7)
        case OptionType.INTEGER:
            return 1
        case OptionType.BOOLEAN:
            return True
        case _:
            return "7" if option.name in NUMBERS else "today"


def words_of(answer: Answer) -> str:
    data: Any = answer.body["data"]
    return answer.text or data.get("title", "")
