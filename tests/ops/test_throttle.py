"""`ops throttle`: what the API accepts is lowered in one line, put back in another, and never forgotten."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from local.cloud import ROOT
from ops import template, throttle
from ops.checks import services
from ops.checks.findings import Context, State
from ops.commands import app
from ops.target import TargetError
from ops.throttle import Level, Limit
from tests.iam.simulator import simulate
from tests.ops.scripted import Scripted, scripted
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.json_types import Json

API: dict[str, Any] = {"restApiId": "abc123", "stageName": "live"}
METHODS = {
    "~1interactions~1main/POST": Limit(20, 40),
    "~1interactions~1tensey/POST": Limit(20, 40),
    "~1health/GET": Limit(2, 10),
}
ANN = "arn:aws:iam::1:user/ann"


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        aws.answers("cloudformation", "describe_stacks", {"Stacks": [STACK]}, StackName="game")
        yield aws


STACK: Json = {
    "StackName": "game",
    "CreationTime": "2026-01-01T00:00:00Z",
    "StackStatus": "CREATE_COMPLETE",
    "Parameters": [
        {"ParameterKey": "ThrottleRate", "ParameterValue": "20"},
        {"ParameterKey": "ThrottleBurst", "ParameterValue": "40"},
    ],
    "Outputs": [{"OutputKey": "ApiId", "OutputValue": "abc123"}],
}


def has(aws: Scripted, level: Level, *, prefix: str = "") -> None:
    """What the stage says of its methods; AWS writes a path with ~1, other tools with slashes."""
    limits = {f"{prefix}{path}": limit.at(level) for path, limit in METHODS.items()}
    settings = {
        path: {"throttlingRateLimit": limit.rate, "throttlingBurstLimit": limit.burst} for path, limit in limits.items()
    }
    everything = {"throttlingRateLimit": 10000.0, "throttlingBurstLimit": 5000}
    aws.answers("apigateway", "get_stage", {"methodSettings": {"*/*": everything, **settings}}, **API)


def changes(level: Level) -> list[dict[str, str]]:
    return [
        {"op": "replace", "path": f"/{path}/throttling/{name}Limit", "value": f"{value:g}"}
        for path, limit in METHODS.items()
        for name, value in (("rate", limit.at(level).rate), ("burst", limit.at(level).burst))
    ]


def in_force(found: tuple[throttle.Throttle, ...]) -> list[str]:
    return [str(one.in_force) for one in found]


@pytest.mark.parametrize("prefix", ["", "/"])
def test_what_is_in_force_stands_beside_what_the_template_says(aws: Scripted, prefix: str):
    has(aws, Level.LOW, prefix=prefix)
    found = throttle.read(aws.target)
    assert [one.name for one in found] == ["POST /interactions/main", "POST /interactions/tensey", "GET /health"]
    assert [one.by_template for one in found] == list(METHODS.values())
    assert in_force(found) == ["2 a second, 5 at once"] * 3


def test_one_line_closes_every_method_at_once_and_another_puts_all_of_it_back(
    aws: Scripted, capsys: pytest.CaptureFixture[str]
):
    before = Level.NORMAL
    has(aws, before)
    found = throttle.read(aws.target)
    for level in (Level.CLOSED, Level.LOW, Level.NORMAL):
        aws.answers("sts", "get_caller_identity", {"Arn": ANN})
        aws.answers("apigateway", "update_stage", {}, patchOperations=changes(level), **API)
        has(aws, level)
        found = throttle.set_to(aws.target, found, level)
        assert [one.in_force for one in found] == [limit.at(level) for limit in METHODS.values()]
        said = capsys.readouterr().err
        assert re.match(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, by {ANN}:", said)
        was, now = METHODS["~1interactions~1main/POST"].at(before), METHODS["~1interactions~1main/POST"].at(level)
        assert f"POST /interactions/main: {was} -> {now}" in said
        before = level


@pytest.mark.parametrize("level", Level)
def test_no_level_lets_more_through_than_the_template(level: Level):
    for limit in (*METHODS.values(), Limit(1, 1)):
        assert (limit.at(level).rate <= limit.rate, limit.at(level).burst <= limit.burst) == (True, True)


def test_what_api_gateway_refuses_is_said_and_nothing_claimed(aws: Scripted):
    aws.refuses("apigateway", "get_stage", "AccessDeniedException")
    with pytest.raises(TargetError, match="you may not"):
        throttle.read(aws.target)


@pytest.mark.parametrize(("level", "state"), [(Level.NORMAL, State.FINE), (Level.LOW, State.WRONG)])
def test_the_doctor_names_what_was_forgotten(aws: Scripted, level: Level, state: State):
    has(aws, level)
    (found,) = services.throttled(Context(aws.target, {}))
    assert found.state is state
    assert ("GET /health (2 a second, 5 at once)" in found.words) == (level is Level.LOW)


def test_a_deploy_to_a_closed_api_is_refused_before_it_begins(aws: Scripted):
    has(aws, Level.CLOSED)
    with pytest.raises(TargetError, match="ops throttle low"):
        throttle.refuse_if_closed(aws.target)


def test_a_deploy_says_what_is_still_lowered(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    has(aws, Level.LOW)
    throttle.refuse_if_closed(aws.target)
    has(aws, Level.LOW)
    throttle.report(aws.target)
    assert "`.venv/bin/ops throttle normal` puts it back" in capsys.readouterr().out


def test_only_a_level_that_there_is_can_be_set():
    result = CliRunner().invoke(app, ["throttle", "off"])
    assert (result.exit_code, "'normal', 'low', 'closed'" in words(result)) == (2, True)


# --- who may do it ---


def policy() -> Json:
    """The one that operators fill in, for this stack."""
    written = (ROOT / "docs" / "templates" / "throttle-policy.json").read_text()
    for name, value in {"REGION": "eu-central-1", "ACCOUNT": "1" * 12, "STACK": "game", "/API/": "/abc123/"}.items():
        written = written.replace(name, value)
    return json.loads(written)


def allowed(*calls: tuple[str, str]) -> list[bool]:
    """Whether IAM lets somebody with this policy alone do each of these."""
    asked: list[Any] = [
        {
            "request": {
                "principal": f"arn:aws:iam::{'1' * 12}:user/ann",
                "action": action,
                "resource": {"resource": resource, "accountId": "1" * 12},
                "contextVariables": {},
            },
            "identityPolicies": [{"name": "throttle", "policy": policy()}],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        for action, resource in calls
    ]
    return [outcome.result == "Allowed" for outcome in simulate(asked)]


def test_the_policy_for_it_allows_this_and_nothing_else():
    stage = "arn:aws:apigateway:eu-central-1::/restapis/abc123/stages/live"
    stack = f"arn:aws:cloudformation:eu-central-1:{'1' * 12}:stack/game/0a1b"
    needed = [("cloudformation:DescribeStacks", stack), ("apigateway:GET", stage), ("apigateway:PATCH", stage)]
    assert allowed(*needed) == [True] * 3
    others = [
        ("apigateway:DELETE", stage),
        ("apigateway:PATCH", stage.replace("abc123", "other")),
        ("apigateway:PATCH", stage.rpartition("/stages")[0]),
        ("apigateway:PATCH", stage.replace("live", "other")),
        ("cloudformation:UpdateStack", stack),
        ("cloudformation:DescribeStacks", stack.replace("/game/", "/game-two/")),
        ("lambda:InvokeFunction", f"arn:aws:lambda:eu-central-1:{'1' * 12}:function:game-migrate"),
    ]
    assert allowed(*others) == [False] * len(others)


def test_the_template_has_the_methods_of_these_tests():
    [(_, api)] = template.own().resources("AWS::Serverless::Api")
    _, *own = api["Properties"]["MethodSettings"]
    assert [f"{one['ResourcePath'].removeprefix('/')}/{one['HttpMethod']}" for one in own] == list(METHODS)
