"""`ops health`: the result of the last health check, what the database reports now, and what to do."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from devkit.json_types import Json  # noqa: TC001 # typer reads the annotations
from mastermind.operations import durations, runbook
from mastermind.operations.health import probing, rules
from mastermind.operations.health.rules import PROBES, Probe
from ops import queries
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.operations.health.rules import State


def health(
    *,
    stack: StackName = None,
    region: RegionName = None,
    check: Annotated[bool, typer.Option("--check", help="Run the health check now; it counts like any other.")] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Show the health of the game; the exit status is 0 only if it is healthy."""
    with closing(find_game(stack, region)) as target:
        try:
            if check:
                confirm(
                    f"Have the health check of {target} look now? What it finds may begin or end an alert.", yes=yes
                )
                target.invoke("healthcheck", {"check": True})
            found = read(target)
        except TargetError as error:
            fail(str(error))
    print_json(found) if as_json else _show(found)
    if not found["healthy"]:
        raise typer.Exit(1)


def read(target: Target) -> Json:
    """{"healthy", "checked_at", "since", "failing": [...], "database", "snapshot", "probes": [...]}.

    It is healthy if the last check passed and the database answers now. `database` has the facts, or {"failure": why};
    `snapshot` describes the newest one that can be restored. `probes` has every one, {"name", "healthy", "words",
    "fix"}: as it is now where that can be asked, else as the last check found it.
    """
    state, snapshot = queries.health_state(target), _snapshot(target)
    try:
        facts = queries.facts(target)
        database, now = asdict(facts), probing.of_facts(facts)
    except TargetError as error:
        database, now = {"failure": str(error)}, (Probe("database", healthy=False, words=str(error)),)
    link = target.parameters.get("RunbookUrl")
    return {
        "healthy": state.at is not None and state.is_healthy and "failure" not in database,
        "checked_at": state.at,
        "since": state.since,
        "failing": [asdict(one) for one in state.failing],
        "database": database,
        "snapshot": snapshot.words,
        "probes": [
            {**asdict(one), "fix": "" if one.healthy else runbook.what_to_do(runbook.PROBES[one.name], link)}
            for one in _probes(state, *now, snapshot)
        ],
    }


def _probes(state: State, *now: Probe) -> Iterator[Probe]:
    """Every probe that is known, in the order of a report."""
    known = {one.name: one for one in (*state.failing, *now)}
    for name in PROBES:
        if name in known:
            yield known[name]
        elif state.at:
            yield Probe(name, healthy=True, words="fine at the last check")


def _snapshot(target: Target) -> Probe:
    try:
        return probing.of_snapshot(queries.newest_snapshot(target), datetime.now(UTC))
    except TargetError as error:
        return Probe("snapshot", healthy=False, words=str(error))


def _show(found: Json) -> None:
    console, table = Console(highlight=False, soft_wrap=True), Table(box=None, show_header=False, pad_edge=False)
    console.print(_headline(found))
    for one in found["probes"]:
        table.add_row(_mark(one), one["name"].replace("_", " "), escape(one["words"]))
    console.print(table)
    bad = [one for one in found["probes"] if not one["healthy"]]
    console.print("\n[bold]What to do:[/]" if bad else "\nThere is nothing to do.")
    for one in bad:
        console.print(f"[yellow]→[/] {one['name'].replace('_', ' ')}: {escape(one['fix'])}")
    if bad:
        console.print("[yellow]→[/] `.venv/bin/ops doctor` looks at everything else as well.")


def _headline(found: Json) -> str:
    at, since = found["checked_at"], found["since"]
    if at is None:
        return "[yellow]No health check has run yet[/]: `.venv/bin/ops health --check` runs one now."
    checked = f"checked {_age(at)} ago"
    if since:
        return f"[red]The game is down[/] since {since:%Y-%m-%d %H:%M} UTC ({_age(since)}); {checked}."
    if not found["healthy"]:
        return f"[red]The game is down[/]: its database does not answer now; {checked}."
    if all(one["healthy"] for one in found["probes"]):
        return f"[green]The game is well[/]; {checked}."
    return f"[yellow]Members can play, and something is to do[/]; {checked}."


def _age(moment: datetime) -> str:
    return durations.in_words((datetime.now(UTC) - moment).total_seconds())


def _mark(probe: Json) -> str:
    if probe["healthy"]:
        return "[green]✓[/]"
    return "[red]✗[/]" if probe["name"] in rules.FELT else "[yellow]![/]"
