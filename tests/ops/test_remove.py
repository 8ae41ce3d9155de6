"""What `ops remove` takes down, what it leaves, and what it says wherever it ends."""

from __future__ import annotations

import json
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import botocore.handlers
import pytest
import typer
from botocore import xform_name
from typer.testing import CliRunner

from mastermind.game.privacy.rules import DELETIONS
from ops import backup, leftovers, recovery, remainders, remove
from ops.commands import app
from ops.deletions import read_folder
from ops.remainders import IN_ORDER, Data
from ops.target import Target
from tests.moto_aws import moto_aws
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from botocore.model import OperationModel

REGION = "eu-central-1"
DATABASE = "game-database-1abc"
ARN = "arn:aws:cloudformation:eu-central-1:1:stack/game/1"
BUCKET = "game-exportbucket-abc1"
BEGAN = {"interaction_id": 1, "user_id": 7, "began": "2026-01-01T00:00:00Z"}


class Stacks:
    """CloudFormation, and an API Gateway without APIs: moto's need libraries that nothing else here does.

    It deletes as AWS does: no protected stack, no protected database, and with a last snapshot of it.
    """

    def __init__(self) -> None:
        self.status, self.is_protected, self.parameters = "", True, {"Protection": "on"}

    def __call__(
        self, model: OperationModel, params: Mapping[str, Any], **_: object
    ) -> tuple[SimpleNamespace, dict[str, Any]]:
        """The answer to a request that botocore was about to send."""
        said = getattr(self, xform_name(model.name))(params["body"])
        status = 400 if "Error" in said else 200
        return SimpleNamespace(status_code=status), {**said, "ResponseMetadata": {"HTTPStatusCode": status}}

    # --- CloudFormation ---

    def describe_stacks(self, asked: Mapping[str, str]) -> dict[str, Any]:
        if not self.status or (self.status == "DELETE_COMPLETE" and asked["StackName"] != ARN):
            return {"Error": {"Code": "ValidationError", "Message": "Stack with id game does not exist"}}
        known = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        return {"Stacks": [{"StackId": ARN, "StackName": "game", "StackStatus": self.status, "Parameters": known}]}

    def update_termination_protection(self, asked: Mapping[str, str]) -> dict[str, Any]:
        self.is_protected = str(asked["EnableTerminationProtection"]).lower() == "true"
        return {"StackId": ARN}

    def update_stack(self, asked: Mapping[str, str]) -> dict[str, Any]:
        assert (asked["Parameters.member.1.ParameterKey"], asked["UsePreviousTemplate"]) == ("Protection", "true")
        self.parameters["Protection"] = asked["Parameters.member.1.ParameterValue"]
        self.status = "UPDATE_COMPLETE"
        return {"StackId": ARN}

    def delete_stack(self, _: object) -> dict[str, Any]:
        if self.is_protected:
            return {"Error": {"Code": "ValidationError", "Message": "TerminationProtection is enabled"}}
        rds = boto3.client("rds", region_name=REGION)
        database = {"DBInstanceIdentifier": DATABASE}
        if rds.describe_db_instances(**database)["DBInstances"][0]["DeletionProtection"]:
            self.status = "DELETE_FAILED"
        else:
            rds.delete_db_instance(**database, FinalDBSnapshotIdentifier="game-snapshot-database-1abc")
            self.status = "DELETE_COMPLETE"
        return {}

    def list_stack_resources(self, _: object) -> dict[str, Any]:
        database = {"LogicalResourceId": "Database", "PhysicalResourceId": DATABASE, "ResourceStatus": self.status}
        return {"StackResourceSummaries": [{**database, "ResourceType": "AWS::RDS::DBInstance"}]}

    # --- API Gateway ---

    def get_account(self, _: object) -> dict[str, Any]:
        return {}


