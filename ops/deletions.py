"""`ops reapply-deletions`: after a restore, deletes again whoever had asked to be forgotten since the snapshot."""

from __future__ import annotations

from contextlib import closing
from itertools import batched
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import typer

from mastermind.game.privacy import actions as privacy
from mastermind.game.privacy.rules import DELETIONS, Deletion, read, write
from mastermind.gateways import migrate_gate
from mastermind.gateways.migrate_gate import MigrationsFailed
from ops import migrate
from ops.databases import enter
from ops.discord import stop
from ops.world import Missing, RegionName, StackName, World, Yes, asked, find, sure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AT_ONCE = 500
"""Deletions that the function is handed with one call; it has five minutes for them and needs seconds."""


class LogError(Exception):
    """The log of deletions is not there, or holds something that is none; the message says which, for a person."""


def reapply_deletions(
    *,
    stack: StackName = None,
    region: RegionName = None,
    database_url: Annotated[
        str,
        typer.Option(
            envvar="DATABASE_URL",
            help="A database that can be reached from here, entered as its owner. Left out: the stack's own, which its"
            " function migrate reaches for us, and brings up to its version first.",
            show_default=False,
        ),
    ] = "",
    bucket: Annotated[
        str, typer.Option(envvar="EXPORT_BUCKET", help="The bucket with the log of deletions.", show_default=False)
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="A copy of the log instead: a folder of its files.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many deletions the log has.")] = False,
    yes: Yes = False,
) -> None:
    """Delete from a restored database whoever was deleted after its snapshot was made; safe to do again.

    Who was deleted and came back before the snapshot stays: the log tells the time of each deletion. The log is the
    stack's, unless a bucket or a folder is named.
    """
    if bucket and folder:
        stop("Name either the bucket or a folder with a copy of the log, not both.")
    if database_url and not (bucket or folder):
        stop("Name the bucket, or a folder with a copy of the log: a database alone does not say which is its log.")
    try:
        if database_url:
            _again(read_folder(folder) if folder else _read_bucket(bucket), database_url, dry_run=dry_run, yes=yes)
        else:
            with closing(find(stack, region)) as world:
                _again(_log_of(world, bucket, folder), world, dry_run=dry_run, yes=yes)
    except LogError as trouble:
        stop(f"{trouble}. Nothing was deleted.")
    except (MigrationsFailed, Missing, psycopg.OperationalError) as trouble:
        stop(f"{trouble}\nMend that, and run it again: who is gone by now stays gone.")


def _again(log: Sequence[Deletion], where: World | str, *, dry_run: bool, yes: bool) -> None:
    typer.echo(f"{len(log)} deletions in the log")
    if dry_run:
        return
    named = f"{where}" if isinstance(where, World) else "that database"
    sure(f"Delete these members again from {named}, if they are there?", yes=yes)
    again = reapply_inside(where, log) if isinstance(where, World) else reapply(where, log)
    typer.echo(f"{again} members deleted again")


def reapply(database_url: str, log: Iterable[Deletion]) -> int:
    """How many members were there and are no longer."""
    with closing(enter(database_url)) as conn:
        return privacy.forget_again(conn, log)


def reapply_inside(world: World, log: Iterable[Deletion]) -> int:
    """The same by the function that reaches the database, which is brought up to its version first.

    Needs the right to read the master secret. Raises Missing or MigrationsFailed.
    """
    migrate.apply(world)
    connection = asked(
        lambda: migrate_gate.connection(world.client("secretsmanager"), world.output("DatabaseSecretArn"))
    )
    return sum(
        world.ask("migrate", {"connection": connection, "deletions": [write(one).decode() for one in some]})["deleted"]
        for some in batched(log, AT_ONCE, strict=False)
    )


# --- the log ---


def _log_of(world: World, bucket: str, folder: Path | None) -> list[Deletion]:
    if folder:
        return read_folder(folder)
    return read_bucket(bucket or world.output("ExportBucketName"), world.client("s3"))


def read_folder(folder: Path) -> list[Deletion]:
    """A copy of the log; raises LogError."""
    if not folder.is_dir():
        raise LogError(f"There is no log of deletions: {folder} is no folder")
    return [_read(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.json"))]


def read_bucket(bucket: str, s3: Any) -> list[Deletion]:  # noqa: ANN401 # a class that boto3 makes up
    """The log itself; raises LogError, and Missing when the bucket cannot be read."""
    return [_read(name, entry) for name, entry in asked(lambda: list(_in_bucket(bucket, s3)))]


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
        return read(entry)
    except ValueError as error:
        raise LogError(f"{name} is no entry of the log of deletions: {error}") from error
