"""`ops health`: the result of the last health check, and what the database reports now."""

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
from mastermind.operations.health.rules import FELT, probe_of_snapshot
from ops import queries
from ops.target import AsJson, RegionName, StackName, Target, TargetError, Yes, confirm, find_target, print_json


def health(
    *,
    stack: StackName = None,
    region: RegionName = None,
    check: Annotated[bool, typer.Option("--check", help="Run the health check now; it counts like any other.")] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Show the health of the game; the exit status is 0 only if it is healthy."""
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

    It is healthy if the last check passed and the database answers now. `snapshot` describes the newest one that can
    be restored.
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
        return probe_of_snapshot(queries.newest_snapshot(target), datetime.now(UTC)).words
    except TargetError as error:
        return str(error)


def _show(found: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    at, database = found["checked_at"], found["database"]
    if at is None:
        console.print("[yellow]No health check has run yet[/]: --check runs one now.")
    else:
        age = durations.in_words((datetime.now(UTC) - at).total_seconds())
        console.print(f"{'[green]Healthy[/]' if found['healthy'] else '[red]Down[/]'}, checked {age} ago.")
    if found["since"]:
        console.print(f"Down since {found['since']:%Y-%m-%d %H:%M} UTC.")
    for probe in found["failing"]:
        mark = "[red]✗[/]" if probe["name"] in FELT else "[yellow]to do[/]"
        console.print(f"{mark} {probe['name']}: {escape(probe['words'])}")
    console.print(f"[dim]snapshot[/] {escape(found['snapshot'])}")
    if "failure" in database:
        console.print(f"[red]✗[/] the database: {escape(database['failure'])}")
        return
    for name in ("migration", "needed", "overdue", "drift", "connections", "connection_limit"):
        console.print(f"[dim]{name.replace('_', ' ')}[/] {database[name]}")
