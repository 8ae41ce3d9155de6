"""Each kind of resource that a removed stack leaves, and how it is deleted when the operator asks for that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import batched
from typing import TYPE_CHECKING, Any

import typer

from mastermind.game.privacy.rules import DELETIONS
from ops import backup, leftovers
from ops.deletions import in_bucket, read_folder
from ops.target import call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ops.target import Target


class Data(StrEnum):
    """What holds data of members: with --yes it is removed only if it is named."""

    SNAPSHOTS = "snapshots"
    LOGS = "logs"
    BUCKET = "bucket"


def _no_warning(_: Target) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Remainder:
    """One kind: how it is called, found and deleted; `data` if it holds data of members, and what to know before."""

    what: str
    find: Callable[[Target], list[str]]
    delete: Callable[[Target, Sequence[str]], None]
    data: Data | None = None
    warning: Callable[[Target], str] = _no_warning


# --- what holds no data of members ---


def _delete_functions(target: Target, names: Sequence[str]) -> None:
    for name in names:
        call_aws(lambda name=name: target.client("lambda").delete_function(FunctionName=name))


def _delete_schedule_groups(target: Target, names: Sequence[str]) -> None:
    for name in names:
        call_aws(lambda name=name: target.client("scheduler").delete_schedule_group(Name=name))


def _delete_dashboards(target: Target, names: Sequence[str]) -> None:
    call_aws(lambda: target.client("cloudwatch").delete_dashboards(DashboardNames=list(names)))


def _delete_secrets(target: Target, names: Sequence[str]) -> None:
    """Their database is gone; Secrets Manager keeps them for another week."""
    for name in names:
        asked = {"SecretId": name, "RecoveryWindowInDays": 7}
        call_aws(lambda asked=asked: target.client("secretsmanager").delete_secret(**asked))


def _delete_parameters(target: Target, names: Sequence[str]) -> None:
    for some in batched(names, 10, strict=False):  # as many as SSM takes at once
        call_aws(lambda some=some: target.client("ssm").delete_parameters(Names=list(some)))


def _delete_role(target: Target, names: Sequence[str]) -> None:
    """The role first: as long as the account names it, it is found again."""
    iam = target.client("iam")
    for name in names:
        attached = target.all_of("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        for policy in attached:
            asked = {"RoleName": name, "PolicyArn": policy["PolicyArn"]}
            call_aws(lambda asked=asked: iam.detach_role_policy(**asked))
        call_aws(lambda name=name: iam.delete_role(RoleName=name))
    unset = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}]
    call_aws(lambda: target.client("apigateway").update_account(patchOperations=unset))


def _other_apis(target: Target) -> str:
    """API Gateway has one role for all of the region's APIs."""
    others = target.all_of("apigateway", "get_rest_apis", "items")
    return f"{len(others)} other APIs of the region write their logs with it" if others else ""


# --- what does ---


def _all_logs(target: Target) -> list[str]:
    return [*leftovers.log_groups(target), *leftovers.database_logs(target)]


def _delete_logs(target: Target, names: Sequence[str]) -> None:
    for name in names:
        call_aws(lambda name=name: target.client("logs").delete_log_group(logGroupName=name))


def _delete_snapshots(target: Target, names: Sequence[str]) -> None:
    for name in names:
        call_aws(lambda name=name: target.client("rds").delete_db_snapshot(DBSnapshotIdentifier=name))


def _restorable(target: Target) -> str:
    """Which copies of the data are left, in words: after a restore from one of them the log is needed."""
    dumps = sorted(path.name for path in backup.FOLDER.glob(f"{target.stack}-[0-9]*.dump"))
    return ", ".join((*leftovers.snapshots(target), *leftovers.copies(target), *dumps))


def _warn_of_restores(target: Target) -> str:
    if left := _restorable(target):
        return f"needed after a restore from what is left ({left}); the log is copied to {backup.FOLDER} first"
    return ""


def _delete_buckets(target: Target, names: Sequence[str]) -> None:
    for name in names:
        if _restorable(target):
            _copy_log(target, name)
        _empty(target, name)
        call_aws(lambda name=name: target.client("s3").delete_bucket(Bucket=name))


def _copy_log(target: Target, bucket: str) -> None:
    """Copy the deletion log to a folder and name it; raises LogError if the copy is not a log."""
    entries = call_aws(lambda: list(in_bucket(bucket, target.client("s3"))))
    if not entries:
        typer.echo(f"The deletion log in {bucket} is empty: nobody deleted their data.")
        return
    folder = _new_folder(bucket)
    for key, entry in entries:
        (folder / key.removeprefix(DELETIONS).replace("/", "-")).write_bytes(entry)
    read_folder(folder)
    typer.echo(
        f"The deletion log is now in {folder}. After a restore: `.venv/bin/ops reapply-deletions --folder {folder}`."
    )


def _new_folder(bucket: str) -> Path:
    folder = backup.FOLDER / f"{bucket}-deletions-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(mode=0o700, parents=True)
    return folder


def _empty(target: Target, bucket: str) -> None:
    """The deletion log goes last."""
    s3, keys = target.client("s3"), sorted(keys_in(target, bucket), key=lambda key: (key.startswith(DELETIONS), key))
    for some in batched(keys, 1000, strict=False):  # as many as S3 takes at once
        asked: Any = {"Objects": [{"Key": key} for key in some], "Quiet": True}
        call_aws(lambda asked=asked: s3.delete_objects(Bucket=bucket, Delete=asked))


def keys_in(target: Target, bucket: str) -> Iterator[str]:
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for page in call_aws(lambda: list(pages)):
        yield from (one["Key"] for one in page.get("Contents", ()))


# --- all of them ---

IN_ORDER = (
    Remainder("functions", leftovers.functions, _delete_functions),
    Remainder("schedule groups", leftovers.schedule_groups, _delete_schedule_groups),
    Remainder("dashboards", leftovers.dashboards, _delete_dashboards),
    Remainder("secrets of databases' owners", leftovers.secrets, _delete_secrets),
    Remainder(
        "SSM parameters (webhooks, bot token, the health check's state)",
        leftovers.parameters,
        _delete_parameters,
    ),
    Remainder("API Gateway's role for logs", leftovers.logs_role, _delete_role, warning=_other_apis),
    Remainder("log groups", _all_logs, _delete_logs, Data.LOGS),
    Remainder("snapshots of the database", leftovers.snapshots, _delete_snapshots, Data.SNAPSHOTS),
    Remainder(
        "buckets with the deletion log and the notes of alerts",
        leftovers.buckets,
        _delete_buckets,
        Data.BUCKET,
        _warn_of_restores,
    ),
)
"""The buckets are last: the deletion log is needed as long as anything can be restored."""
