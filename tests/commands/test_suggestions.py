"""What is only being typed makes nobody a member: every option with suggestions, on the real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import User
from mastermind.bot import registry as catalogue
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from tests.commands.crawl import lines
from tests.commands.playing import Bot

if TYPE_CHECKING:
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
SUGGESTED = [
    (app, typed, option.name)
    for app in catalogue.APPS
    for command in catalogue.commands(app)
    for typed, options in lines(command)
    for option in options
    if option.autocomplete
]
NOTHING_YET = {"stats-edit", "stats-delete", "admin roles remove"}
"""They suggest days with something logged, which only a member can have, or roles that an admin has chosen."""


@pytest.fixture(autouse=True)
def _seeded(owner: Connection) -> None:
    courses.seed(owner, course.load())


def rows(owner: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database."""
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    query = "SELECT to_jsonb(found)::text AS row FROM {} AS found ORDER BY row"
    return {table: owner.execute(query.format(table).encode()).fetchall() for (table,) in tables}


@pytest.mark.parametrize(("app", "line", "option"), SUGGESTED)
def test_typing_makes_nobody_a_member_and_suggests_what_a_new_member_gets(
    enter_as: EnterAs, owner: Connection, app: str, line: str, option: str
):
    bot = Bot(app, enter_as(f"app_{app}"), user=ADA)
    before = rows(owner)
    unknown = bot.typing(line, option, "").choices
    assert rows(owner) == before
    assert bool(unknown) is (line not in NOTHING_YET)
    join(bot)
    assert bot.typing(line, option, "").choices == unknown


def join(bot: Bot) -> None:
    bot.command("tenseyleaderboard" if bot.app == "tensey" else "scorecard")
