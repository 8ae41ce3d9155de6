"""`ops register` compares first, writes only what differs, and never shows the bot token."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from mastermind.bot.registry import names
from ops.commands import app
from ops.register import Registry, compare, wanted
from tests.ops.discord_stand_in import TOKEN, StandIn, discord
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUILD = "/applications/11/guilds/22"
EVERYWHERE = "/applications/11"
MAIN = set(names("main"))


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        yield stand_in


def ops(stand_in: StandIn, *arguments: str, answer: str = "", token: str = TOKEN) -> Result:
    """Run `ops register main` against the stand-in."""
    command = ["register", "main", "--application-id", "11", "--base-url", stand_in.url, *arguments]
    environment = {"DISCORD_BOT_TOKEN_MAIN": token, "DISCORD_GUILD_ID": "22", "COLUMNS": "200"}
    result = CliRunner().invoke(app, command, input=answer, env=environment)
    assert TOKEN not in result.output
    return result


def register(stand_in: StandIn, *arguments: str) -> Result:
    result = ops(stand_in, "--yes", *arguments)
    assert result.exit_code == 0, result.output
    return result


def writes(stand_in: StandIn) -> list[str]:
    return [asked for asked in stand_in.asked if not asked.startswith("GET")]


def test_everything_is_registered_in_our_server(stand_in: StandIn):
    register(stand_in)
    assert stand_in.names(GUILD) == MAIN
    assert stand_in.names(EVERYWHERE) == set()


def test_everything_is_registered_everywhere_when_asked_to(stand_in: StandIn):
    register(stand_in, "--global")
    assert stand_in.names(EVERYWHERE) == MAIN
    assert all(command["contexts"] == [0] for command in stand_in.registered[EVERYWHERE].values())


@pytest.mark.parametrize("scope", [(), ("--global",)])
def test_a_second_run_writes_nothing(stand_in: StandIn, scope: tuple[str, ...]):
    register(stand_in, *scope)
    stand_in.asked.clear()
    result = register(stand_in, *scope)
    assert writes(stand_in) == []
    assert f"All {len(MAIN)} commands are registered" in result.output


def test_a_changed_command_keeps_its_id(stand_in: StandIn):
    register(stand_in)
    help_id, registered = next((i, c) for i, c in stand_in.registered[GUILD].items() if c["name"] == "help")
    registered["description"] = "Something else"
    stand_in.asked.clear()
    assert "~ /help has changed" in register(stand_in).output
    assert writes(stand_in) == [f"PATCH {GUILD}/commands/{help_id}"]
    assert stand_in.registered[GUILD][help_id]["description"] != "Something else"


@pytest.mark.parametrize(
    "change",
    [
        {"default_member_permissions": "32"},
        {"options": []},
        {"options": [{"type": 3, "name": "topic", "description": "The command you want to know more about"}]},
    ],
)
def test_every_change_that_counts_is_seen(stand_in: StandIn, change: dict[str, object]):
    register(stand_in)
    next(command for command in stand_in.registered[GUILD].values() if command["name"] == "help").update(change)
    assert "~ /help has changed" in register(stand_in).output
    assert "are registered as they are declared" in register(stand_in).output


def test_a_command_that_is_gone_is_deleted_last_and_said_so(stand_in: StandIn):
    stand_in.registered[GUILD] = {"1": {"id": "1", "name": "old", "type": 1, "description": "Old"}}
    assert "- /old is deleted, with the permissions that admins set for it" in register(stand_in).output
    assert stand_in.names(GUILD) == MAIN
    assert writes(stand_in)[-1] == f"DELETE {GUILD}/commands/1"


def test_commands_of_other_types_are_left_alone(stand_in: StandIn):
    stand_in.registered[GUILD] = {"1": {"id": "1", "name": "Launch", "type": 4}}
    register(stand_in)
    assert stand_in.names(GUILD) == {*MAIN, "Launch"}


def test_it_says_the_ids_for_the_stack(stand_in: StandIn):
    stand_in.registered[GUILD] = {"1": {"id": "1", "name": "Launch", "type": 4}}
    output = words(register(stand_in))
    named = sorted((str(one["name"]), number) for number, one in stand_in.registered[GUILD].items())
    ids = ",".join(f"{name}:{number}" for name, number in named[1:])
    assert f"deploy with MainCommandIds={ids}" in output


def test_a_dry_run_says_what_differs_and_writes_nothing(stand_in: StandIn):
    result = ops(stand_in, "--dry-run")
    assert result.exit_code == 0
    assert "+ /help is new" in result.output
    assert "Nothing was written." in result.output
    assert writes(stand_in) == []


def test_it_asks_before_it_writes(stand_in: StandIn):
    assert ops(stand_in, answer="n\n").exit_code == 1
    assert writes(stand_in) == []
    assert ops(stand_in, answer="y\n").exit_code == 0
    assert stand_in.names(GUILD) == MAIN


def test_it_waits_as_long_as_discord_says(stand_in: StandIn):
    stand_in.refusals = [(429, {"Retry-After": "0.25"}), (429, {"Retry-After": "3"})]
    waited: list[float] = []
    with Registry(stand_in.url, 11, 22, TOKEN, waited.append) as registry:
        assert registry.read() == []
    assert waited == [0.25, 3.0]


def test_it_waits_a_moment_when_the_wait_cannot_be_read_and_never_for_long(stand_in: StandIn):
    stand_in.refusals = [(429, {"Retry-After": "2814, 2"}), (429, {})]
    waited: list[float] = []
    with Registry(stand_in.url, 11, 22, TOKEN, waited.append) as registry:
        assert registry.read() == []
    assert waited == [5.0, 5.0]
    stand_in.refusals = [(429, {"Retry-After": "2814"})]
    assert "no more requests from here for 2,814 s" in ops(stand_in, "--dry-run").output


def test_it_says_who_calls(stand_in: StandIn):
    ops(stand_in, "--dry-run")
    (agent,) = stand_in.agents
    assert agent.startswith("DiscordBot (https://")


@pytest.mark.parametrize(
    ("token", "statuses", "words"),
    [
        ("wrong", (), "the bot token is not valid"),
        (TOKEN, (403,), "applications.commands"),
        (TOKEN, (404,), "no such application"),
        (TOKEN, (500,), "Discord refused (GET, 500)"),
        (TOKEN, (429,) * 5, "Discord refused (GET, 429): it takes no requests from this address"),
        ("", (), "set DISCORD_BOT_TOKEN_MAIN"),
    ],
)
def test_a_refusal_is_explained(stand_in: StandIn, token: str, statuses: tuple[int, ...], words: str):
    stand_in.refusals = [(status, {"Retry-After": "0"}) for status in statuses]
    result = ops(stand_in, "--yes", token=token)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize("token", ["a-secret\nof two lines", "a-secret\x7f", "a-secret-é"])
def test_an_invalid_token_is_neither_sent_nor_shown(stand_in: StandIn, token: str):
    result = ops(stand_in, "--yes", token=token)
    assert (result.exit_code, "Developer Portal again" in result.output, stand_in.asked) == (1, True, [])
    assert "a-secret" not in result.output


def test_the_token_may_come_from_a_variable_of_another_name(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TENSEY_TOKEN", TOKEN)
    assert ops(stand_in, "--dry-run", "--token-variable", "TENSEY_TOKEN", token="wrong").exit_code == 0


def test_the_token_may_come_from_a_parameter(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        boto3.client("ssm").put_parameter(Name="/game/bot", Value=TOKEN, Type="SecureString")
        assert ops(stand_in, "--dry-run", "--token-parameter", "/game/bot", token="wrong").exit_code == 0
        missing = ops(stand_in, "--dry-run", "--token-parameter", "/game/none")
    assert (missing.exit_code, "/game/none" in missing.output) == (1, True)


def test_the_token_is_never_sent_in_clear_beyond_this_machine():
    command = ["register", "main", "--application-id", "11", "--guild", "22", "--base-url", "http://discord.com"]
    result = CliRunner().invoke(app, command, env={"DISCORD_BOT_TOKEN_MAIN": TOKEN})
    assert (result.exit_code, "only sent over https" in words(result)) == (2, True)


def test_an_unreachable_discord_is_reported():
    command = ["register", "main", "--application-id", "11", "--guild", "22", "--base-url", "http://127.0.0.1:9"]
    result = CliRunner().invoke(app, command, env={"DISCORD_BOT_TOKEN_MAIN": TOKEN})
    assert (result.exit_code, "cannot be reached" in result.output) == (1, True)


def test_an_unknown_application_and_a_missing_server_are_reported(tmp_path: Path):
    nowhere = {"DISCORD_GUILD_ID": None, "LOCAL_DIR": str(tmp_path)}
    assert (
        "no stack is named"
        in CliRunner().invoke(app, ["register", "main", "--application-id", "11"], env=nowhere).output
    )
    unknown = ["register", "third", "--application-id", "11", "--guild", "22"]
    assert "'third' is no application: it is one of main, tensey." in words(CliRunner().invoke(app, unknown))


def test_nothing_differs_between_what_we_want_and_itself():
    declared = wanted("main", everywhere=True)
    assert compare(declared, [{**command, "id": "1"} for command in declared]).is_empty
    assert {str(command["name"]) for command in compare(declared, []).create} == MAIN
    assert cast("list[object]", declared[0]["contexts"]) == [0]
