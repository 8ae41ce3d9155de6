"""A game to play: both applications on the real database, each under its own role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from mastermind.postgres.database import Database
from tests.commands.playing import Bot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres


class EnterAs(Protocol):
    """The clean database as a function of production enters it: `enter_as("app_tensey")`."""

    def __call__(self, role: str) -> Database: ...


@pytest.fixture
def enter_as(database: Postgres) -> Iterator[EnterAs]:
    entered: list[Database] = []

    def enter(role: str) -> Database:
        entered.append(Database(database.settings(role)))
        return entered[-1]

    yield enter
    for each in entered:
        each.close()


@pytest.fixture
def tensey(enter_as: EnterAs) -> Bot:
    return Bot("tensey", enter_as("app_tensey"))


@pytest.fixture
def main(enter_as: EnterAs) -> Bot:
    return Bot("main", enter_as("app_main"))


@pytest.fixture
def awards(enter_as: EnterAs) -> Database:
    """The database as xp_award sees it."""
    return enter_as("app_award")
