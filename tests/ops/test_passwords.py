"""`ops rotate-password`: the new password is in force once RDS has it, no matter who keeps it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ops import passwords
from ops.target import TargetError
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN, NEW = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:owner", "n" * 40
OUTPUTS = {"DatabaseIdentifier": "database-1", "DatabaseSecretArn": ARN}
CHANGING: dict[str, object] = {"DBInstanceStatus": "available", "PendingModifiedValues": {"MasterUserPassword": "****"}}
RESETTING: dict[str, object] = {"DBInstanceStatus": "resetting-master-credentials", "PendingModifiedValues": {}}
CHANGED: dict[str, object] = {"DBInstanceStatus": "available", "PendingModifiedValues": {}}


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()]
        shown = {"StackName": "game", "CreationTime": datetime.now(UTC), "StackStatus": "CREATE_COMPLETE"}
        described = {"Stacks": [{**shown, "Outputs": outputs}]}
        aws.answers("cloudformation", "describe_stacks", described, StackName="game")
        yield aws


def shows(aws: Scripted, *states: dict[str, object]) -> None:
    for one in states:
        aws.answers("rds", "describe_db_instances", {"DBInstances": [one]}, DBInstanceIdentifier="database-1")


def modifies(aws: Scripted, **asked: object) -> None:
    aws.answers("rds", "modify_db_instance", None, DBInstanceIdentifier="database-1", ApplyImmediately=True, **asked)


def prepare(aws: Scripted) -> None:
    aws.answers(
        "secretsmanager", "get_random_password", {"RandomPassword": NEW}, PasswordLength=40, ExcludePunctuation=True
    )
    before = json.dumps({"username": "mastermind_owner", "password": "old", "host": "here"})
    aws.answers("secretsmanager", "get_secret_value", {"SecretString": before}, SecretId=ARN)
    after = json.dumps({"username": "mastermind_owner", "password": NEW, "host": "here"})
    aws.answers(
        "secretsmanager",
        "put_secret_value",
        {"VersionId": "2" * 32},
        SecretId=ARN,
        SecretString=after,
        VersionStages=["AWSPENDING"],
    )


def test_the_secret_changes_once_rds_has_the_password(aws: Scripted):
    waited = list[float]()
    shows(aws, CHANGED)
    prepare(aws)
    modifies(aws, MasterUserPassword=NEW)
    shows(aws, CHANGING, RESETTING, CHANGED)
    stages = {"VersionIdsToStages": {"1" * 32: ["AWSCURRENT"], "2" * 32: ["AWSPENDING"]}}
    aws.answers("secretsmanager", "describe_secret", stages, SecretId=ARN)
    aws.answers(
        "secretsmanager",
        "update_secret_version_stage",
        None,
        SecretId=ARN,
        VersionStage="AWSCURRENT",
        MoveToVersionId="2" * 32,
        RemoveFromVersionId="1" * 32,
    )
    passwords.rotate(aws.target, waited.append)
    assert len(waited) == 3


def test_where_rds_keeps_the_password_it_makes_another(aws: Scripted):
    shows(aws, CHANGED | {"MasterUserSecret": {"SecretArn": ARN}})
    modifies(aws, RotateMasterUserPassword=True)
    shows(aws, CHANGED)
    passwords.rotate(aws.target, lambda _: None)


def test_while_rds_does_not_take_it_the_old_one_stays_in_force(aws: Scripted):
    shows(aws, CHANGED)
    prepare(aws)
    aws.refuses("rds", "modify_db_instance", "InvalidDBInstanceState")
    with pytest.raises(TargetError, match="InvalidDBInstanceState"):
        passwords.rotate(aws.target, lambda _: None)