class Account:
    """An account; the stack game serves in it, protected, once it is deployed."""

    def __init__(self, target: Target, stacks: Stacks) -> None:
        self.target, self.stacks = target, stacks
        self.rds, self.s3 = target.client("rds"), target.client("s3")

    def deploys(self) -> None:
        """The database's own protection is on, as after a restore, whatever CloudFormation thinks of it."""
        kind: Any = {"Engine": "postgres", "DBInstanceClass": "db.t4g.small"}
        self.rds.create_db_instance(DBInstanceIdentifier=DATABASE, DeletionProtection=True, **kind)
        self.stacks.status = "CREATE_COMPLETE"

    def has_bucket(self, name: str = BUCKET) -> None:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_object(Bucket=name, Key="alerts/notes.json", Body=b"{}")
        self.s3.put_object(Bucket=name, Key=f"{DELETIONS}2026/7-began.json", Body=json.dumps(BEGAN).encode())

    def has_snapshot(self, name: str) -> None:
        """Of an instance that is gone since."""
        old: Any = {"DBInstanceIdentifier": "game-database-0abc"}
        self.rds.create_db_instance(**old, Engine="postgres", DBInstanceClass="db.t4g.small")
        self.rds.create_db_snapshot(**old, DBSnapshotIdentifier=name)
        self.rds.delete_db_instance(**old, SkipFinalSnapshot=True)

    def has_parameters(self, *names: str) -> None:
        for name in names:
            self.target.client("ssm").put_parameter(Name=name, Value="1", Type="String")

    def buckets(self) -> list[str]:
        return [one["Name"] for one in self.s3.list_buckets()["Buckets"]]

    def snapshots(self) -> list[str]:
        return [
            one["DBSnapshotIdentifier"] for one in self.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        ]

    def parameters(self) -> list[str]:
        found = self.target.client("ssm").describe_parameters()["Parameters"]
        return [one["Name"] for one in found]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(remove, "POLL", 0.0)
    monkeypatch.setattr(backup, "FOLDER", tmp_path / "backups")
    stacks = Stacks()
    answers = [(f"before-call.{service}", stacks) for service in ("cloudformation", "api-gateway")]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", [*botocore.handlers.BUILTIN_HANDLERS, *answers])
    with (
        moto_aws(monkeypatch),
        closing(Target("game", REGION, boto3.Session(region_name=REGION), None, None)) as target,
    ):
        yield Account(target, stacks)


def ops_remove(*arguments: str, answer: str = "") -> tuple[int, str]:
    asked = ["remove", "--stack", "game", "--region", REGION, *arguments]
    done = CliRunner().invoke(app, asked, input=answer, env={"COLUMNS": "300"})
    return done.exit_code, done.output


def test_a_protected_stack_is_taken_down_and_what_holds_data_stays(account: Account):
    account.deploys()
    account.has_bucket()
    account.has_snapshot("game-20260101")
    account.has_parameters("/game/health/state", "/game/webhooks/alerts", "/game-staging/health/state")
    status, said = ops_remove("--yes")
    assert status == 0, said
    assert (account.stacks.status, account.stacks.parameters["Protection"]) == ("DELETE_COMPLETE", "off")
    assert account.parameters() == ["/game-staging/health/state"]
    assert BUCKET in account.buckets()
    assert account.snapshots() == ["game-20260101", "game-snapshot-database-1abc"]
    assert "Left: snapshots of the database, buckets with the deletion log and the notes of alerts." in said
    assert "`.venv/bin/ops remove --stack game --region eu-central-1` asks again" in said


def test_nothing_is_left_when_all_of_it_is_named(account: Account):
    account.deploys()
    account.has_bucket()
    account.has_snapshot("game-manual-202601010300")
    status, said = ops_remove("--yes", "--also", "snapshots", "--also", "logs", "--also", "bucket")
    assert (status, "Nothing is left of the stack game" in said) == (0, True), said
    assert account.buckets() == []
    assert account.snapshots() == []
    assert not backup.FOLDER.exists(), "no snapshot is left, so the deletion log is needed by nobody"


