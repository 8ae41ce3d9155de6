"""`ops rotate-password`: gives the owner of the database a new password, and has the migrations log in with it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import typer

from mastermind.errors import MigrationError
from ops import migrate
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import fail
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.target import Target

LENGTH = 40
LOOK, PATIENCE = 5.0, 600.0
"""Seconds between two looks whether RDS is through, and in all. It takes about a minute."""

FIRST = "The master password is being changed: RDS takes about a minute. Nobody is disturbed."


def rotate_password(*, stack: StackName = None, region: RegionName = None, yes: Yes = False) -> None:
    """Give the owner of the database a new password, and have the migrations log in with it.

    No function of the game has it: they log in with tokens of their own. Safe to run again at any point.
    """
    with closing(find_game(stack, region)) as target:
        if target.is_local:
            fail("A local database has no password that anybody else could know.")
        confirm(f"Give the owner of the database of {target} a new password?", yes=yes)
        try:
            began = time.monotonic()
            rotate(target, time.sleep)
            migration = migrate.apply(target)
        except (TargetError, MigrationError) as error:
            fail(f"{error}\nRun it again: until it ends well, the next deploy may not get in.")
        typer.echo(f"Done in {time.monotonic() - began:.0f} s: the migrations got in with it; {migration:03} is there.")


def rotate(target: Target, wait: Callable[[float], None]) -> None:
    """Raises TargetError."""
    rds, name = target.client("rds"), target.output("DatabaseIdentifier")
    if "MasterUserSecret" in _described(target):  # RDS made it, and stores it
        call_aws(
            lambda: rds.modify_db_instance(
                DBInstanceIdentifier=name, RotateMasterUserPassword=True, ApplyImmediately=True
            )
        )
        typer.echo(FIRST)
        _until_changed(target, wait)
        return
    password, version = _prepare(target)
    call_aws(
        lambda: rds.modify_db_instance(DBInstanceIdentifier=name, MasterUserPassword=password, ApplyImmediately=True)
    )
    typer.echo(FIRST)
    _until_changed(target, wait)
    _put_in_force(target, version)


def _prepare(target: Target) -> tuple[str, str]:
    """A new password and its version in the secret, which is not in force yet."""
    secrets, arn = target.client("secretsmanager"), target.output("DatabaseSecretArn")
    made = call_aws(lambda: secrets.get_random_password(PasswordLength=LENGTH, ExcludePunctuation=True))
    password = str(made["RandomPassword"])
    known = json.loads(call_aws(lambda: secrets.get_secret_value(SecretId=arn))["SecretString"])
    text = json.dumps({**known, "password": password})
    put = call_aws(lambda: secrets.put_secret_value(SecretId=arn, SecretString=text, VersionStages=["AWSPENDING"]))
    return password, str(put["VersionId"])


def _put_in_force(target: Target, version: str) -> None:
    secrets, arn = target.client("secretsmanager"), target.output("DatabaseSecretArn")
    stages: Mapping[str, list[str]] = call_aws(lambda: secrets.describe_secret(SecretId=arn))["VersionIdsToStages"]
    before = next(one for one, names in stages.items() if "AWSCURRENT" in names)
    call_aws(
        lambda: secrets.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=version, RemoveFromVersionId=before
        )
    )


def _until_changed(target: Target, wait: Callable[[float], None]) -> None:
    """RDS shows the change as pending for a moment, then the instance as resetting it."""
    wait(LOOK)
    for _ in range(int(PATIENCE / LOOK)):
        shown = _described(target)
        pending = shown.get("PendingModifiedValues", {})
        if shown["DBInstanceStatus"] == "available" and "MasterUserPassword" not in pending:
            return
        wait(LOOK)
    raise TargetError("RDS has not changed the password after ten minutes; the RDS console says what it is doing.")


def _described(target: Target) -> Mapping[str, Any]:
    rds, name = target.client("rds"), target.output("DatabaseIdentifier")
    return call_aws(lambda: rds.describe_db_instances(DBInstanceIdentifier=name))["DBInstances"][0]
