"""A stack that CloudFormation could not finish: what failed first, and how to continue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from devkit.terminal import printable
from ops import changes
from ops.command_line import confirm
from ops.discord import fail
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ops.target import Target

NEVER_SERVED = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
"""The first deploy failed: such a stack can only be deleted (CloudFormation user guide, Stack status codes)."""

STUCK = "UPDATE_ROLLBACK_FAILED"

HALF_IMPORTED = "IMPORT_ROLLBACK_FAILED"
"""Somebody had CloudFormation import resources, and it can neither go on nor back."""

HALF_REMOVED = "DELETE_FAILED"
"""It may have served, so that nothing but its removal may go on."""

REVIEWED = "REVIEW_IN_PROGRESS"
"""There is a change set, and nothing has been made yet."""

CONSEQUENCES = ("Resource creation cancelled", "Resource update cancelled")
"""Reasons of what CloudFormation gave up because something else had failed before."""


def wait_and_clear(target: Target, *, yes: bool) -> None:
    """The same as `clear_the_way`, after what CloudFormation is doing now."""
    status = status_of(target)
    if status.endswith("_IN_PROGRESS") and status != REVIEWED:
        typer.echo(f"CloudFormation is still at work on {target}: this goes on when it is done.")
        changes.watch(target)
    clear_the_way(target, yes=yes)


def clear_the_way(target: Target, *, yes: bool) -> None:
    """Bring a stack that an earlier deploy left unusable into a state in which it can be deployed.

    Says what failed first and asks before it changes something; raises typer.Exit or typer.Abort if it may not go on.
    """
    status = status_of(target)
    if status.endswith("_IN_PROGRESS") and status != REVIEWED:
        fail(f"CloudFormation is still at work on {target} ({status}). Run this again when it is done.")
    if status == HALF_REMOVED:
        explain(target)
        fail(f"{target} could not be removed completely ({status}). `{removal_line(target)}` goes on with that.")
    if status == HALF_IMPORTED:
        explain(target)
        fail(f"An import into {target} could not be taken back ({status}). {FINISH_IMPORT}")
    if status in NEVER_SERVED:
        _start_over(target, status, yes=yes)
    elif status == STUCK:
        _finish_rollback(target, yes=yes)


FINISH_IMPORT = "The game serves on; finish the rollback in CloudFormation's console, then run this again."


def removal_line(target: Target) -> str:
    """The command that removes the stack and asks about what it leaves."""
    return f".venv/bin/ops remove --stack {target.stack} --region {target.region}"


def explain(target: Target) -> None:
    """Say what failed first in the stack's last change, if anything did."""
    if found := first_failure(target):
        typer.echo(printable(f"What failed first: {found}"), err=True)


def first_failure(target: Target) -> str:
    """The first failure of the last change, as `resource (type): reason`; empty if there was none."""
    failures = [
        (event, reason)
        for event in _events_of_last_change(target)
        if event["ResourceStatus"].endswith("_FAILED")
        and not (reason := event.get("ResourceStatusReason", "no reason given")).startswith(CONSEQUENCES)
    ]
    if not failures:
        return ""
    event, reason = failures[-1]
    return f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"


def _events_of_last_change(target: Target) -> Iterator[dict[str, Any]]:
    """Newest first, back to the event with which somebody began the change."""
    pages = target.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=target.stack)
    for page in call_aws(lambda: list(pages)):
        for event in page["StackEvents"]:
            yield event
            is_of_stack = event["PhysicalResourceId"] == event["StackId"]
            if is_of_stack and event.get("ResourceStatusReason") == "User Initiated":
                return


def status_of(target: Target) -> str:
    """The stack's status; empty if there is none. A stack that cannot be read is found by the next step."""
    try:
        return target.description["StackStatus"]
    except TargetError:
        return ""


def _start_over(target: Target, status: str, *, yes: bool) -> None:
    typer.echo(f"The first deploy of {target} failed ({status}): it never served, and holds no data.")
    explain(target)
    began = target.description["CreationTime"]
    confirm("Such a stack can only be deleted. Delete it and deploy again?", yes=yes)
    client = target.client("cloudformation")
    call_aws(lambda: client.delete_stack(StackName=target.stack))
    call_aws(lambda: client.get_waiter("stack_delete_complete").wait(StackName=target.stack))
    target.refresh()
    _offer_snapshots(target, began, yes=yes)


def _finish_rollback(target: Target, *, yes: bool) -> None:
    typer.echo(f"{target} could not return to its earlier version ({STUCK}); the game may still serve.")
    explain(target)
    confirm("Once the cause is fixed, CloudFormation can finish the rollback. Have it try again now?", yes=yes)
    client = target.client("cloudformation")
    call_aws(lambda: client.continue_update_rollback(StackName=target.stack))
    call_aws(lambda: client.get_waiter("stack_rollback_complete").wait(StackName=target.stack))
    target.refresh()


def _offer_snapshots(target: Target, began: datetime, *, yes: bool) -> None:
    """Name the final snapshots of a database that never held anything; delete them when asked.

    Older ones are of an earlier stack of that name, and may be all that is left of it.
    """
    rds, prefix = target.client("rds"), f"{target.stack}-snapshot-database-"
    found = call_aws(lambda: rds.describe_db_snapshots(SnapshotType="manual"))["DBSnapshots"]
    left = [one["DBSnapshotIdentifier"] for one in found if one.get("SnapshotCreateTime", began) >= began]
    for name in sorted(left):
        if not name.startswith(prefix):
            continue
        typer.echo(f"The failed try left the empty snapshot {name}, which costs a little every month.")
        if not yes and typer.confirm("Delete it?"):
            call_aws(lambda name=name: rds.delete_db_snapshot(DBSnapshotIdentifier=name))
