"""What `ops deploy` makes of a stack that an earlier deploy left unusable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, get_args

import pytest
import typer
from types_boto3_cloudformation.literals import StackStatusType

from ops import recovery
from ops.target import SERVING_STATUSES
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STACK_ID = "arn:aws:cloudformation:eu-central-1:1:stack/game/1"


class Account(Scripted):
    """An account with a stack that had a change."""

    def has(self, status: str) -> None:
        stack = {"StackId": STACK_ID, "StackName": "game", "CreationTime": BEGIN, "StackStatus": status}
        self.answers("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName="game")

    def failed(self, *events: tuple[str, str, str]) -> None:
        """What happened, oldest first: resource, status, reason. AWS returns the newest first."""
        shown = [
            {
                "StackId": STACK_ID,
                "EventId": str(number),
                "StackName": "game",
                "Timestamp": BEGIN,
                "LogicalResourceId": resource,
                "PhysicalResourceId": STACK_ID if resource == "game" else resource,
                "ResourceType": "AWS::RDS::DBInstance",
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
            for number, (resource, status, reason) in enumerate(events)
        ]
        self.answers("cloudformation", "describe_stack_events", {"StackEvents": shown[::-1]}, StackName="game")


@pytest.fixture
def account() -> Iterator[Account]:
    with scripted(Account) as account:
        yield account


EVENTS = (
    ("Database", "CREATE_FAILED", "of an earlier change"),
    ("game", "CREATE_IN_PROGRESS", "User Initiated"),
    ("Database", "CREATE_FAILED", "FreeTierRestrictionError: too much"),
    ("Api", "CREATE_FAILED", "Resource creation cancelled"),
    ("game", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create"),
)


def test_the_first_failure_of_the_last_change_is_named(account: Account):
    account.failed(*EVENTS)
    named = recovery.first_failure(account.target)
    assert named == "Database (AWS::RDS::DBInstance): FreeTierRestrictionError: too much"


def test_a_change_without_a_failure_names_none(account: Account):
    account.failed(("game", "UPDATE_IN_PROGRESS", "User Initiated"), ("Api", "UPDATE_COMPLETE", ""))
    assert recovery.first_failure(account.target) == ""


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"]
)
def test_a_stack_that_can_be_deployed_is_left_alone(account: Account, status: str):
    account.has(status)
    recovery.clear_the_way(account.target, yes=True)


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_while_cloudformation_is_at_work_nothing_is_begun(
    account: Account, status: str, capsys: pytest.CaptureFixture[str]
):
    account.has(status)
    with pytest.raises(typer.Exit):
        recovery.clear_the_way(account.target, yes=True)
    assert f"still at work on the stack game in eu-central-1 ({status})" in capsys.readouterr().err


STATUSES: set[str] = set(get_args(StackStatusType))
DEPLOYABLE = {"REVIEW_IN_PROGRESS", "UPDATE_FAILED", *SERVING_STATUSES}
ASKED_ABOUT = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"}


@pytest.mark.parametrize("status", sorted(STATUSES - {"DELETE_COMPLETE"}))  # such a stack has no name any more
def test_in_each_of_cloudformations_states_a_deploy_goes_on_asks_or_says_why_not(
    account: Account, status: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    account.has(status)
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    if status in {"DELETE_FAILED", "IMPORT_ROLLBACK_FAILED", *ASKED_ABOUT}:
        account.failed(*EVENTS)
    if status in DEPLOYABLE:
        recovery.clear_the_way(account.target, yes=False)
        return
    with pytest.raises(typer.Abort if status in ASKED_ABOUT else typer.Exit):
        recovery.clear_the_way(account.target, yes=False)
    said = capsys.readouterr()
    assert f"({status})" in said.out + said.err


@pytest.mark.parametrize(("answer", "is_deleted"), [("y", True), ("n", False)])
def test_the_empty_snapshot_of_a_failed_try_is_deleted_when_asked(
    account: Account, answer: str, is_deleted: bool, monkeypatch: pytest.MonkeyPatch
):
    account.has("ROLLBACK_COMPLETE")
    account.failed(*EVENTS)
    account.answers("cloudformation", "delete_stack", StackName="game")
    gone = {"StackId": STACK_ID, "StackName": "game", "CreationTime": BEGIN, "StackStatus": "DELETE_COMPLETE"}
    account.answers("cloudformation", "describe_stacks", {"Stacks": [gone]}, StackName="game")
    name = "game-snapshot-database-new"
    shown = [{"DBSnapshotIdentifier": name, "SnapshotCreateTime": BEGIN + timedelta(hours=1)}]
    account.answers("rds", "describe_db_snapshots", {"DBSnapshots": shown}, SnapshotType="manual")
    if is_deleted:
        account.answers("rds", "delete_db_snapshot", DBSnapshotIdentifier=name)
    monkeypatch.setattr("sys.stdin", StringIO(f"y\n{answer}\n"))
    recovery.clear_the_way(account.target, yes=False)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_first_deploy_that_failed_is_deleted_and_its_empty_snapshot_named(
    account: Account, status: str, capsys: pytest.CaptureFixture[str]
):
    account.has(status)
    account.failed(*EVENTS)
    account.answers("cloudformation", "delete_stack", StackName="game")
    gone = {"StackId": STACK_ID, "StackName": "game", "CreationTime": BEGIN, "StackStatus": "DELETE_COMPLETE"}
    account.answers("cloudformation", "describe_stacks", {"Stacks": [gone]}, StackName="game")
    snapshots = [
        ("game-snapshot-database-new", BEGIN + timedelta(hours=1)),
        ("game-snapshot-database-old", BEGIN - timedelta(days=9)),
        ("game-other-snapshot-database-1", BEGIN + timedelta(hours=1)),
    ]
    shown = [{"DBSnapshotIdentifier": name, "SnapshotCreateTime": at} for name, at in snapshots]
    account.answers("rds", "describe_db_snapshots", {"DBSnapshots": shown}, SnapshotType="manual")
    recovery.clear_the_way(account.target, yes=True)
    said = capsys.readouterr()
    assert "too much" in said.err
    assert "the empty snapshot game-snapshot-database-new" in said.out
    assert "database-old" not in said.out
    assert "other" not in said.out


def test_a_rollback_that_is_stuck_is_finished(account: Account, capsys: pytest.CaptureFixture[str]):
    account.has("UPDATE_ROLLBACK_FAILED")
    account.failed(*EVENTS)
    account.answers("cloudformation", "continue_update_rollback", StackName="game")
    account.has("UPDATE_ROLLBACK_COMPLETE")
    recovery.clear_the_way(account.target, yes=True)
    assert "could not return to its earlier version" in capsys.readouterr().out
