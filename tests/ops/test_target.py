"""How the tool reaches a deployed game: it waits for a function that is not ready, and knows its own stack."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber

from devkit.listener import Listener, Request
from mastermind.gateways import functions as lambda_functions
from ops import queries
from ops import target as targets
from ops.target import Target, TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def target() -> Iterator[Target]:
    session = boto3.Session("key", "secret", region_name="eu-central-1")
    target = Target("game", "eu-central-1", session, None, None)
    yield target
    target.close()


class Portal(Request):
    """The log-in page of a hotel's network, whatever is asked."""

    def do_POST(self) -> None:  # noqa: N802 (the base class's name)
        self.body()
        self.answer(200, b"<html><p>Welcome! Please log in.</html>")


@pytest.fixture
def portal() -> Iterator[str]:
    listener = Listener(Portal, None)
    yield listener.url
    listener.stop()


@pytest.mark.parametrize("asked", ["description", "caller"])
def test_a_page_in_place_of_aws_is_no_bug_of_ours(portal: str, asked: str):
    session = boto3.Session("key", "secret", region_name="eu-central-1")
    with (
        closing(Target("game", "eu-central-1", session, portal, None)) as target,
        pytest.raises(TargetError, match="AWS cannot be called"),
    ):
        getattr(target, asked)


@pytest.mark.parametrize("refusal", sorted(lambda_functions.NOT_READY))
def test_a_function_that_was_idle_for_weeks_is_waited_for(
    target: Target, refusal: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(lambda_functions, "PAUSE", 0.01)
    with Stubber(target.client("lambda")) as stub:
        stub.add_client_error("invoke", refusal)
        stub.add_client_error("invoke", refusal)
        stub.add_response("invoke", {"Payload": io.BytesIO(b'{"swept": 1}')})
        assert target.invoke("xp-award", {"sweep": True}) == {"swept": 1}
    assert "AWS is preparing it" in capsys.readouterr().err


def test_it_is_waited_for_no_longer_than_aws_needs(target: Target, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "READY_WITHIN", 0)
    with Stubber(target.client("lambda")) as stub:
        stub.add_client_error("invoke", "CodeArtifactUserPendingException", "Lambda is initializing your function.")
        with pytest.raises(TargetError, match="Lambda is initializing your function"):
            target.invoke("xp-award", {"sweep": True})


def test_another_refusal_is_not_repeated(target: Target):
    with Stubber(target.client("lambda")) as stub:
        stub.add_client_error("invoke", "AccessDeniedException", "You may not call this.")
        with pytest.raises(TargetError, match="You may not call this"):
            target.invoke("xp-award", {"sweep": True})


def test_the_alarms_of_a_stack_whose_name_begins_alike_are_not_ours(target: Target):
    ours, theirs = "game-HealthyAlarm-1A2B", "game-staging-HealthyAlarm-3C4D"
    listed = [
        {"LogicalResourceId": name, "PhysicalResourceId": physical, "ResourceType": kind, **CREATED}
        for name, physical, kind in (
            ("HealthyAlarm", ours, "AWS::CloudWatch::Alarm"),
            ("Dashboard", theirs, "AWS::CloudWatch::Dashboard"),
        )
    ]
    firing = [{"AlarmName": name, "AlarmDescription": f"about {name}"} for name in (theirs, ours)]
    with Stubber(target.client("cloudwatch")) as cloudwatch, Stubber(target.client("cloudformation")) as stacks:
        cloudwatch.add_response("describe_alarms", {"MetricAlarms": firing}, {"StateValue": "ALARM"})
        stacks.add_response("list_stack_resources", {"StackResourceSummaries": listed}, {"StackName": "game"})
        assert queries.alarms(target, "ALARM") == {ours: f"about {ours}"}


CREATED = {"LastUpdatedTimestamp": datetime(2026, 11, 23, tzinfo=UTC), "ResourceStatus": "CREATE_COMPLETE"}
