"""`ops remove`: deletes a whole stack, and on request what it leaves."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from devkit.terminal import printable
from ops import protection
from ops.command_line import RegionName, StackName, Yes, confirm, find_target
from ops.deletions import LogError
from ops.discord import fail
from ops.recovery import REVIEWED, first_failure, removal_line
from ops.remainders import IN_ORDER, Data
from ops.target import NoStackError, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ops.remainders import Remainder
    from ops.target import Target

POLL = 10.0  # seconds between two looks at a stack that is being deleted
PATIENCE = 90 * 60.0
"""Seconds; AWS gives the network interfaces of functions back 20 to 40 minutes after the functions are gone."""

TRIES = 2
"""A deletion may fail only because a network interface was given back too late for it."""

GONE = {"DELETE_COMPLETE", "DELETE_SKIPPED"}


@dataclass
class Journey:
    """How far the removal has come: what to tell an operator if it ends here."""

    now: str = "Nothing has been changed."


def remove(
    *,
    stack: StackName = None,
    region: RegionName = None,
    also: Annotated[
        list[Data] | None,
        typer.Option(
            "--also",
            help="With --yes: also remove this, which holds data of members. Can be given several times.",
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Take a stack down, and name what it leaves: snapshots, bucket, logs, parameters; each is removed when asked.

    RDS makes a last snapshot of the database. With --yes what holds data of members stays, unless --also names it. The
    deletion log goes last; while a snapshot or dump is left, it is copied to a folder first. Safe to run again.
    """
    if not stack:
        fail("Name the stack and its region: --stack, --region. The local cloud is the folder .local: delete that.")
    with closing(find_target(stack, region)) as target, interruptible(target, also or ()) as journey:
        remove_stack(target, journey, yes=yes)
        kept = [one for one in IN_ORDER if not is_removed(one, target, also or (), yes=yes)]
    _end(target, kept)


@contextmanager
def interruptible(target: Target, also: Sequence[Data]) -> Generator[Journey]:
    """If the operator or AWS ends it, print what exists and which command continues; raises typer.Exit then."""
    journey = Journey()
    line = " ".join((removal_line(target), *(f"--also {one}" for one in also)))
    try:
        yield journey
    except (KeyboardInterrupt, typer.Abort):
        fail(f"\nStopped. {journey.now} Go on with `{line}`.")
    except (TargetError, LogError, OSError) as trouble:
        fail(f"{trouble}\n{journey.now} Go on with `{line}`.")


def _end(target: Target, kept: Sequence[Remainder]) -> None:
    if not kept:
        typer.echo(f"\nNothing is left of {target}.")
        return
    what = ", ".join(one.what for one in kept)
    typer.echo(f"\n{target} is gone. Left: {what}. Snapshots, logs and buckets cost a little every month.")
    typer.echo(f"`{removal_line(target)}` asks again.")


# --- the stack ---


def remove_stack(target: Target, journey: Journey, *, yes: bool) -> None:
    found = describe(target, target.stack)
    if found is None:
        typer.echo(f"There is no {target.stack} in {target.region} any more; what it left is looked for.")
        journey.now = "The stack is gone."
        return
    status = found["StackStatus"]
    if status != "DELETE_IN_PROGRESS":
        _prepare(target, status, journey, yes=yes)
    _delete(target, found["StackId"], journey, begun=status == "DELETE_IN_PROGRESS")
    target.refresh()
    journey.now = "The stack is gone; what was not removed yet is still there, and costs a little every month."