@pytest.mark.parametrize("left", ["game-20260101", "kept-for-ever", "game-20260101-030000.dump"])
def test_a_log_that_a_restore_may_need_is_copied_before_it_goes(account: Account, left: str):
    account.has_bucket()
    if left.endswith(".dump"):
        backup.FOLDER.mkdir()
        (backup.FOLDER / left).touch()
    else:
        account.has_snapshot(left)
    status, said = ops_remove("--yes", "--also", "bucket")
    assert status == 0, said
    assert account.buckets() == []
    (folder,) = backup.FOLDER.glob(f"{BUCKET}-deletions-*")
    assert f"`.venv/bin/ops reapply-deletions --folder {folder}`" in said
    assert (folder.stat().st_mode & 0o777, [one.name for one in folder.iterdir()]) == (0o700, ["2026-7-began.json"])
    assert read_folder(folder)


def test_a_log_that_cannot_be_read_keeps_its_bucket(account: Account):
    account.has_bucket()
    account.has_snapshot("game-20260101")
    account.s3.put_object(Bucket=BUCKET, Key=f"{DELETIONS}broken.json", Body=b"nonsense")
    status, said = ops_remove("--yes", "--also", "bucket")
    assert (status, "broken.json is not an entry of the deletion log" in said) == (1, True)
    assert "Go on with `.venv/bin/ops remove --stack game --region eu-central-1 --also bucket`" in said
    assert len(list(remainders.keys_in(account.target, BUCKET))) == 3


def test_each_kind_is_a_question_of_its_own_and_no_is_an_answer(account: Account):
    account.has_bucket()
    account.has_parameters("/game/health/state")
    status, said = ops_remove(answer="n\ny\n")
    assert (status, said.count("Remove it for good?")) == (0, 2)
    assert account.parameters() == ["/game/health/state"]
    assert account.buckets() == []


@pytest.mark.usefixtures("account")
def test_a_stack_that_is_not_there_needs_no_question():
    status, said = ops_remove()
    assert (status, "There is no game in eu-central-1" in said, "Nothing is left" in said) == (0, True, True)


def test_who_declines_has_changed_nothing(account: Account):
    account.deploys()
    status, said = ops_remove(answer="n\n")
    assert (status, "Stopped. Nothing has been changed." in said) == (1, True)
    assert (account.stacks.is_protected, account.stacks.parameters["Protection"]) == (True, "on")


@pytest.mark.parametrize(
    ("step", "exists"),
    [
        ("ops.protection.turn_off", "The stack exists and costs what it did; its protection may be off"),
        ("ops.remove._waited", "CloudFormation goes on deleting the stack without this command"),
        ("ops.leftovers.manual_snapshots", "The stack is gone; what was not removed yet is still there"),
    ],
)
def test_control_c_says_what_exists_and_how_to_go_on(
    account: Account, monkeypatch: pytest.MonkeyPatch, step: str, exists: str
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    account.deploys()
    with monkeypatch.context() as during:
        during.setattr(step, interrupted)
        status, said = ops_remove("--yes", "--also", "snapshots")
    assert (status, exists in said) == (1, True), said
    assert "Go on with `.venv/bin/ops remove --stack game --region eu-central-1 --also snapshots`" in said
    assert ops_remove("--yes", "--also", "snapshots")[0] == 0


# --- what moto does not have: CloudFormation's states ---


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setattr(remove, "POLL", 0.0)
    with scripted() as aws:
        yield aws


def is_in(aws: Scripted, status: str, name: str = "game") -> None:
    stack = {"StackId": ARN, "StackName": "game", "CreationTime": 1, "StackStatus": status}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName=name)


def shows_resources(aws: Scripted, *statuses: str) -> None:
    shown = [
        {"LogicalResourceId": f"One{n}", "ResourceType": "AWS::X::Y", "LastUpdatedTimestamp": 1, "ResourceStatus": one}
        for n, one in enumerate(statuses)
    ]
    aws.answers("cloudformation", "list_stack_resources", {"StackResourceSummaries": shown}, StackName=ARN)


