"""The change set of a deploy: refused if it would destroy a resource with data, otherwise executed."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import typer

from ops import progress
from ops.discord import fail
from ops.target import call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.target import Target

POLL = 5.0  # seconds between two looks at a stack that is being changed

PAGE = 100
"""Events that CloudFormation returns at once."""

HOLDS_DATA = {"Database": "the database", "ExportBucket": "the bucket with the deletion log"}
"""The resources, by logical id, that no update may replace or delete."""

DECIDES = "DBSnapshotIdentifier"
"""The database's property that replaces it where CloudFormation says only that it may ("Conditional")."""


def pending(target: Target) -> str | None:
    """The ARN of the newest change set of the stack, if it can be carried out."""
    found = call_aws(lambda: target.client("cloudformation").list_change_sets(StackName=target.stack))["Summaries"]
    newest = max(found, key=lambda one: one["CreationTime"], default=None)
    return newest["ChangeSetId"] if newest and newest["ExecutionStatus"] == "AVAILABLE" else None


def discard(target: Target, arn: str) -> None:
    call_aws(lambda: target.client("cloudformation").delete_change_set(ChangeSetName=arn))


def refuse_losses(target: Target, arn: str) -> None:
    """Discard a change set that would destroy what holds data; raises typer.Exit then."""
    lost = [HOLDS_DATA[one["LogicalResourceId"]] for one in _changes(target, arn) if _destroys(one)]
    if not lost:
        return
    discard(target, arn)
    fail(
        f"Refused: these changes would replace or delete {' and '.join(lost)}. The new one would be empty, or older."
        f" Nothing was deployed. {FIX}"
    )


FIX = (
    "Deploy with the values that the stack has of DatabaseSnapshot, VpcCidr and Zones: `.venv/bin/ops preflight` names"
    " what differs. To go back in data: `.venv/bin/ops restore`."
)


def _changes(target: Target, arn: str) -> Iterator[Mapping[str, Any]]:
    """Each change of a resource that holds data."""
    return (one for one in _all(target, arn) if one["LogicalResourceId"] in HOLDS_DATA)


def _all(target: Target, arn: str) -> Iterator[Mapping[str, Any]]:
    for change in target.all_of("cloudformation", "describe_change_set", "Changes", ChangeSetName=arn):
        if resource := change.get("ResourceChange"):
            yield resource


def _destroys(resource: Mapping[str, Any]) -> bool:
    """Whether the resource is gone after this change.

    "Conditional" is also said of harmless changes, such as of a maintenance window; should CloudFormation replace it
    nevertheless, the stack policy ends the update (ops/protection.py).
    """
    names = {detail.get("Target", {}).get("Name") for detail in resource.get("Details", ())}
    replaced = resource.get("Replacement")
    return resource["Action"] == "Remove" or replaced == "True" or (replaced == "Conditional" and DECIDES in names)


SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


def show(target: Target, arn: str) -> int:
    """Say what the change set would change, each resource of a stack that is there; returns how many it changes."""
    changed = list(_all(target, arn))
    kinds = Counter(one["Action"] for one in changed)
    if set(kinds) - {"Add"}:
        for one in changed:
            replaced = " (may be replaced)" if one.get("Replacement") in {"True", "Conditional"} else ""
            typer.echo(f"{SIGNS.get(one['Action'], '?')} {one['LogicalResourceId']} {one['ResourceType']}{replaced}")
    words = ", ".join(f"{count} to {action.lower()}" for action, count in sorted(kinds.items()))
    typer.echo(f"{len(changed)} resources: {words or 'nothing'}.")
    return len(changed)


def carry_out(target: Target, arn: str, total: int | None = None) -> None:
    """Execute the change set and show what happens; raises typer.Exit if the stack does not serve in the end."""
    known = {event["EventId"] for event in islice(_events(target), PAGE)}
    call_aws(lambda: target.client("cloudformation").execute_change_set(ChangeSetName=arn))
    with progress.shown(total) as shown:
        while (status := _seen(target, known, shown)) is None:
            time.sleep(POLL)
    target.refresh()
    if status not in SUCCESS:
        typer.echo(f"The deploy failed: {target} is {status}.", err=True)
        raise typer.Exit(1)


SUCCESS = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def watch(target: Target) -> None:
    """Show what CloudFormation is doing to the stack, until it is done; anybody may have begun it."""
    known = {event["EventId"] for event in islice(_events(target), PAGE)}
    with progress.shown(None) as shown:
        while target.description["StackStatus"].endswith("_IN_PROGRESS"):
            time.sleep(POLL)
            _seen(target, known, shown)
            target.refresh()


def _seen(target: Target, known: set[str], shown: progress.Shown) -> str | None:
    """Show the events that are not `known` yet, the oldest first; the status in which the stack has settled, if so."""
    new: list[Mapping[str, Any]] = []
    for event in _events(target):
        if event["EventId"] in known:
            break
        new.append(event)
    for event in reversed(new):
        known.add(event["EventId"])
        shown.see(event)
    of_stack = [one["ResourceStatus"] for one in new if one["PhysicalResourceId"] == one["StackId"]]
    return next((status for status in of_stack if not status.endswith("_IN_PROGRESS")), None)


def _events(target: Target) -> Iterator[Mapping[str, Any]]:
    """Of the stack, the newest first, as far back as somebody reads."""
    pages = target.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=target.stack)
    remaining = iter(pages)
    while (page := call_aws(lambda: next(remaining, None))) is not None:
        yield from page["StackEvents"]
