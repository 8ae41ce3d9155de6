"""`ops deploy` from an empty account to a game that serves, with the SAM CLI itself, against the emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import public_key
from local.aws import ACCESS_KEY, REGION
from local.builder import architecture
from mastermind.bot.registry import names
from tests.cloud.test_sam_deploy import GUILD, IDS, KEYS, ROOT, STACK, Stack, emulated
from tests.ops.discord_stand_in import TOKEN, StandIn, discord

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSI = re.compile(r"\x1b\[[0-9;]*m")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An account with nothing in it."""
    folder = tmp_path_factory.mktemp("account")
    with emulated(folder, folder / "build") as there:
        yield there


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        yield stand_in


def ops(account: Stack, *arguments: str, answer: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """The tool as an operator calls it, whose AWS is the emulator."""
    unset = ("AWS_", "DISCORD_", "ARCHITECTURE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    environment |= {"AWS_ENDPOINT_URL": account.emulator.url, "AWS_EC2_METADATA_DISABLED": "true", "COLUMNS": "200"}
    environment |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": account.emulator.secret}
    environment |= {"OPS_STACK": STACK, "AWS_REGION": REGION, **variables}
    command = [sys.executable, "-m", "ops", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=answer, capture_output=True, text=True, check=False, timeout=800
    )


def deploy(account: Stack, stand_in: StandIn, *more: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    """Without an answer nobody is asked."""
    known = {
        "Architecture": architecture(),
        "GuildId": str(GUILD),
        "OwnerId": str(GUILD),
        "MainApplicationId": str(IDS["main"]),
        "MainPublicKey": public_key(KEYS["main"]).hex(),
        "TenseyApplicationId": str(IDS["tensey"]),
        "TenseyPublicKey": public_key(KEYS["tensey"]).hex(),
    }
    given = [word for name, value in known.items() for word in ("-p", f"{name}={value}")]
    place = ("--build-dir", str(account.build), "--base-url", stand_in.url)
    tokens = {"DISCORD_BOT_TOKEN_MAIN": TOKEN, "DISCORD_BOT_TOKEN_TENSEY": TOKEN}
    sure = () if answer else ("--yes",)
    done = ops(account, "deploy", *sure, *place, *given, *more, answer=answer, **tokens)
    assert TOKEN not in done.stdout + done.stderr
    return done


def test_an_empty_account_becomes_a_game_that_serves(account: Stack, stand_in: StandIn):
    done = deploy(account, stand_in)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^✓ (\w+) [0-9.]+ s$", ANSI.sub("", done.stdout), re.MULTILINE)
    assert steps == [
        "look",
        "preflight",
        "validate",
        "build",
        "deploy",
        "migrate",
        "protect",
        "logs",
        "throttle",
        "versions",
        "register",
        "smoke",
    ]
    for app in ("main", "tensey"):
        assert stand_in.names(f"/applications/{IDS[app]}/guilds/{GUILD}") == set(names(app))
    assert "The game is running in the stack proof" in done.stdout
    (described,) = account.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    assert {"ParameterKey": "Protection", "ParameterValue": "on"} in described.get("Parameters", [])
    assert {"Key": "mastermind", "Value": STACK} in described.get("Tags", [])
    (instance,) = account.aws.rds.describe_db_instances()["DBInstances"]
    assert instance.get("DeletionProtection") is True


def test_the_smoke_set_left_nothing_behind(account: Stack):
    for table in ("users", "raid_events", "audit_log"):
        assert account.ask(b"SELECT count(*) FROM " + table.encode()) == [(0,)]  # pyright: ignore[reportArgumentType] # our own words


def test_the_doctor_finds_what_only_a_person_can_do(account: Stack):
    """The webhooks are to be stored, and no night has made a snapshot yet: the rest is well."""
    done = ops(account, "doctor")
    wrong = re.findall(r"^✗ ([\w ]+):", ANSI.sub("", done.stdout), re.MULTILINE)
    assert (done.returncode, set(wrong) - {"snapshot"}) == (1, {"webhook of announcements", "webhook of alerts"})


def test_the_launch_checklist_looks_at_what_only_a_stack_has(account: Stack):
    done = ops(account, "launch-check", "--json")
    states = {one["line"]: one["state"] for one in json.loads(done.stdout)}
    assert done.returncode == 1
    assert "only on AWS" not in states.values()
    assert {name for name, state in states.items() if state == "pass"} >= {"endpoints", "smoke", "course", "database"}
    assert {"webhooks", "stability", "mail"} <= {name for name, state in states.items() if state == "fail"}


def test_changes_that_are_not_confirmed_are_not_made(account: Stack, stand_in: StandIn):
    stand_in.asked.clear()
    done = deploy(account, stand_in, "--built", "-p", "XpDelaySeconds=5", answer="n\n")
    assert (done.returncode, "not confirmed: nothing was deployed" in done.stderr) == (1, True), done.stdout
    asked = account.aws.sqs.get_queue_attributes(
        QueueUrl=account.outputs["XpAwardsUrl"], AttributeNames=["DelaySeconds"]
    )
    assert asked["Attributes"] == {"DelaySeconds": "60"}  # pyright: ignore[reportTypedDictNotRequiredAccess]
    assert stand_in.asked == []


def test_what_comes_after_a_failure_is_not_done(account: Stack, stand_in: StandIn):
    stand_in.asked.clear()
    done = deploy(account, stand_in, "--built", "--build-dir", str(account.build / "nowhere"))
    assert done.returncode != 0
    assert "deploy failed; the steps after it were not run" in ANSI.sub("", done.stdout)
    assert stand_in.asked == []


def test_a_deploy_without_a_stack_says_how_to_name_one(account: Stack):
    done = ops(account, "deploy", OPS_STACK="")
    assert (done.returncode, "Name the stack" in done.stderr) == (1, True)