def take_down(aws: Scripted) -> remove.Journey:
    with remove.interruptible(aws.target, ()) as journey:
        remove.remove_stack(aws.target, journey, yes=True)
    return journey


def test_a_deletion_that_has_begun_is_waited_for(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    is_in(aws, "DELETE_IN_PROGRESS")
    is_in(aws, "DELETE_IN_PROGRESS", ARN)
    shows_resources(aws, "DELETE_COMPLETE", "DELETE_IN_PROGRESS")
    is_in(aws, "DELETE_COMPLETE", ARN)
    take_down(aws)
    assert "Deleting One1 (network interfaces of functions take up to 40 minutes)" in capsys.readouterr().out


def test_a_deletion_that_fails_is_tried_again_and_then_explained(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    is_in(aws, "DELETE_IN_PROGRESS")
    is_in(aws, "DELETE_FAILED", ARN)
    aws.answers("cloudformation", "delete_stack", StackName=ARN)
    is_in(aws, "DELETE_FAILED", ARN)
    event: dict[str, Any] = {
        "StackId": ARN, "EventId": "1", "StackName": "game", "Timestamp": 1, "LogicalResourceId": "FunctionsGroup",
        "PhysicalResourceId": "sg-1", "ResourceType": "AWS::EC2::SecurityGroup", "ResourceStatus": "DELETE_FAILED",
        "ResourceStatusReason": "has a dependent object",
    }  # fmt: skip
    aws.answers("cloudformation", "describe_stack_events", {"StackEvents": [event]}, StackName="game")
    with pytest.raises(typer.Exit):
        take_down(aws)
    said = capsys.readouterr().err
    assert "FunctionsGroup (AWS::EC2::SecurityGroup): has a dependent object" in said
    assert "Go on with `.venv/bin/ops remove --stack game --region eu-central-1`" in said


def test_a_stack_that_cloudformation_works_on_is_left_alone(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    is_in(aws, "UPDATE_IN_PROGRESS")
    with pytest.raises(typer.Exit):
        take_down(aws)
    assert "still at work on the stack game in eu-central-1 (UPDATE_IN_PROGRESS)" in capsys.readouterr().err


def test_a_database_that_was_restored_beside_it_is_named_first(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    is_in(aws, "CREATE_COMPLETE")
    own = [("AWS::RDS::DBSubnetGroup", "game-subnets"), ("AWS::RDS::DBInstance", DATABASE)]
    resources = [
        {"LogicalResourceId": "One", "PhysicalResourceId": name, "ResourceType": kind,
         "LastUpdatedTimestamp": 1, "ResourceStatus": "CREATE_COMPLETE"}
        for kind, name in own
    ]  # fmt: skip
    for _ in own:
        aws.answers("cloudformation", "list_stack_resources", {"StackResourceSummaries": resources}, StackName="game")
    there = [
        {"DBInstanceIdentifier": name, "DBSubnetGroup": {"DBSubnetGroupName": group}}
        for name, group in ((DATABASE, "game-subnets"), (f"{DATABASE}-old", "game-subnets"), ("other", "others"))
    ]
    aws.answers("rds", "describe_db_instances", {"DBInstances": there})
    with pytest.raises(typer.Exit):
        take_down(aws)
    said = capsys.readouterr().err
    assert f"`aws rds delete-db-instance --db-instance-identifier {DATABASE}-old` first" in said
    assert "Nothing has been changed." in said


def test_a_stack_that_cannot_be_looked_at_does_not_count_as_gone(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    aws.refuses("cloudformation", "describe_stacks", "AccessDenied")
    with pytest.raises(typer.Exit):
        take_down(aws)
    assert "Nothing has been changed." in capsys.readouterr().err


def test_a_stack_that_is_half_removed_is_not_deployed_over(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    is_in(aws, "DELETE_FAILED")
    aws.answers("cloudformation", "describe_stack_events", {"StackEvents": []}, StackName="game")
    with pytest.raises(typer.Exit):
        recovery.clear_the_way(aws.target, yes=True)
    assert "`.venv/bin/ops remove --stack game --region eu-central-1` goes on with that" in capsys.readouterr().err


# --- whose it is ---


def of_snapshots(aws: Scripted, *found: dict[str, Any]) -> None:
    aws.answers("rds", "describe_db_snapshots", {"DBSnapshots": list(found)}, SnapshotType="manual")


def test_snapshots_of_stacks_with_a_common_prefix_are_told_apart(aws: Scripted):
    names = (
        "game-20260101", "game-manual-202601010300", "game-snapshot-database-1abc", "game-database-1abc-old-last",
        "game-staging-20260101", "game-database-20260101", "game-snapshot-snapshot-database-1abc", "game-2",
    )  # fmt: skip
    of_snapshots(aws, *({"DBSnapshotIdentifier": name} for name in names))
    assert leftovers.snapshots(aws.target) == sorted(names[:4])


def test_a_snapshot_whose_tag_names_another_stack_is_not_ours(aws: Scripted):
    other = [{"Key": "Name", "Value": "game-snapshot"}]
    of_snapshots(aws, {"DBSnapshotIdentifier": "game-snapshot-database-1", "TagList": other})
    assert leftovers.snapshots(aws.target) == []


def test_a_bucket_of_another_region_may_serve_a_stack_there(aws: Scripted):
    found = [{"Name": BUCKET}, {"Name": f"{BUCKET}x", "BucketRegion": "us-east-1"}, {"Name": f"game-staging-{BUCKET}"}]
    aws.answers("s3", "list_buckets", {"Buckets": found}, BucketRegion=REGION)
    assert leftovers.buckets(aws.target) == [BUCKET]


def test_only_logs_of_our_databases_are_found(aws: Scripted):
    prefix = "/aws/rds/instance/game-database-"
    names = [f"{prefix}{end}" for end in ("1abc/postgresql", "1abc-old/upgrade", "database-1abc/postgresql")]
    answer = {"logGroups": [{"logGroupName": name} for name in names]}
    aws.answers("logs", "describe_log_groups", answer, logGroupNamePrefix=prefix)
    assert leftovers.database_logs(aws.target) == sorted(names[:2])


def test_a_role_that_others_use_stays_unless_somebody_says_so(aws: Scripted):
    (role,) = (one for one in IN_ORDER if "role" in one.what)
    arn = "arn:aws:iam::1:role/game-ApiLogsAccountRole-1"
    aws.answers("apigateway", "get_account", {"cloudwatchRoleArn": arn})
    aws.answers("apigateway", "get_rest_apis", {"items": [{"id": "1"}]})
    assert not remove.is_removed(role, aws.target, (), yes=True)


def test_a_role_that_nobody_uses_goes(aws: Scripted):
    (role,) = (one for one in IN_ORDER if "role" in one.what)
    name, policy = "game-ApiLogsAccountRole-1", "arn:aws:iam::aws:policy/PushToCloudWatchLogs"
    aws.answers("apigateway", "get_account", {"cloudwatchRoleArn": f"arn:aws:iam::1:role/{name}"})
    aws.answers("apigateway", "get_rest_apis", {"items": []})
    attached = {"AttachedPolicies": [{"PolicyName": "Push", "PolicyArn": policy}], "IsTruncated": False}
    aws.answers("iam", "list_attached_role_policies", attached, RoleName=name)
    aws.answers("iam", "detach_role_policy", RoleName=name, PolicyArn=policy)
    aws.answers("iam", "delete_role", RoleName=name)
    unset = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}]
    aws.answers("apigateway", "update_account", patchOperations=unset)
    assert remove.is_removed(role, aws.target, (), yes=True)


def test_what_holds_data_of_members_comes_last_and_the_log_after_it():
    assert [one.data for one in IN_ORDER if one.data] == [Data.LOGS, Data.SNAPSHOTS, Data.BUCKET]
    assert IN_ORDER[-1].data is Data.BUCKET
