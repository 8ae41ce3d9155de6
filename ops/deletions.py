"""`ops reapply-deletions`: after a restore, deletes again whoever had asked to be forgotten since the snapshot."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import typer

from mastermind.db.forget import forget_again
from mastermind.domain.privacy import DELETIONS, Deletion, read
from ops.discord import stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def reapply_deletions(
    database_url: Annotated[
        str,
        typer.Option(envvar="DATABASE_URL", help="The restored database, entered as its owner.", show_default=False),
    ],
    bucket: Annotated[
        str, typer.Option(envvar="EXPORT_BUCKET", help="The bucket with the log of deletions.", show_default=False)
    ] = "",
    folder: Annotated[
        Path | None, typer.Option(help="A copy of the log instead: a folder of its files.", show_default=False)
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option(help="Only say how many deletions the log has.")] = False,
) -> None:
    """Delete from a restored database whoever was deleted after its snapshot was made; safe to do again.

    Who was deleted and came back before the snapshot stays: the log tells the time of each deletion.
    """
    if bool(bucket) == bool(folder):
        stop("Name either the bucket or a folder with a copy of the log.")
    log = read_folder(folder) if folder else _read_bucket(bucket)
    typer.echo(f"{len(log)} deletions in the log")
    if not dry_run:
        typer.echo(f"{reapply(database_url, log)} members deleted again")


def read_folder(folder: Path) -> list[Deletion]:
    """A copy of the log; raises typer.Exit for what is none."""
    return [_read(name, entry) for name, entry in _in_folder(folder)]


def read_bucket(bucket: str, s3: Any) -> list[Deletion]:  # noqa: ANN401 # a class that boto3 makes up
    """The log itself; raises typer.Exit for what is none, and what the client raises."""
    return [_read(name, entry) for name, entry in _in_bucket(bucket, s3)]


def _read_bucket(bucket: str) -> list[Deletion]:
    import boto3

    with closing(boto3.client("s3")) as s3:
        return read_bucket(bucket, s3)


def reapply(database_url: str, log: Iterable[Deletion]) -> int:
    """How many members were there and are no longer."""
    with closing(psycopg.connect(database_url, autocommit=True)) as conn:
        return sum(len(forget_again(conn, asked.user_id, asked.at).fetchall()) for asked in log)


def _read(name: str, entry: bytes) -> Deletion:
    try:
        return read(entry)
    except ValueError as error:
        stop(f"{name}: {error}. Nothing was deleted.")


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.json")):
        yield str(path), path.read_bytes()


def _in_bucket(bucket: str, s3: Any) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 # the same
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=DELETIONS):
        for found in page.get("Contents", ()):
            key = found.get("Key", "")
            yield key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()
