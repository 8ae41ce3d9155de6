"""`ops large-objects`: whose large objects the database holds, and removing them; the game makes none."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping


def large_objects(
    *,
    stack: StackName = None,
    region: RegionName = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete all of them; the audit log records who did it.")
    ] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Show whose large objects the database holds. The game makes none: somebody wrote by hand, or uses a role of ours.

    The exit status is 0 only if there are none.
    """
    with closing(find_game(stack, region)) as target:
        try:
            owners = _owners(target)
            if remove and owners:
                amount = sum(owners.values())
                confirm(f"Delete {amount:,} from {target}? The audit log will name you: {target.caller}.", yes=yes)
                typer.echo(f"{_removed(target):,} deleted.", err=as_json)
                owners = _owners(target)
        except TargetError as error:
            fail(str(error))
    print_json(owners) if as_json else _show(owners)
    if owners:
        raise typer.Exit(1)


def _owners(target: Target) -> dict[str, int]:
    found = target.invoke("interactions-main", {"operator": {"large_objects": True}})
    return {one["role"]: one["amount"] for one in found["owners"]}


def _removed(target: Target) -> int:
    """How many were deleted, some hundreds at a time."""
    amount = 0
    while some := cast("int", target.act("interactions-main", {"remove_large_objects": True})["removed"]):
        amount += some
    return amount


def _show(owners: Mapping[str, int]) -> None:
    for role, amount in owners.items():
        typer.echo(f"{amount:,} of {role}")
    if owners:
        typer.echo(
            "If you did not make them, take the role for stolen: docs/Troubleshooting.md, There are large objects."
        )
    else:
        typer.echo("There are none.")
