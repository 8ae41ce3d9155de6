"""Lines of the documents, typed as they stand: what they need is there, and they do what the documents say."""

from __future__ import annotations

import json
from shutil import copy
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from mastermind.bot.registry import names
from ops.commands import app
from tests.ops.discord_stand_in import TOKEN, StandIn, discord
from tests.project.test_documents import blocks, commands
from tests.project.test_laws import ROOT, pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "levels": "own.json",
    "categories": "own-stats.json",
    "rules": "own-flags.json",
    "modules": "own-course.json",
    "questions": "own-questions.json",
}
LOOK = ROOT / "functions" / "pictures" / "look" / "look.json"
TOKENS = {"DISCORD_BOT_TOKEN_MAIN": TOKEN, "DISCORD_BOT_TOKEN_TENSEY": TOKEN}


def lines(*begins: str) -> list[list[str]]:
    """What follows `.venv/bin/ops` in each line of the documents' scripts that begins so."""
    found = (list(words) for page in pages() for block in blocks(page, "sh") for words in commands(block))
    return [words[1:] for words in found if words[: 1 + len(begins)] == [".venv/bin/ops", *begins]]


@pytest.fixture(autouse=True)
def _own_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout in which the examples of content are kept under the names that the documents give them."""
    monkeypatch.chdir(tmp_path)
    copy(LOOK, tmp_path / "own-look.json")
    for example in blocks(ROOT / "docs" / "Tensey_Bot_Integration.md", "json"):
        (tmp_path / FILES[next(iter(json.loads(example)))]).write_text(example, encoding="utf-8")


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        stand_in.channels.messages = {"444": {}, "555": {}}
        yield stand_in


def typed(words: list[str], stand_in: StandIn | None = None, application: str = "") -> Result:
    """The ids are those that the stack would say."""
    more = ["--base-url", stand_in.url] if stand_in else []
    ids = {"DISCORD_APPLICATION_ID": application, "DISCORD_GUILD_ID": "222"}
    done = CliRunner().invoke(app, [*words, *more], input="y\n", env={**TOKENS, **ids, "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done


def test_the_examples_of_content_pass_their_check():
    said = "".join(typed(words).output for words in lines("check-content"))
    assert {file for file in FILES.values() if f"{file} is valid" in said} >= {
        "own.json",
        "own-stats.json",
        "own-course.json",
        "own-questions.json",
    }


def test_the_commands_are_registered(stand_in: StandIn):
    dry, main, tensey = lines("register")
    assert "Nothing was written" in typed(dry, stand_in, "111").output
    assert stand_in.names("/applications/111/guilds/222") == set()
    typed(main, stand_in, "111")
    typed(tensey, stand_in, "333")
    assert stand_in.names("/applications/111/guilds/222") == set(names("main"))
    assert stand_in.names("/applications/333/guilds/222") == set(names("tensey"))


def test_the_buttons_are_posted(stand_in: StandIn, tmp_path: Path):
    dry, real, of_main = lines("post-buttons")
    stand_in.application = {"id": "333"}
    typed(dry, stand_in, "333")
    assert stand_in.channels.messages == {"444": {}, "555": {}}
    typed(real, stand_in, "333")
    assert all(stand_in.channels.only(channel)["pinned"] for channel in ("444", "555"))
    stand_in.application, stand_in.endpoint = {"id": "111"}, "https://example.org/prod/interactions/main"
    stand_in.channels.messages |= {"666": {}, "777": {}, "888": {}}
    typed(of_main, stand_in, "111")
    assert all(stand_in.channels.only(channel)["pinned"] for channel in ("666", "777", "888"))
    assert (tmp_path / "buttons.json").exists()