def describe(target: Target, name: str) -> dict[str, Any] | None:
    """The stack of that name or ARN, None if there is none; raises TargetError if it cannot be looked at."""
    try:
        found = target.described(name)
    except NoStackError:
        return None
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _prepare(target: Target, status: str, journey: Journey, *, yes: bool) -> None:
    if status.endswith("_IN_PROGRESS") and status != REVIEWED:
        raise TargetError(f"CloudFormation is still at work on {target} ({status}): wait until it is done.")
    if others := _other_databases(target):
        delete = f"aws rds delete-db-instance --db-instance-identifier {others[0]}"
        raise TargetError(f"The database {others[0]} is in the stack's network, and not its own. `{delete}` first.")
    typer.echo(f"{target} is {status}. Its removal takes 20 to 60 minutes; RDS makes a last snapshot of the database.")
    confirm("Take the game down, with its database?", yes=yes)
    journey.now = (
        "The stack exists and costs what it did; its protection may be off,"
        " and `.venv/bin/ops deploy` turns it on again."
    )
    if status != REVIEWED:
        protection.turn_off(target)


def _other_databases(target: Target) -> list[str]:
    """Those that somebody restored into the stack's network, which cannot be deleted with them in it."""
    groups = {one.lower() for one in target.resources("AWS::RDS::DBSubnetGroup")}
    own = {one.lower() for one in target.resources("AWS::RDS::DBInstance")}
    return [
        name
        for one in target.all_of("rds", "describe_db_instances", "DBInstances")
        if (name := one["DBInstanceIdentifier"]) not in own
        and one.get("DBSubnetGroup", {}).get("DBSubnetGroupName", "").lower() in groups
    ]


def _delete(target: Target, arn: str, journey: Journey, *, begun: bool) -> None:
    """Delete the stack and wait until it is gone; raises TargetError."""
    for _ in range(TRIES):
        if not begun:
            call_aws(lambda: target.client("cloudformation").delete_stack(StackName=arn))
        journey.now = (
            "CloudFormation goes on deleting the stack without this command; it costs less and less, until it is gone."
        )
        if _waited(target, arn) in GONE:
            return
        begun = False
    journey.now = "What was not deleted yet exists, and costs what it did."
    raise TargetError(f"{target} could not be deleted. What failed first: {first_failure(target) or 'nothing'}.")


def _waited(target: Target, arn: str) -> str:
    """The status in which the deletion ends; raises TargetError if it takes too long."""
    give_up = time.monotonic() + PATIENCE
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("Deleting the stack", total=None)
        while (found := describe(target, arn)) and found["StackStatus"] == "DELETE_IN_PROGRESS":
            if time.monotonic() > give_up:
                raise TargetError(f"CloudFormation has been deleting {target} for {PATIENCE / 60:.0f} minutes.")
            _show(target, arn, progress, task)
            time.sleep(POLL)
    return found["StackStatus"] if found else "DELETE_COMPLETE"


def _show(target: Target, arn: str, progress: Progress, task: Any) -> None:  # noqa: ANN401 # rich's own type of number
    resources = target.all_of("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=arn)
    left = [one for one in resources if one["ResourceStatus"] not in GONE]
    busy = next((one["LogicalResourceId"] for one in left if one["ResourceStatus"] == "DELETE_IN_PROGRESS"), "the rest")
    words = f"Deleting {busy} (network interfaces of functions take up to 40 minutes)"
    progress.update(task, description=words, total=len(resources), completed=len(resources) - len(left))


# --- what it leaves ---


def is_removed(rest: Remainder, target: Target, also: Sequence[Data], *, yes: bool) -> bool:
    """Whether nothing of that kind is left; what may not be looked at counts as left."""
    try:
        names = rest.find(target)
    except TargetError as error:
        typer.echo(printable(f"{rest.what}: could not be looked at: {error}"), err=True)
        return False
    if not names:
        return True
    warning = rest.warning(target)
    typer.echo(f"\nLeft: {rest.what}: {', '.join(names)}{f' ({warning})' if warning else ''}")
    if not _may_be_removed(rest, warning, also, yes=yes):
        return False
    rest.delete(target, names)
    typer.echo(f"Removed: {', '.join(names)}")
    return True


def _may_be_removed(rest: Remainder, warning: str, also: Sequence[Data], *, yes: bool) -> bool:
    if not yes:
        return typer.confirm("Remove it for good?")
    return rest.data in also if rest.data else not warning
