"""A change set that would lose what holds data is refused, and every other is carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import typer

from ops import changes
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:cloudformation:eu-central-1:1:changeSet/1"
STACK_ID = "arn:aws:cloudformation:eu-central-1:1:stack/game/1"


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "POLL", 0)


def change(action: str, replacement: str = "", resource: str = "Database", name: str = "") -> dict[str, Any]:
    changed: dict[str, Any] = {"Action": action, "LogicalResourceId": resource}
    changed |= {"Replacement": replacement} if replacement else {}
    changed |= {"Details": [{"Target": {"Attribute": "Properties", "Name": name}}]} if name else {}
    return {"Type": "Resource", "ResourceChange": changed}


def shows(aws: Scripted, *some: dict[str, Any]) -> None:
    """Between changes of other resources, on two pages."""
    others = [change("Modify", "True", "Migrate"), change("Remove", resource="OldQueue")]
    answer = {"Changes": others, "NextToken": "2"}
    aws.answers("cloudformation", "describe_change_set", answer, ChangeSetName=ARN)
    aws.answers("cloudformation", "describe_change_set", {"Changes": list(some)}, ChangeSetName=ARN, NextToken="2")


@pytest.mark.parametrize(
    ("destructive", "what"),
    [
        (change("Modify", "True"), "the database"),
        (change("Modify", "True", name="DBSnapshotIdentifier"), "the database"),
        (change("Modify", "Conditional", name="DBSnapshotIdentifier"), "the database"),
        (change("Remove"), "the database"),
        (change("Remove", resource="ExportBucket"), "the bucket with the deletion log"),
        (change("Modify", "True", resource="ExportBucket"), "the bucket with the deletion log"),
    ],
)
def test_a_change_set_that_loses_data_is_discarded(
    aws: Scripted, destructive: dict[str, Any], what: str, capsys: pytest.CaptureFixture[str]
):
    shows(aws, destructive)
    aws.answers("cloudformation", "delete_change_set", ChangeSetName=ARN)
    with pytest.raises(typer.Exit):
        changes.refuse_losses(aws.target, ARN)
    said = capsys.readouterr().err
    assert f"Refused: these changes would replace or delete {what}." in said
    assert "Nothing was deployed." in said


@pytest.mark.parametrize(
    "harmless",
    [
        change("Add"),
        change("Modify", "False", name="DBInstanceClass"),
        change("Modify", "Conditional", name="PreferredMaintenanceWindow"),
        change("Modify", "Conditional", name="DBSubnetGroupName"),
    ],
)
def test_any_other_change_of_the_database_may_be_made(aws: Scripted, harmless: dict[str, Any]):
    shows(aws, harmless)
    changes.refuse_losses(aws.target, ARN)


def event(number: int, status: str, resource: str = "game") -> dict[str, Any]:
    return {
        "StackId": STACK_ID,
        "EventId": str(number),
        "StackName": "game",
        "Timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "LogicalResourceId": resource,
        "PhysicalResourceId": STACK_ID if resource == "game" else resource,
        "ResourceStatus": status,
    }


@pytest.mark.parametrize(
    ("ends", "is_success"),
    [
        ("CREATE_COMPLETE", True),
        ("UPDATE_COMPLETE", True),
        ("UPDATE_ROLLBACK_COMPLETE", False),
        ("ROLLBACK_FAILED", False),
    ],
)
def test_a_change_set_is_carried_out_to_its_end_and_shown(
    aws: Scripted, ends: str, is_success: bool, capsys: pytest.CaptureFixture[str]
):
    """An earlier end of the stack is not that of this change."""
    before = [event(2, "CREATE_COMPLETE"), event(1, "CREATE_COMPLETE", "Vpc")]
    begun = [event(4, "UPDATE_IN_PROGRESS", "Api"), event(3, "UPDATE_IN_PROGRESS"), *before]
    ended = [event(5, ends), *begun]
    cloudformation = "cloudformation"
    aws.answers(cloudformation, "describe_stack_events", {"StackEvents": before}, StackName="game")
    aws.answers(cloudformation, "execute_change_set", ChangeSetName=ARN)
    for shown in (before, begun, ended):
        aws.answers(cloudformation, "describe_stack_events", {"StackEvents": shown}, StackName="game")
    if is_success:
        changes.carry_out(aws.target, ARN)
    else:
        with pytest.raises(typer.Exit):
            changes.carry_out(aws.target, ARN)
    said = capsys.readouterr()
    assert [line.split()[1:3] for line in said.out.splitlines()] == [
        ["UPDATE_IN_PROGRESS", "game"],
        ["UPDATE_IN_PROGRESS", "Api"],
        [ends, "game"],
    ]
    assert (f"The deploy failed: the stack game in eu-central-1 is {ends}." in said.err) is not is_success
