"""Deploys the template with `sam deploy` itself to the emulator; its functions run, on a database that was empty."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import httpx
import psycopg
import pytest

from devkit.discord_client import DiscordClient, User, new_private_key, ping, public_key, signed_headers, snowflake
from devkit.postgres import Postgres
from devkit.processes import ChildProcesses
from devkit.template import Template
from local import endpoints
from local.aws import ACCESS_KEY, REGION, Aws, access_key
from local.builder import architecture
from local.emulator import Emulator
from local.execution import Deployment
from local.lambda_runtime import prepare_runtime
from local.logs import LogReader
from local.runner import Runner
from tests.iam.policies import calls_of, read
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from types_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
STACK = "proof"
TEMPLATE = Template.read(ROOT / "template.yaml")
NAMES = {name: text.replace("${AWS::StackName}", STACK) for name, text in TEMPLATE.function_names().items()}
KEYS = {"main": new_private_key(), "tensey": new_private_key()}
IDS = {"main": snowflake(), "tensey": snowflake()}
GUILD = snowflake()

FUNCTION = "AWS::Serverless::Function"

pytestmark = pytest.mark.timeout(900)

# What comes with NAT, an address for e-mail, SnapStart and provisioned concurrency, an access log or a firewall only.
UNWANTED = {"ThroughNat", "AlertByMail", "Published", "LogAccess", "SetApiLogsRole", "BehindFirewall"}
CONDITIONAL = {name for name, one in TEMPLATE.body["Resources"].items() if one.get("Condition") in UNWANTED}


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack and what it runs on. The roles in `by_secret` log in with what the secret has, as on AWS."""

    build: Path
    emulator: Emulator
    postgres: Postgres
    aws: Aws
    by_secret: set[str] = field(default_factory=set[str])

    def deploy(self, **parameters: str) -> str:
        """`sam deploy` with what an operator is asked for, and more; its output."""
        known = {
            "Architecture": architecture(),
            "GuildId": str(GUILD),
            "MainApplicationId": str(IDS["main"]),
            "MainPublicKey": public_key(KEYS["main"]).hex(),
            "TenseyApplicationId": str(IDS["tensey"]),
            "TenseyPublicKey": public_key(KEYS["tensey"]).hex(),
            "XpDelaySeconds": "1",
            **parameters,
        }
        given = [f"{name}={value}" for name, value in known.items()]
        return sam(
            *("deploy", "--template-file", str(self.build / "template.yaml"), "--stack-name", STACK),
            *("--config-file", str(ROOT / "samconfig.toml"), "--no-confirm-changeset", "--parameter-overrides", *given),
            AWS_ENDPOINT_URL=self.emulator.url,
            AWS_SECRET_ACCESS_KEY=self.emulator.secret,
        )

    @property
    def outputs(self) -> dict[str, str]:
        (found,) = self.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return {one.get("OutputKey", ""): one.get("OutputValue", "") for one in found.get("Outputs", [])}

    def url(self, path: str) -> str:
        return f"{self.emulator.origin}/restapis/{self.outputs['ApiId']}/live/_user_request_{path}"

    def client(self, app: str) -> DiscordClient:
        return DiscordClient(self.url(f"/interactions/{app}"), IDS[app], GUILD, KEYS[app])

    def ask(self, question: LiteralString, *values: object) -> list[tuple[object, ...]]:
        """Ask the database as its owner."""
        with closing(psycopg.connect(self.postgres.owner_url)) as conn:
            return conn.execute(question, values).fetchall()


