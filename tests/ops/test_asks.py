"""Every command of the operator's tool asks before it changes something, and says what it lacks to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer.main
from typer.testing import CliRunner

from ops.__main__ import app
from ops.target import SIGN_IN
from tests.ops.words import words

if TYPE_CHECKING:
    from pathlib import Path

ASKS = {
    "awards", "backup", "deploy", "export-data", "health", "init", "migrate", "post-buttons", "reapply-deletions",
    "register", "remove", "rotate-password", "rotate-token", "seed-course", "settings", "smoke", "throttle",
    "token",
}  # fmt: skip
LOOKS = {
    "audit", "audit-verify", "check-content", "doctor", "invite", "launch-check", "logs", "preflight", "report",
    "restore-drill", "try-release",
}  # fmt: skip
WRITES_OUR_OWN_SOURCES = {"docs", "load"}  # which git brings back; load plays in a game of its own

HAS_JSON = {
    "audit", "awards", "backup", "doctor", "health", "launch-check", "logs", "preflight", "report", "restore-drill",
    "smoke", "throttle", "try-release",
}  # fmt: skip


def having(option: str) -> set[str]:
    commands = typer.main.get_group(app).commands
    return {name for name, command in commands.items() if any(option in one.opts for one in command.params)}


def test_every_command_looks_or_asks():
    assert set(typer.main.get_group(app).commands) == ASKS | LOOKS | WRITES_OUR_OWN_SOURCES


def test_every_command_that_asks_has_the_option_yes():
    assert having("--yes") == ASKS


def test_every_command_that_shows_something_has_json_for_scripts():
    assert having("--json") == HAS_JSON


@pytest.mark.parametrize("command", ["doctor", "smoke", "health", "awards", "audit", "migrate", "launch-check"])
def test_without_a_local_cloud_a_stack_is_to_be_named(tmp_path: Path, command: str):
    result = CliRunner().invoke(app, [command], env={"LOCAL_DIR": str(tmp_path), "OPS_STACK": None})
    assert (result.exit_code, "No local cloud is running here" in result.output) == (1, True)


def test_a_stack_needs_its_region():
    unset = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_CONFIG_FILE": "none", "AWS_PROFILE": None}
    result = CliRunner().invoke(app, ["doctor", "--stack", "game"], env=unset)
    assert (result.exit_code, "Name the region as well" in result.output) == (1, True)


@pytest.mark.parametrize("command", ["doctor", "deploy", "smoke", "logs", "launch-check"])
def test_without_credentials_a_stack_is_not_begun_with(command: str):
    nowhere = {"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    unset = dict.fromkeys(("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    function = ("migrate",) if command == "logs" else ()
    arguments = [command, *function, "--stack", "game", "--region", "eu-central-1"]
    result = CliRunner().invoke(app, arguments, env=nowhere | unset)
    assert (result.exit_code, result.output.strip()) == (1, f"There are no AWS credentials. {SIGN_IN}")


def test_a_file_that_cannot_be_written_is_reported_before_anything_is_exported(tmp_path: Path):
    result = CliRunner().invoke(app, ["export-data", "1", "--to", str(tmp_path / "none" / "theirs.json"), "--yes"])
    assert (result.exit_code, "there is no folder for" in words(result)) == (2, True)


def test_a_missing_profile_is_reported():
    variables = {"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none"}
    result = CliRunner().invoke(app, ["doctor", "--stack", "game", "--region", "eu-central-1"], env=variables)
    assert (result.exit_code, "profile (nobody) could not be found. `aws configure list`" in result.output) == (1, True)
