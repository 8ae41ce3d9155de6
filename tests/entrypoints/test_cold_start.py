"""What a new process must not load before it is needed: a PING and /help need neither driver nor SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from tests.discord.signing import PUBLIC_KEY, signed_event

if TYPE_CHECKING:
    from devkit.json_types import Json

ROOT = Path(__file__).parents[2]
SLOW = (
    "psycopg",
    "psycopg_binary",
    "boto3",
    "botocore",
    "pydantic",
    "http.client",
    "asyncio",
    "urllib.request",
)

# What Lambda does: import the handler, then call it with an event; here a fresh interpreter, and nothing else in it.
CALL = """
import importlib.util, json, sys
sys.path.insert(0, "layers/shared")
spec = importlib.util.spec_from_file_location("handler", sys.argv[1])
handler = importlib.util.module_from_spec(spec)
spec.loader.exec_module(handler)
class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self): return 10_000
answers = [handler.handler(event, Context()) for event in json.loads(sys.stdin.read())]
print(json.dumps({"answers": answers, "loaded": list(sys.modules)}))
"""
ENVIRONMENT = {"DISCORD_APPLICATION_ID": "11", "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(), "DISCORD_GUILD_ID": "22"}
PLACE, ALEX = discord.Place(11, 22), discord.User(101)


def in_a_new_process(function: str, *payloads: Json, **environment: str) -> tuple[list[Json], set[str]]:
    """The answers of a function's handler to signed interactions, and the modules it loaded for them."""
    path = "/interactions/main" if function == "interactions_main" else "/interactions/tensey"
    events = json.dumps([signed_event(payload, path=path) for payload in payloads])
    called = subprocess.run(
        [sys.executable, "-I", "-c", CALL, f"functions/{function}/handler.py"],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        input=events,
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(called.stdout.splitlines()[-1])
    return [json.loads(answer["body"]) for answer in said["answers"]], set(said["loaded"])


@pytest.mark.parametrize("function", ["interactions_main", "interactions_tensey"])
def test_a_ping_loads_no_command_no_driver_and_no_sdk(function: str):
    answers, loaded = in_a_new_process(function, discord.ping(PLACE))
    assert answers == [{"type": 1}]
    assert not loaded & {
        *SLOW,
        "mastermind.commands",
        "mastermind.game.catalogue.content",
        "mastermind.game.flags.rules",
        "mastermind.postgres.connection",
    }


@pytest.mark.parametrize("function", ["interactions_main", "interactions_tensey"])
def test_lambda_loads_the_driver_before_the_first_invocation(function: str):
    _, loaded = in_a_new_process(function, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")
    assert {"mastermind.postgres.connection", "mastermind.game.exchanges"} <= loaded
    assert not loaded & {"mastermind.commands", "boto3", "pydantic"}


def test_help_loads_no_command_but_the_one_that_it_explains_and_no_driver_and_no_sdk():
    payloads = (
        discord.command(PLACE, ALEX, "help"),
        discord.command(PLACE, ALEX, "help", {"topic": "tenseylist"}),
        discord.autocomplete(PLACE, ALEX, "help", "topic", {"topic": "ten"}),
    )
    answers, loaded = in_a_new_process("interactions_main", *payloads)
    assert [answer["type"] for answer in answers] == [4, 4, 8]
    assert "tenseylist" in json.dumps(answers[1])
    commands = {name for name in loaded if name.startswith("mastermind.commands.tensey.")}
    assert commands == {"mastermind.commands.tensey.tenseylist"}
    assert not loaded & set(SLOW)


def test_a_command_loads_its_own_file_alone():
    answers, loaded = in_a_new_process("interactions_main", discord.command(PLACE, ALEX, "scorecard"))
    assert cast("Json", answers[0]["data"])["flags"]
    commands = {
        name for name in loaded if name.startswith(("mastermind.commands.main.", "mastermind.commands.tensey."))
    }
    assert commands == {"mastermind.commands.main.scorecard"}


def test_the_awards_handler_loads_nothing_slow_before_it_is_called():
    code = "import sys; sys.path[:0] = ['layers/shared']; "
    code += "import mastermind.entrypoints.award as award; award.handler(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True
    ).stdout
    assert not set(loaded.split()) & set(SLOW)