def sam(*arguments: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
    environment |= {"SAM_CLI_TELEMETRY": "0", "ARCHITECTURE": architecture()}
    environment |= {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "none", **variables}
    done = subprocess.run(
        [str(SAM), *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Built and deployed once; PostgreSQL was empty before."""
    folder = tmp_path_factory.mktemp("cloud")
    build = folder / "build"
    sam("build", "--build-dir", str(build), "--parameter-overrides", f"Architecture={architecture()}")
    with emulated(folder, build) as there:
        there.deploy()
        there.postgres.set_role_passwords()
        yield there


@contextmanager
def emulated(folder: Path, build: Path) -> Generator[Stack]:
    """An emulator without any stack, and an empty PostgreSQL, for what will be deployed from that build.

    No schedule is carried out: a health check or a nightly snapshot that comes in between would be found by chance.
    """
    children, logs = ChildProcesses(folder / "processes.json"), LogReader(folder / "logs")
    postgres = Postgres(folder / "postgres", durable=False)
    python = ROOT / ".tools" / "emulator" / "bin" / "python"
    emulator = Emulator(folder / "emulator", python, children, schedules=False)
    emulator.choose_address()
    aws = Aws(emulator.url)
    there = Stack(build, emulator, postgres, aws)
    runtime = prepare_runtime(folder / "runtime")
    runner = Runner(runtime, children, logs, lambda name: deployment(there, name), lambda one: overlay(there, one))
    try:
        postgres.start()
        emulator.start(runner.url, tuple(NAMES.values()))
        yield there
    finally:
        emulator.stop()
        runner.stop()
        logs.close()
        children.close()
        postgres.destroy()


def deployment(stack: Stack, name: str) -> Deployment:
    """A function as the emulator has it, with the code that was deployed."""
    config = stack.aws.functions.get_function_configuration(FunctionName=name)
    (logical_id,) = (one for one, named in NAMES.items() if named == name)
    return Deployment(
        name=name,
        arn=config["FunctionArn"],
        handler=config["Handler"],
        timeout=config["Timeout"],
        memory=config["MemorySize"],
        environment=config.get("Environment", {}).get("Variables", {}),
        code=stack.build / logical_id,
        layers=tuple(stack.build / layer for layer in TEMPLATE.layers_of(logical_id)),
    )


def overlay(stack: Stack, function: Deployment) -> dict[str, str]:
    """What AWS would provide, and the local database in place of RDS."""
    provided = {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": access_key(function.name),
        "AWS_SECRET_ACCESS_KEY": stack.emulator.secret,
        "AWS_ENDPOINT_URL": stack.emulator.url,
    }
    if url := function.environment.get("API_URL"):
        provided["API_URL"] = endpoints.emulated(url, stack.emulator.url)
    role = function.environment.get("DATABASE_USER")
    if role is None:
        return provided
    if role.startswith("app_"):
        stack.postgres.set_role_passwords()
    if role not in stack.by_secret:
        provided["DATABASE_PASSWORD"] = stack.postgres.password(role)
    return provided | {
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": str(stack.postgres.port),
        "DATABASE_SSLMODE": "disable",
    }


def test_every_resource_of_the_template_is_deployed(stack: Stack):
    made = resources(stack)
    assert {one["ResourceStatus"] for one in made} <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    # A layer's name changes with its content: SharedLayer1a2b3c.
    lasting = {name for name, one in TEMPLATE.body["Resources"].items() if "Layer" not in one["Type"]}
    assert lasting - {one["LogicalResourceId"] for one in made} == CONDITIONAL


def test_sam_adds_no_rights_of_its_own(stack: Stack):
    """It would make a role, with Lambda's broad policies, for each function and schedule that names none."""
    roles = {one["LogicalResourceId"] for one in resources(stack) if one["ResourceType"].startswith("AWS::IAM::")}
    ours = {name for name, one in TEMPLATE.body["Resources"].items() if one["Type"].startswith("AWS::IAM::")}
    assert roles == ours - CONDITIONAL


def resources(stack: Stack) -> list[StackResourceSummaryTypeDef]:
    pages = stack.aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return [one for page in pages for one in page["StackResourceSummaries"]]


def test_every_output_says_something(stack: Stack):
    assert set(stack.outputs) == set(TEMPLATE.body["Outputs"])
    assert all(stack.outputs.values())
    assert stack.outputs["TenseyInteractionsUrl"].endswith("/live/interactions/tensey")


def test_the_custom_resource_has_migrated_the_empty_database(stack: Stack):
    applied = {name for (name,) in stack.ask("SELECT name FROM schema_migrations")}
    assert applied == {path.stem for path in (ROOT / "migrations").glob("*.sql")}
    roles = {role for (role,) in stack.ask("SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'app_')")}
    assert roles == {"app_main", "app_tensey", "app_award", "app_outbox"}


@pytest.mark.parametrize("app", ["main", "tensey"])
def test_a_signed_ping_gets_its_pong(stack: Stack, app: str):
    with stack.client(app) as discord:
        answer = discord.ping()
    assert (answer.status, answer.body) == (200, {"type": 1})


@pytest.mark.parametrize("app", ["main", "tensey"])
def test_a_ping_that_somebody_else_signed_gets_401(stack: Stack, app: str):
    with stack.client(app) as discord:
        body = json.dumps(ping(discord.place)).encode()
        answer = discord.post(body, signed_headers(new_private_key(), body, time.time()))
    assert answer.status == 401


def test_health_is_answered_from_the_database(stack: Stack):
    answer = httpx.get(stack.url("/health"), timeout=60, trust_env=False)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_tick_goes_through_the_queue_and_becomes_xp(stack: Stack):
    somebody = User(snowflake(), "Robin")
    with stack.client("tensey") as discord:
        listed = discord.command("tenseylist", {"level": "14"}, user=somebody)
        tick = next(custom_id for _, custom_id in listed.buttons if ":tick:" in custom_id)
        assert discord.component(tick, user=somebody).kind == 7
    wait_for(lambda: stack.ask("SELECT xp FROM users WHERE user_id = %s", somebody.id) == [(100,)], what="the award")


def test_iam_would_have_allowed_all_that_was_asked(stack: Stack):
    inside = {NAMES[name]: "VpcConfig" in made["Properties"] for name, made in TEMPLATE.resources(FUNCTION)}
    calls = calls_of(stack.emulator)
    assert {call.service for call in calls} >= {"secretsmanager", "lambda", "sqs"}
    assert read(stack.emulator, STACK, inside).denied(calls) == []


def test_a_deploy_without_changes_only_deploys_the_api_again(stack: Stack):
    before = {(one["ResourceType"], one.get("PhysicalResourceId")) for one in resources(stack)}
    stack.deploy()
    after = {(one["ResourceType"], one.get("PhysicalResourceId")) for one in resources(stack)}
    assert {kind for kind, _ in before ^ after} <= {"AWS::ApiGateway::Deployment"}


def test_the_next_deploy_applies_its_parameters_and_its_migrations(stack: Stack):
    """The custom resource runs again because the migrations are part of the runner's code."""
    number = 1 + max(int(path.name[:3]) for path in (ROOT / "migrations").glob("*.sql"))
    later = stack.build / "Migrate" / "migrations" / f"{number:03}_something_later.sql"
    later.write_text("-- Why: to see it arrive.\nCREATE TABLE something_later (at timestamptz PRIMARY KEY);\n")
    before = stack.ask("SELECT count(*) FROM schema_migrations")
    stack.deploy(XpDelaySeconds="7")
    assert stack.ask("SELECT count(*) FROM something_later") == [(0,)]
    assert stack.ask("SELECT count(*) - 1 FROM schema_migrations") == before
    wait = stack.aws.sqs.get_queue_attributes(QueueUrl=stack.outputs["XpAwardsUrl"], AttributeNames=["DelaySeconds"])
    assert wait["Attributes"]["DelaySeconds"] == "7"
