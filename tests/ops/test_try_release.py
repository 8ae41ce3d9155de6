"""An earlier release's code plays on the schema of this checkout, as it must during a deploy and after a rollback."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from devkit.discord_client import Place, new_private_key
from local.cloud import ROOT
from mastermind.bot.registry import APPS
from ops import try_release
from ops.commands import app
from ops.queries import newest_migration
from ops.smoke import SMOKE_SET
from ops.try_release import Checkout, Release

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.postgres import Postgres
    from ops.smoke import StepResult

SHIPPED = ("functions", "layers", "migrations")
"""The folders of a release that serve; how they are built stands beside them."""

IDENTITY = ("-c", "user.name=Release", "-c", "user.email=release@example.org", "-c", "commit.gpgsign=false")


def git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=repository, capture_output=True, check=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which what this checkout ships was released as v1, and work went on since."""
    made = tmp_path_factory.mktemp("repository")
    git(made, "init", "--quiet")
    for folder in SHIPPED:
        shutil.copytree(ROOT / folder, made / folder, ignore=shutil.ignore_patterns("__pycache__"))
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "Release")
    git(made, "tag", "v1")
    git(made, "commit", "--quiet", "--allow-empty", "--message", "Go on")
    return made


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The migrations of this checkout, for a test to add one."""
    return shutil.copytree(ROOT / "migrations", tmp_path / "migrations")


def add(migrations: Path, text: str) -> None:
    (migrations / f"{newest_migration() + 1:03}_next.sql").write_text(f"-- Why: the next release.\n{text}\n")


def troubles(tried: list[StepResult]) -> dict[str, str]:
    return {one.what: one.problem for one in tried if one.problem}


def test_the_last_release_serves_on_the_schema_of_this_checkout(repository: Path):
    """As far as this clone knows one: where it has no tag (a shallow one, say), this very code is the last release."""
    tag = try_release.newest_release(ROOT)
    known = repository if tag is None else ROOT
    tried = list(try_release.play(Checkout(known, ROOT / "migrations"), tag or "v1"))
    assert troubles(tried) == {}
    assert [one.what for one in tried][-1] == "a tick and its award"
    assert len(tried) == len(SMOKE_SET) + 1


def test_a_release_serves_on_a_schema_that_has_grown(repository: Path, migrations: Path):
    add(migrations, "ALTER TABLE users ADD COLUMN motto text NOT NULL DEFAULT '';")
    assert troubles(list(try_release.play(Checkout(repository, migrations), "v1"))) == {}


def test_a_migration_that_the_last_release_cannot_live_with_is_found(repository: Path, migrations: Path):
    add(migrations, "ALTER TABLE pending_xp_awards RENAME COLUMN challenge_id TO challenge;")
    found = troubles(list(try_release.play(Checkout(repository, migrations), "v1")))
    assert "Something went wrong on our side" in found["a tick and its award"]


@pytest.fixture
def release(repository: Path, tmp_path: Path, database: Postgres) -> Release:
    """The code of v1, for a test to break."""
    tree = try_release.unpack(repository, "v1", tmp_path / "tree")
    return Release(tree, database, ExitStack(), new_private_key(), Place(11, 22))


@pytest.mark.parametrize(
    ("words", "instead", "trouble"),
    [
        ("COMMAND = Command(", 'raise OSError("broken")\nCOMMAND = Command(', "Something went wrong on our side"),
        ("from __future__ import annotations\n", "import os\nos._exit(3)\n", "the function ended with 3"),
    ],
)
def test_a_release_that_no_longer_works_is_reported(release: Release, words: str, instead: str, trouble: str):
    file = release.tree / "layers" / "shared" / "mastermind" / "commands" / "tensey" / "tenseylist.py"
    file.write_text(file.read_text().replace(words, instead, 1))
    with release.stack:
        tried = {one.what: one.problem for one in try_release.play_release(release)}
    assert trouble in tried["/tenseylist"]
    assert tried["a tick and its award"]
    assert tried["/scorecard"] == ""


def test_a_released_migration_that_was_edited_is_named(
    repository: Path, migrations: Path, capsys: pytest.CaptureFixture[str]
):
    (migrations / "001_roles.sql").write_text("-- Why: another text.\n")
    (migrations / "002_members.sql").unlink()
    with pytest.raises(typer.Exit):
        list(try_release.play(Checkout(repository, migrations), "v1"))
    assert "001_roles.sql, 002_members.sql: these differ from v1" in capsys.readouterr().err


def test_a_release_that_git_does_not_know_is_reported():
    result = CliRunner().invoke(app, ["try-release", "no-such-release"])
    assert (result.exit_code, "git knows no no-such-release" in result.output) == (1, True)


def test_without_a_reference_the_newest_tag_before_this_commit_is_taken(repository: Path):
    assert try_release.newest_release(repository) == "v1"


def test_where_no_tag_is_known_one_is_asked_for(tmp_path: Path):
    git(tmp_path, "init", "--quiet")
    assert try_release.newest_release(tmp_path) is None


def test_both_applications_are_played():
    assert {step.app for step in SMOKE_SET} == set(APPS)
