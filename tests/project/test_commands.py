"""Rules for commands: one file each, and from it everything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from devkit.discord_api.schema import registration_problems
from mastermind.bot.registration import problems, to_json
from mastermind.bot.registry import APPS, commands, find, names
from mastermind.discord import limits
from ops import docs
from ops.commands import app

if TYPE_CHECKING:
    from mastermind.bot.commands import Command

ROOT = Path(__file__).parents[2]
EVERY = [(app, command) for app in APPS for command in commands(app)]
every_command = pytest.mark.parametrize(("app", "command"), EVERY, ids=[command.name for _, command in EVERY])


@pytest.mark.parametrize("app", APPS)
def test_every_file_declares_the_command_it_is_named_after(app: str):
    folder = ROOT / "layers/shared/mastermind/commands" / app
    files = sorted(path.stem for path in folder.iterdir() if path.stem not in {"__init__", "__pycache__"})
    assert files == sorted(name.replace("-", "_") for name in names(app))
    assert [command.name for command in commands(app)] == list(names(app))


@every_command
def test_a_command_keeps_discords_limits_and_explains_itself(app: str, command: Command):
    assert problems(command) == [], app


@pytest.mark.parametrize("app", APPS)
def test_discords_own_schema_accepts_our_registration(app: str):
    assert len(names(app)) <= limits.COMMANDS
    assert registration_problems([to_json(command) for command in commands(app)]) == []


def test_no_two_commands_share_a_name():
    assert len({command.name for _, command in EVERY}) == len(EVERY)


@every_command
def test_a_command_is_found_by_its_name_in_its_own_application_alone(app: str, command: Command):
    assert find(app, command.name) is command
    assert all(find(other, command.name) is None for other in APPS if other != app)


@pytest.mark.parametrize("name", ["", "no-such", "__init__", "help.x", "../main/help", "os", "x" * 1000, "hélp"])
def test_what_is_no_command_is_not_found(name: str):
    assert find("main", name) is None


def test_the_generated_documents_are_up_to_date():
    stale = [name for name, text in docs.pages(get_command(app)).items() if (ROOT / name).read_text() != text]
    assert stale == [], "run `.venv/bin/ops docs`"
