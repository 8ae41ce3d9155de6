"""`ops reapply-deletions`: after a restore, deletes again every member who was deleted since the snapshot."""

from __future__ import annotations

from contextlib import closing
from itertools import batched
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import typer

from mastermind.errors import BadMessage, MigrationError
from mastermind.game.privacy import actions as privacy
from mastermind.game.privacy.rules import DELETIONS, Deletion, write
from mastermind.gateways import migrate_gate
from mastermind.operations.deletion_log import ENTRY
from mastermind.parsing import parse
from ops import migrate
from ops.databases import connect
from ops.discord import fail
from ops.target import RegionName, StackName, Target, TargetError, Yes, call_aws, confirm, find_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AT_ONCE = 500
"""Deletions in one call of the function. It takes seconds, and may take five minutes."""


class LogError(Exception):
    """There is no deletion log, or it has something else in it; the message is for the operator."""


def reapply_deletions(
    *,
    stack: StackName = None,
    region: RegionName = None,
    database_url: Annotated[
        str,
        typer.Option(
            envvar="DATABASE_URL",
            help="A database that can be reached from here, as its owner. Default: that of the stack, through its"
            " function migrate, which first applies the migrations.",
            show_default=False,
        ),
    ] = "",
    bucket: Annotated[
        str, typer.Option(envvar="EXPORT_BUCKET", help="The bucket with the deletion log.", show_default=False)
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="A copy of the log instead: a folder with its files.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how many deletions the log has.")] = False,
    yes: Yes = False,
) -> None:
    """Delete from a restored database every member who was deleted after its snapshot. Safe to repeat.

    A member who came back before the snapshot stays: the log has the time of each deletion. The log is the stack's,
    unless a bucket or a folder is given.
    """
    if bucket and folder:
        fail("Name either the bucket or a folder with a copy of the log, not both.")
    if database_url and not (bucket or folder):
        fail("Name the bucket, or a folder with a copy of the log: it does not follow from the database.")
    try:
        if database_url:
            _again(read_folder(folder) if folder else _read_bucket(bucket), database_url, dry_run=dry_run, yes=yes)
        else:
            with closing(find_target(stack, region)) as target:
                _again(_log_of(target, bucket, folder), target, dry_run=dry_run, yes=yes)
    except LogError as trouble:
        fail(f"{trouble}. Nothing was deleted.")
    except (MigrationError, TargetError, psycopg.OperationalError) as trouble:
        fail(f"{trouble}\nFix that and run it again: repeating it is safe.")


def _again(log: Sequence[Deletion], where: Target | str, *, dry_run: bool, yes: bool) -> None:
    typer.echo(f"{len(log)} deletions in the log")
    if dry_run:
        return
    named = f"{where}" if isinstance(where, Target) else "that database"
    confirm(f"Delete these members again from {named}, if they are there?", yes=yes)
    again = reapply_by_function(where, log) if isinstance(where, Target) else reapply(where, log)
    typer.echo(f"{again} members deleted again")


def reapply(database_url: str, log: Iterable[Deletion]) -> int:
    """Delete these members if they are in the database; returns how many were."""
    with closing(connect(database_url)) as conn:
        return privacy.forget_again(conn, log)


def reapply_by_function(target: Target, log: Iterable[Deletion]) -> int:
    """The same through the function that reaches the database, after applying the migrations.

    Needs the right to read the master secret. Raises TargetError or MigrationError.
    """
    migrate.apply(target)
    connection = call_aws(
        lambda: migrate_gate.connection(target.client("secretsmanager"), target.output("DatabaseSecretArn"))
    )
    return sum(
        target.invoke("migrate", {"connection": connection, "deletions": [write(one).decode() for one in some]})[
            "deleted"
        ]
        for some in batched(log, AT_ONCE, strict=False)
    )


# --- the log ---


def _log_of(target: Target, bucket: str, folder: Path | None) -> list[Deletion]:
    if folder:
        return read_folder(folder)
    return read_bucket(bucket or target.output("ExportBucketName"), target.client("s3"))


def read_folder(folder: Path) -> list[Deletion]:
    """A copy of the log; raises LogError."""
    if not folder.is_dir():
        raise LogError(f"There is no deletion log: {folder} is not a folder")
    return [_read(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.json"))]


def read_bucket(bucket: str, s3: Any) -> list[Deletion]:  # noqa: ANN401 # a class that boto3 makes up
    """The log itself; raises LogError, and Missing when the bucket cannot be read."""
    return [_read(name, entry) for name, entry in call_aws(lambda: list(_in_bucket(bucket, s3)))]


def _read_bucket(bucket: str) -> list[Deletion]:
    import boto3

    with closing(boto3.client("s3")) as s3:
        return read_bucket(bucket, s3)


def _in_bucket(bucket: str, s3: Any) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 # the same
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=DELETIONS):
        for found in page.get("Contents", ()):
            key = found.get("Key", "")
            yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def _read(name: str, entry: bytes) -> Deletion:
    try:
        return parse(ENTRY, entry)
    except BadMessage as error:
        raise LogError(f"{name} is not an entry of the deletion log: {error}") from error
