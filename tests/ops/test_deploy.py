"""What `ops deploy` makes of what it finds; the whole of it is tried in tests/cloud/test_ops_deploy.py."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import typer
from botocore.stub import Stubber

from ops import changes, deploy, tokens, versions
from ops.register import Registry, bring_up_to_date, wanted
from ops.target import Target, TargetError
from ops.tokens import VARIABLES
from tests.ops.discord_stand_in import TOKEN, discord
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PREFIX = "arn:aws:cloudformation:eu-central-1:1:changeSet/"


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


@pytest.fixture
def target() -> Iterator[Target]:
    session = boto3.Session("testing", "testing", region_name="eu-central-1")
    with closing(Target("game", "eu-central-1", session, None, None)) as target:
        yield target


@pytest.mark.parametrize(
    ("states", "newest"),
    [
        ([], None),
        (["EXECUTE_COMPLETE"], None),
        (["EXECUTE_COMPLETE", "AVAILABLE"], f"{PREFIX}1"),
        (["AVAILABLE", "UNAVAILABLE"], None),  # left from another time; the newest has no changes
        (["AVAILABLE", "EXECUTE_COMPLETE"], None),
    ],
)
def test_the_change_set_that_was_just_made_is_found(target: Target, states: list[str], newest: str | None):
    """The newest is the last one here; AWS returns them in any order."""
    sets = [
        {"ChangeSetId": f"{PREFIX}{n}", "ExecutionStatus": state, "CreationTime": BEGIN + timedelta(hours=n)}
        for n, state in enumerate(states)
    ]
    with Stubber(target.client("cloudformation")) as stub:
        stub.add_response("list_change_sets", {"Summaries": sets[::-1]}, {"StackName": "game"})
        assert changes.pending(target) == newest


def _described(parameters: Mapping[str, str], status: str = "CREATE_COMPLETE") -> dict[str, object]:
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    return {"Stacks": [{"StackName": "game", "CreationTime": BEGIN, "StackStatus": status, "Parameters": given}]}


@pytest.mark.parametrize("is_there", [True, False])
def test_the_log_of_postgresql_is_kept_as_long_as_those_of_the_functions(aws: Scripted, *, is_there: bool):
    group = "/aws/rds/instance/game-database-1/postgresql"
    outputs = [{"OutputKey": "DatabaseIdentifier", "OutputValue": "game-database-1"}]
    shown = {"StackName": "game", "CreationTime": BEGIN, "StackStatus": "CREATE_COMPLETE", "Outputs": outputs}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")
    others = [{"logGroupName": f"{group}-old"}] + [{"logGroupName": group}] * is_there
    aws.answers("logs", "describe_log_groups", {"logGroups": others}, logGroupNamePrefix=group)
    if not is_there:
        aws.answers("logs", "create_log_group", logGroupName=group)
    aws.answers("logs", "put_retention_policy", logGroupName=group, retentionInDays=30)
    deploy.keep_logs(aws.target)


def versions_of(aws: Scripted, name: str, numbers: list[str], *aliases: dict[str, Any]) -> None:
    there = [{"Version": number} for number in ("$LATEST", *numbers)]
    aws.answers("lambda", "list_versions_by_function", {"Versions": there}, FunctionName=name)
    if numbers:
        aws.answers("lambda", "list_aliases", {"Aliases": list(aliases)}, FunctionName=name)


def test_of_the_versions_of_a_function_the_last_two_stay(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    kind = {"ResourceType": "AWS::Lambda::Function", "LogicalResourceId": "X", "ResourceStatus": "CREATE_COMPLETE"}
    found: Any = [{**kind, "PhysicalResourceId": one, "LastUpdatedTimestamp": BEGIN} for one in "abcd"]
    aws.answers("cloudformation", "list_stack_resources", {"StackResourceSummaries": found}, StackName="game")
    versions_of(aws, "a", [])
    versions_of(aws, "b", ["8", "9", "10", "11"], {"FunctionVersion": "11"})
    for number in ("8", "9"):
        aws.answers("lambda", "delete_function", FunctionName="b", Qualifier=number)
    shared = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}}
    versions_of(aws, "c", ["1", "2", "3", "4"], {"FunctionVersion": "1", **shared})  # somebody went back
    versions_of(aws, "d", ["5"])  # SnapStart was turned off: its snapshot would still cost
    aws.answers("lambda", "delete_function", FunctionName="d", Qualifier="5")
    versions.prune(aws.target)
    assert capsys.readouterr().out.count("is deleted") == 3


def test_without_older_versions_the_step_says_so(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    aws.answers("cloudformation", "list_stack_resources", {"StackResourceSummaries": []}, StackName="game")
    versions.prune(aws.target)
    assert "older versions" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "exists"),
    [
        ("look", "What CloudFormation was asked for it goes on with"),
        ("build", "Nothing was changed, and nothing new costs anything."),
        ("deploy", "If CloudFormation has begun, it goes on without this command, and what it makes costs"),
        ("smoke", "The new version serves, and costs what a game costs."),
    ],
)
@pytest.mark.parametrize("end", [KeyboardInterrupt(), TargetError("AWS cannot be called")])
def test_a_deploy_that_is_stopped_at_a_step_says_what_exists_and_how_to_go_on(
    step: str, exists: str, end: BaseException, capsys: pytest.CaptureFixture[str]
):
    def stops() -> None:
        raise end

    with pytest.raises(typer.Exit):
        deploy.done(step, stops)
    said = capsys.readouterr().err
    assert step in said
    assert exists in said
    assert "The same command goes on." in said


def test_without_its_token_an_application_is_skipped_and_the_command_line_is_shown(
    aws: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    known = {"GuildId": "3", "MainApplicationId": "1", "TenseyApplicationId": "2"}
    aws.answers("cloudformation", "describe_stacks", _described(known), StackName="game")
    for _ in VARIABLES:
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
    deploy.register(aws.target, "http://127.0.0.1:9", yes=True)
    printed = capsys.readouterr().out
    assert "main: skipped, its bot token is not known: `.venv/bin/ops token main` stores it." in printed
    assert "If its commands changed: `.venv/bin/ops register main --stack game --region eu-central-1`." in printed
    assert "tensey: skipped, its bot token is not known" in printed


def test_a_token_that_is_stored_with_the_stack_need_not_be_typed(aws: Scripted, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLES["tensey"], raising=False)
    stored = {"Parameter": {"Name": "/game/bot-token-tensey", "Value": f"{TOKEN}\n"}}
    aws.answers("ssm", "get_parameter", stored, Name="/game/bot-token-tensey", WithDecryption=True)
    assert tokens.find(aws.target, "tensey") == TOKEN


def test_messages_get_links_to_the_commands_once_these_are_registered(
    aws: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(VARIABLES["main"], TOKEN)
    monkeypatch.delenv(VARIABLES["tensey"], raising=False)
    known = {"GuildId": "22", "MainApplicationId": "11", "TenseyApplicationId": "12", "MainCommandIds": ""}
    with discord() as stand_in:
        with Registry(stand_in.url, 11, 22, TOKEN) as registry:
            bring_up_to_date(registry, wanted("main", everywhere=False), dry_run=False, yes=True)
        registered = stand_in.registered["/applications/11/guilds/22"].values()
        written = ",".join(
            f"{name}:{number}" for name, number in sorted((one["name"], one["id"]) for one in registered)
        )
        aws.answers("cloudformation", "describe_stacks", _described(known), StackName="game")
        changed: dict[str, Any] = {
            "StackName": "game",
            "UsePreviousTemplate": True,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                *({"ParameterKey": name, "UsePreviousValue": True} for name in known if name != "MainCommandIds"),
                {"ParameterKey": "MainCommandIds", "ParameterValue": written},
            ],
        }
        aws.answers("cloudformation", "update_stack", **changed)
        aws.answers("cloudformation", "describe_stacks", _described(known, "UPDATE_COMPLETE"), StackName="game")
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        deploy.register(aws.target, stand_in.url, yes=True)
        assert "Messages get links to the commands" in capsys.readouterr().out
        aws.answers(
            "cloudformation", "describe_stacks", _described(known | {"MainCommandIds": written}), StackName="game"
        )
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        deploy.register(aws.target, stand_in.url, yes=True)  # the second time nothing differs


@pytest.mark.parametrize(("end", "outcome"), [(typer.Exit(1), "failed"), (typer.Abort(), "was declined")])
def test_a_step_that_ends_the_deploy_says_so(
    end: typer.Exit | typer.Abort, outcome: str, capsys: pytest.CaptureFixture[str]
):
    def step() -> None:
        raise end

    with pytest.raises(type(end)):
        deploy.done("register", step)
    assert f"✗ register {outcome}; the steps after it were not run." in capsys.readouterr().out
