"""Begins a restore, which makes the new instance, and gives one up, which deletes it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from mastermind.operations import durations
from ops.asking import Refused
from ops.restore import instances, opening
from ops.restore.instances import KEEPS, OF, SOURCE, STATE, TRIED, UNDER_WAY
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.restore.instances import Instance
    from ops.restore.sources import Source
    from ops.target import Target


CLOUDTRAIL = "CloudTrail"
"""What knows who has an instance made or deleted."""


def make(target: Target, source: Source, name: str, state: str = UNDER_WAY) -> str:
    """Have RDS make an instance of that source, beside the one of that name; returns its name. Raises TargetError.

    Its tags say what it is for, so that the restore can be gone on with.
    """
    present = instances.named(target, name)
    keeps = instances.free_name(target, name, "old") if present else ""
    fresh = instances.free_name(target, name, "restored")
    asked = {**_like_the_stacks(target), "Tags": _tags(target, present, source, {KEEPS: keeps, STATE: state})}
    rds = target.client("rds")
    if source.snapshot:
        named = {"DBInstanceIdentifier": fresh, "DBSnapshotIdentifier": source.snapshot}
        call_aws(lambda: rds.restore_db_instance_from_db_snapshot(**named, **asked))
    else:
        named = {"TargetDBInstanceIdentifier": fresh, "SourceDBInstanceIdentifier": name}
        call_aws(lambda: rds.restore_db_instance_to_point_in_time(**named, RestoreTime=source.moment, **asked))
    return fresh


def _like_the_stacks(target: Target) -> dict[str, Any]:
    """What RDS does not take from the source, as the template has it."""
    wanted, own = instances.declared(target), target.physical_ids()
    return {
        "DBInstanceClass": wanted["DBInstanceClass"],
        "MultiAZ": wanted["MultiAZ"] == "true",
        "DBSubnetGroupName": own["DatabaseSubnets"],
        "VpcSecurityGroupIds": [own["DatabaseGroup"]],
        "DBParameterGroupName": own["DatabaseParameters"],
        "CACertificateIdentifier": wanted["CACertificateIdentifier"],
        "EnableIAMDatabaseAuthentication": True,
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": True,
        "EnableCloudwatchLogsExports": wanted["EnableCloudwatchLogsExports"],
        "CopyTagsToSnapshot": True,
        "DeletionProtection": True,
    }


def _tags(target: Target, present: Instance | None, source: Source, more: Mapping[str, str]) -> list[dict[str, str]]:
    """Those of the old instance, but for AWS's own, and ours."""
    old = present.tags if present else {"Name": target.stack}
    kept = {key: value for key, value in old.items() if not key.startswith("aws:") and key not in instances.TAGS}
    ours = {OF: target.stack, SOURCE: source.words, **more}
    return [{"Key": key, "Value": value} for key, value in {**kept, **ours}.items()]


def try_out(target: Target, source: Source, name: str) -> None:
    """Have RDS make an instance of that source, look at it, and delete it; the game goes on. Raises TargetError."""
    target.book_if_possible("database.try", {"source": source.words}, CLOUDTRAIL)
    found, began = instances.made(target, TRIED), time.monotonic()
    fresh = found.name if found else make(target, source, name, TRIED)
    words = "RDS makes the instance (usually 10 to 30 min)"
    made = instances.wait(words, partial(instances.named, target, fresh))
    typer.echo(f"RDS took {durations.in_words(time.monotonic() - began)}.")
    lacking = instances.lacking(target, made)
    _delete(target, fresh)
    if lacking:
        raise TargetError(f"{fresh} had not what the stack's database has: {', '.join(lacking)}")


def give_up(target: Target, name: str, fresh: Instance) -> None:
    """Bring the old instance back to its name, open the game, and delete the restored one. Raises TargetError.

    It is booked last, in the old database: by then the functions run again, and know it under its old name.
    """
    if target.parameters.get("DatabaseResourceId") == fresh.resource_id:
        raise Refused(
            "The game is played on the restored database already: there is nothing to give up. `.venv/bin/ops restore`"
            " finishes it; to go back to another state, restore again after that."
        )
    keeps = fresh.tags.get(KEEPS, "")
    if fresh.name == name:
        instances.rename(target, name, instances.free_name(target, name, "restored"))
    if keeps and instances.named(target, keeps) and not instances.named(target, name):
        instances.rename(target, keeps, name)
        typer.echo(f"The old database is {name} again.")
    elif keeps and instances.named(target, name):
        instances.wait_renamed(target, name)
    opening.open_again(target)
    found = instances.under_way(target)
    if found is None:
        raise TargetError("The restored instance is gone already")
    _delete(target, found.name)
    given_up = {"source": fresh.tags[SOURCE], "instance": found.name}
    target.book_if_possible("database.give_up", given_up, CLOUDTRAIL)


def _delete(target: Target, name: str) -> None:
    """One that nobody has played on: there is nothing in it that its source does not have."""
    find = partial(instances.named, target, name)
    instances.wait(f"RDS has to finish {name} before it can delete it", find)
    instances.modify(target, name, DeletionProtection=False)
    instances.wait(f"RDS takes the protection from {name}", find)
    rds, asked = target.client("rds"), {"DBInstanceIdentifier": name, "SkipFinalSnapshot": True}
    call_aws(lambda: rds.delete_db_instance(**asked))
    typer.echo(f"{name} is being deleted.")
