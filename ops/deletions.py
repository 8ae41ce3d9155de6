"""`ops reapply-deletions`: after a restore, repeats every deletion that was done since the snapshot."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mastermind.errors import BadMessage, MigrationError
from mastermind.game.privacy import actions as privacy
from mastermind.game.privacy.rules import DELETIONS, write
from mastermind.game.privacy.table import Origin, Repeated
from mastermind.gateways import migrate_gate
from mastermind.operations.deletion_log import ENTRY, assemble, lacks
from mastermind.parsing import parse
from mastermind.postgres.errors import DatabaseError
from ops import given, migrate
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.databases import connect
from ops.discord import fail
from ops.target import Target, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mastermind.game.privacy.rules import Began, Deletion, Ended
    from mastermind.operations.deletion_log import DeletionLog

AT_ONCE = 500
"""Deletions in one call of the function. It takes seconds, and may take five minutes."""


class LogError(Exception):
    """There is no deletion log, or it has something else in it; the message is for the operator."""


def reapply_deletions(
    *,
    stack: StackName = None,
    region: RegionName = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            parser=given.database_url,
            envvar="DATABASE_URL",
            help="A database that can be reached from here, as its owner. Default: that of the stack, through its"
            " function migrate, which first applies the migrations.",
            show_default=False,
        ),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(
            parser=given.bucket,
            envvar="EXPORT_BUCKET",
            help="The bucket with the deletion log.",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            parser=given.folder,
            help="A copy of the log instead: a folder with its files.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look at the log and the database.")] = False,
    yes: Yes = False,
) -> None:
    """Delete from a restored database every member who was deleted after its snapshot. Safe to repeat.

    What was written after a deletion had ended stays, and so does a member whose deletion failed or who has played
    since the restore. The log is the stack's, unless a bucket or a folder is given: the log of a database that was made
    of a snapshot is in the bucket of the earlier stack. The audit log of the restored database records who did it
    through a stack; with --database-url it does not know.
    """
    if bucket and folder:
        fail("Name either the bucket or a folder with a copy of the log, not both.")
    if database_url and not (bucket or folder):
        fail("Name the bucket, or a folder with a copy of the log: it does not follow from the database.")
    try:
        if database_url:
            _again(
                read_folder(folder) if folder else _read_bucket(bucket or ""), database_url, dry_run=dry_run, yes=yes
            )
        else:
            with closing(find_game(stack, region)) as target:
                _again(log_of(target, bucket or "", folder), target, dry_run=dry_run, yes=yes)
    except LogError as trouble:
        fail(f"{trouble}. Nothing was deleted.")
    except (MigrationError, TargetError, DatabaseError) as trouble:
        fail(f"{trouble}\nFix that and run it again: repeating it is safe.")


@dataclass(frozen=True, slots=True)
class Reapplied:
    """How many members were deleted again, and how many were left because they have played since."""

    deleted: int = 0
    playing: int = 0


def _again(log: DeletionLog, where: Target | str, *, dry_run: bool, yes: bool) -> None:
    typer.echo(f"{len(log.done)} deletions in the log")
    if log.unfinished:
        typer.echo(unfinished_words(log))
    refuse_foreign(log, where)
    if dry_run:
        return
    named, booked = "that database", ""
    if isinstance(where, Target):
        named, booked = f"{where}", f" The audit log will name you: {where.caller}."
    confirm(f"Delete these members again from {named}, if they are there?{booked}", yes=yes)
    again = reapply_by_function(where, log.done) if isinstance(where, Target) else reapply(where, log.done)
    typer.echo(f"{again.deleted} members deleted again")
    if again.playing:
        typer.echo(PLAYING.format(again.playing))


def refuse_foreign(log: DeletionLog, where: Target | str) -> None:
    """Raise LogError for an empty log that is not this database's, and TargetError where the database lets nobody in.

    On AWS it is asked through the function migrate, over TLS that verifies its name.
    """
    if isinstance(where, str):
        with closing(connect(where)) as conn:
            origin, began = privacy.origin(conn), None
    else:
        origin, began = origin_of(where), where.description["CreationTime"]
    if words := lacks(log, origin, began):
        raise LogError(f"{words}. {NAME_IT}")


NAME_IT = (
    "Members who deleted themselves since the snapshot would be back: name the bucket of the earlier stack"
    " (--bucket) or a copy of its log (--folder). If that is empty too, nobody did, and there is nothing to repeat"
)


def origin_of(target: Target) -> Origin:
    answer = target.invoke("migrate", {"connection": connection_of(target), "deletions": []})
    found = Origin(datetime.fromisoformat(answer["since"]), answer["logged"])
    if not target.is_local:
        typer.echo(f"The database answers, and TLS verifies its name. It began on {found.since:%Y-%m-%d}.")
    return found


def unfinished_words(log: DeletionLog) -> str:
    """Which deletions began and never ended."""
    return UNFINISHED.format(len(log.unfinished), ", ".join(str(each.user_id) for each in log.unfinished))


UNFINISHED = (
    "{} deletions began and never ended. They are not repeated: these members were told that it failed, and may have "
    "played on. Should the database have been lost within that minute, ask them: {}"
)
PLAYING = (
    "{} members have played since the restore, and are left as they are: deletions are repeated before the game opens. "
    "They can delete their data by themselves."
)


def reapply(database_url: str, deletions: Iterable[Deletion]) -> Reapplied:
    """Repeat these deletions in that database."""
    with closing(connect(database_url)) as conn:
        repeated = privacy.forget_again(conn, deletions)
    return Reapplied(repeated[Repeated.DELETED], repeated[Repeated.PLAYS])


def reapply_by_function(target: Target, deletions: Iterable[Deletion]) -> Reapplied:
    """The same through the function that reaches the database, after applying the migrations.

    Booked as the operator's, in that database. Needs the right to read the master secret. Raises TargetError or
    MigrationError.
    """
    migrate.apply(target)
    connection = connection_of(target)
    patience = migrate.longest_answer(target)
    questions = (
        {"connection": connection, "deletions": [write(one).decode() for one in some], "by": target.caller}
        for some in batched(deletions, AT_ONCE, strict=False)
    )
    answers = [target.invoke("migrate", question, within=patience) for question in questions]
    return Reapplied(sum(each["deleted"] for each in answers), sum(each["playing"] for each in answers))


def connection_of(target: Target) -> dict[str, object]:
    """The owner's entry; reading it takes the right to read the master secret."""
    secret = target.owner_secret()
    return call_aws(lambda: migrate_gate.connection(target.client("secretsmanager"), secret))


