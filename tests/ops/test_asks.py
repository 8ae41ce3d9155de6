"""Every command of the operator's tool asks before it changes something, and says what it lacks to begin."""

from __future__ import annotations

import re
import sys
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest
import typer.main
from typer.testing import CliRunner

from ops.__main__ import main
from ops.commands import app
from ops.target import SIGN_IN, NoStackError
from tests.ops.words import words
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKS = {
    "awards", "backup", "deploy", "export-data", "health", "init", "large-objects", "ledger-repair", "migrate",
    "post-buttons", "queue-drop", "queue-redrive", "reapply-deletions", "register", "remove", "restore",
    "rotate-password", "rotate-token", "rotate-webhook", "seed-course", "settings", "smoke", "throttle", "token",
}  # fmt: skip
LOOKS = {
    "audit", "audit-verify", "check-content", "doctor", "invite", "launch-check", "ledger-show", "logs", "outbox",
    "preflight", "queue-look", "report", "restore-drill", "try-release",
}  # fmt: skip
WRITES_OUR_OWN_SOURCES = {"docs", "load"}  # which git brings back; load plays in a game of its own

HAS_JSON = {
    "audit", "awards", "backup", "doctor", "health", "large-objects", "launch-check", "ledger-show", "outbox",
    "preflight", "queue-look", "report", "restore-drill", "smoke", "throttle", "try-release",
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


@pytest.mark.parametrize("typed", ["restore --bogus", "restoer", "--help", "restore --help"])
def test_a_line_that_help_or_a_typing_error_shows_runs_as_it_stands(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["ops", *typed.split()])
    with pytest.raises(SystemExit):
        main()
    said = "".join(capsys.readouterr())
    assert "Usage: .venv/bin/ops " in said
    assert re.findall(r"(\S*)\bops (?:restore )?--help' for help", said) in ([], [".venv/bin/"], ["'.venv/bin/"])


@pytest.mark.parametrize("command", ["doctor", "smoke", "health", "awards", "audit", "migrate", "launch-check"])
def test_without_a_local_cloud_a_stack_is_to_be_named(tmp_path: Path, command: str):
    result = CliRunner().invoke(app, [command], env={"LOCAL_DIR": str(tmp_path), "OPS_STACK": None})
    assert (result.exit_code, "No local cloud is running here" in result.output) == (1, True)


OF_A_STACK_THAT_IS_THERE = {
    "audit": (), "audit-verify": (), "awards": (), "backup": (), "export-data": ("1", "--to", "theirs.json"),
    "health": (), "invite": (),
    "large-objects": (), "launch-check": (), "outbox": (),
    "ledger-repair": ("1", "--reason", "a test"), "ledger-show": (), "logs": ("notify",),
    "migrate": (), "post-buttons": ("--list-channel", "1"), "queue-drop": ("XpAwardsDlq",), "queue-look": (),
    "queue-redrive": (), "reapply-deletions": (), "register": ("main",), "report": (), "restore": (),
    "rotate-password": (), "rotate-token": (), "rotate-webhook": ("alerts",), "settings": (), "smoke": (),
    "throttle": (), "token": (),
}  # fmt: skip
MAKES_OR_FINDS_IT = {"deploy", "doctor", "init", "preflight", "remove"}
"""What makes a stack, takes one down, or says as one of many findings that there is none."""


def test_every_command_with_a_stack_needs_it_or_not():
    assert having("--stack") == set(OF_A_STACK_THAT_IS_THERE) | MAKES_OR_FINDS_IT


@pytest.fixture(scope="module")
def empty_account() -> Iterator[str]:
    """The URL of an AWS without a single stack."""

    class Answers(Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            words = "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id game does not exist"
            self.send_response(400)
            self.end_headers()
            self.wfile.write(f"{words}</Message></Error></ErrorResponse>".encode())

    with serving(LocalServer(Answers)) as server:
        yield server.url


@pytest.mark.parametrize("command", OF_A_STACK_THAT_IS_THERE)
def test_a_stack_that_is_not_there_is_said_in_the_same_words_everywhere(
    command: str, empty_account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    aws = {"AWS_ENDPOINT_URL": empty_account, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    line = [command, *OF_A_STACK_THAT_IS_THERE[command], "--stack", "game", "--region", "eu-central-1"]
    result = CliRunner().invoke(app, line, env=aws)
    assert (result.exit_code, result.output.strip()) == (1, str(NoStackError("game", "eu-central-1")))


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


@pytest.mark.parametrize(
    "typed",
    [
        "doctor --stack game --region eu-central-1",
        "init",
        "reapply-deletions --database-url postgresql://owner@127.0.0.1/game --bucket some-bucket --dry-run",
    ],
)
def test_a_missing_profile_is_reported(typed: str, tmp_path: Path):
    variables = {"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none"}
    unset = {"AWS_REGION": None, "OPS_SETTINGS": str(tmp_path / "settings.toml")}
    result = CliRunner().invoke(app, typed.split(), env={**variables, **unset})
    assert (result.exit_code, "profile (nobody) could not be found" in result.output) == (1, True)


def test_init_wants_credentials_before_it_asks_anything(tmp_path: Path):
    nowhere = {"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    unset = dict.fromkeys(("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"))
    file = tmp_path / "settings.toml"
    result = CliRunner().invoke(app, ["init"], env={**nowhere, **unset, "OPS_SETTINGS": str(file)})
    assert result.exit_code == 1
    assert f"There are no AWS credentials. {SIGN_IN}" in result.output
    assert ("?" in result.output, file.exists()) == (False, False)
