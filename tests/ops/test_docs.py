"""`ops docs` writes what is generated, and reports when it is stale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from devkit import function_settings
from mastermind import config
from mastermind.bot.commands import Option, OptionType
from ops import docs
from ops.commands import app

if TYPE_CHECKING:
    from pathlib import Path

TOOL = get_command(app)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    return tmp_path


def test_stale_documents_are_named_and_then_written(folder: Path):
    checked = CliRunner().invoke(app, ["docs", "--check"])
    assert (checked.exit_code, list(folder.iterdir())) == (1, [])
    assert "Stale: docs/Commands.md, docs/Environment.md" in checked.output
    assert CliRunner().invoke(app, ["docs"]).exit_code == 0
    again = CliRunner().invoke(app, ["docs", "--check"])
    assert (again.exit_code, again.output) == (0, "Stale: nothing, all is up to date.\n")


def test_every_variable_is_in_the_environments_page():
    page = docs.pages(TOOL)["docs/Environment.md"]
    declared = {one for kinds in function_settings.FUNCTIONS.values() for one in config.settings(*kinds)}
    assert all(page.count(f"| `{one.name}` | {one.help} |") == 1 for one in declared)


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [(None, None, ""), (1, None, ", 1 or more"), (None, 9, ", 9 at most"), (0, 9, ", 0 to 9")],
)
def test_the_bounds_of_an_option_are_documented(least: int | None, most: int | None, words: str):
    option = Option("page", "Which page", OptionType.INTEGER, min_value=least, max_value=most)
    assert docs.bounds(option) == words


def test_a_variable_is_documented_with_its_parameters_and_its_functions():
    page = docs.pages(TOOL)["docs/Environment.md"]
    assert "| must be set | `MainPublicKey`, `TenseyPublicKey` | `interactions_main`, `interactions_tensey` |" in page
    assert "| `INFO` | - | `all` |" in page


def test_the_variables_of_the_operators_tool_are_documented():
    page = docs.pages(TOOL)["docs/Environment.md"]
    for name in ("OPS_STACK", "AWS_REGION", "DISCORD_BOT_TOKEN_MAIN", "LIST_CHANNEL_ID"):
        assert re.search(rf"^\| `{name}` \| .+ \| [a-z]", page, re.MULTILINE), name