# --- the log ---


def log_of(target: Target, bucket: str, folder: Path | None) -> DeletionLog:
    if folder:
        return read_folder(folder)
    return read_bucket(bucket or target.output("ExportBucketName"), target.client("s3"))


def read_folder(folder: Path) -> DeletionLog:
    """A copy of the log; raises LogError."""
    if not folder.is_dir():
        raise LogError(f"There is no deletion log: {folder} is not a folder")
    return _assembled(_read(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.json")))


def read_bucket(bucket: str, s3: Any) -> DeletionLog:  # noqa: ANN401 # a class that boto3 makes up
    """The log itself; raises LogError, and Missing when the bucket cannot be read."""
    return _assembled(_read(name, entry) for name, entry in call_aws(lambda: list(in_bucket(bucket, s3))))


def _read_bucket(bucket: str) -> DeletionLog:
    import boto3

    with closing(call_aws(lambda: boto3.client("s3"))) as s3:
        return read_bucket(bucket, s3)


def in_bucket(bucket: str, s3: Any, prefix: str = DELETIONS) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 # the same
    """The key of each entry, and what is in it."""
    for key in keys(bucket, s3, prefix):
        yield key, content(bucket, s3, key)


def keys(bucket: str, s3: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 # the same
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (found.get("Key", "") for found in page.get("Contents", ()))


def content(bucket: str, s3: Any, key: str) -> bytes:  # noqa: ANN401 # the same
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def _read(name: str, entry: bytes) -> Began | Ended:
    try:
        return parse(ENTRY, entry)
    except BadMessage as error:
        raise LogError(f"{name} is not an entry of the deletion log: {error}") from error


def _assembled(entries: Iterable[Began | Ended]) -> DeletionLog:
    try:
        return assemble(entries)
    except BadMessage as error:
        raise LogError(f"The deletion log cannot be used: {error}") from error
