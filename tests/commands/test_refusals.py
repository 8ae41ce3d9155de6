"""What every command refuses in the same words, whatever it does."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from mastermind.bot.dispatch import DIRECT_MESSAGE, WHO, WRONG_APPLICATION, WRONG_SERVER
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.entrypoints.endpoint import UNAVAILABLE
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Limit, Pace
from mastermind.postgres.database import Database
from tests.commands import alone
from tests.commands.playing import ALEX, PLACE, Bot
from tests.commands.test_authority import RANK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.discord_client import Answer
    from devkit.postgres import Postgres
    from mastermind.bot.commands import Command, Option, Subcommand
    from tests.commands.conftest import EnterAs

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
CALM = {200, 400}
HASTY = dict.fromkeys(Pace, Limit(1, 3600, 1))
ANSWERS_WITHOUT_A_DATABASE = {"/help", "/security health", "/privacy delete", "/course ask"} | {
    line for line in alone.lines() if alone.said("ANSWERS_WITHOUT_A_DATABASE", line)
}
"""Health says so itself; the last two only ask something back."""

FOR_EVERYONE = {
    "/course ask",
    "/course module",
    "/course overview",
    "/course progress",
    "/course watch",
    "/faction-stats",
    "/help",
    "/history",
    "/leaderboard",
    "/pause",
    "/privacy delete",
    "/privacy export",
    "/progress",
    "/raid-status",
    "/rest-day",
    "/scorecard",
    "/settings",
    "/start",
    "/stats-days",
    "/stats-delete",
    "/stats-edit",
    "/submit-past-stats",
    "/submit-stats",
    "/tenseyleaderboard",
    "/tenseylist",
    "/today",
}
FOR_MODERATORS = {"/admin home", "/security warn", "/security warnings", "/security flags"}
FOR_ADMINS = {
    "/admin adjust-xp",
    "/admin course-answer",
    "/admin course-questions",
    "/admin reset-stats",
    "/admin outages",
    "/admin report",
    "/admin settings",
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
LISTED = (
    dict.fromkeys(FOR_EVERYONE, Access.EVERYONE)
    | dict.fromkeys(FOR_MODERATORS, Access.MODERATOR)
    | dict.fromkeys(FOR_ADMINS, Access.ADMIN)
)
ROWS = LISTED | alone.rows(LISTED)
"""Who may use a command, with all that belongs to it but for what follows: a command without a row fails.

The test of a command may hold its row (`alone.py`).
"""
FOR_ADMINS_ON_PAGES_FOR_MODERATORS = {("/security warnings", "dismiss"), ("/security warnings", "done")}


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


def test_every_command_has_a_row_that_says_who_may_use_it():
    assert dict(with_access()) == ROWS


def test_each_use_of_a_command_is_refused_to_those_below_its_row_and_to_nobody_else(bots: list[Bot]):
    for bot, line, action, use in uses(bots):
        needed = Access.ADMIN if (line, action) in FOR_ADMINS_ON_PAGES_FOR_MODERATORS else ROWS[line]
        for user, rank in RANK.items():
            answer = use(bot.as_user(user))
            if rank < needed:
                words = WHO[ROWS[line] if rank < ROWS[line] else needed]
                assert (words_of(answer), answer.is_private) == (words, True), (line, action, user.name)
            else:
                assert answer.status in CALM, (line, action, user.name)
                assert answer.text not in WHO.values(), (line, action, user.name)


def test_suggestions_are_for_those_who_may_use_the_command(bots: list[Bot]):
    for bot, line, part in typed(bots):
        for option in part.options:
            for user in (user for user, rank in RANK.items() if option.autocomplete and rank < ROWS[line]):
                assert bot.as_user(user).typing(line.removeprefix("/"), option.name, "").choices == [], line


def uses(bots: list[Bot]) -> Iterator[tuple[Bot, str, str, Callable[[Bot], Answer]]]:
    """Every line typed, and every button and form of its messages with a custom_id that the client made up."""
    for bot, line, part in typed(bots):
        command, _, name = line.removeprefix("/").partition(" ")
        path = custom_ids.path(command, name)
        yield bot, line, "", partial(send, line=line, part=part)
        yield from ((bot, line, action, partial(press, path=path, action=action)) for action in part.components)
        yield from ((bot, line, action, partial(send_off, path=path, action=action)) for action in part.modals)


def press(bot: Bot, path: str, action: str) -> Answer:
    return bot.press(own_id(bot, path, action))


def send_off(bot: Bot, path: str, action: str) -> Answer:
    return bot.send(discord.modal(PLACE, bot.user, own_id(bot, path, action), {}))


def own_id(bot: Bot, path: str, action: str) -> str:
    return custom_ids.make(path, action, bot.user.id, 1, 1)


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
