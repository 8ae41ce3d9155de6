"""`ops health`: what the last health check found, and what the database says at this moment."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from devkit.json_types import Json  # noqa: TC001 # typer reads the annotations
from mastermind.operations import durations
from mastermind.operations.health.rules import judged_snapshot
from ops import queries
from ops.target import AsJson, RegionName, StackName, Target, TargetError, Yes, confirm, find_target, print_json


def health(
    *,
    stack: StackName = None,
    region: RegionName = None,
    check: Annotated[
        bool, typer.Option("--check", help="Have the health check look now; it counts as any other.")
    ] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Say how the game is; the exit status is 0 only when it is well."""
    with closing(find_target(stack, region)) as target:
        try:
            if check:
                confirm(
                    f"Have the health check of {target} look now? What it finds may begin or end an alert.", yes=yes
                )
                target.invoke("healthcheck", {"check": True})
            found = read(target)
        except TargetError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    print_json(found) if as_json else _show(found)
    if not found["healthy"]:
        raise typer.Exit(1)


def read(target: Target) -> Json:
    """{"healthy", "checked_at", "since", "failing": [...], "database": {...} or {"failure": why}, "snapshot"}.

    It is well when the last check found it so and the database answers now. The snapshot is told in words: the newest
    that can be restored.
    """
    state = queries.health_state(target)
    try:
        database: Json = asdict(queries.facts(target))
    except TargetError as error:
        database = {"failure": str(error)}
    return {
        "healthy": state.at is not None and state.is_healthy and "failure" not in database,
        "checked_at": state.at,
        "since": state.since,
        "failing": [asdict(one) for one in state.failing],
        "database": database,
        "snapshot": _snapshot(target),
    }


def _snapshot(target: Target) -> str:
    try:
        return judged_snapshot(queries.newest_snapshot(target), datetime.now(UTC)).words
    except TargetError as error:
        return str(error)


def _show(found: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    at, database = found["checked_at"], found["database"]
    if at is None:
        console.print("[yellow]Nobody has checked yet[/]: --check does it now.")
    else:
        age = durations.told((datetime.now(UTC) - at).total_seconds())
        console.print(f"{'[green]Well[/]' if found['healthy'] else '[red]Not well[/]'}, checked {age} ago.")
    if found["since"]:
        console.print(f"Not well since {found['since']:%Y-%m-%d %H:%M} UTC.")
    for probe in found["failing"]:
        console.print(f"[red]✗[/] {probe['name']}: {escape(probe['words'])}")
    console.print(f"[dim]snapshot[/] {escape(found['snapshot'])}")
    if "failure" in database:
        console.print(f"[red]✗[/] the database: {escape(database['failure'])}")
        return
    for name in ("migration", "needed", "overdue", "drift", "connections", "connection_limit"):
        console.print(f"[dim]{name.replace('_', ' ')}[/] {database[name]}")
