"""`ops report`: how the last week went, in figures without a name, how the game is, and what it costs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from mastermind.operations.home.table import Weeks
from mastermind.operations.report import rules, words
from ops import costs, queries
from ops.command_line import AsJson, RegionName, StackName, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from devkit.json_types import Json


def report(
    *,
    stack: StackName = None,
    region: RegionName = None,
    ask: Annotated[
        bool,
        typer.Option("--costs", help=f"Ask AWS's Cost Explorer what the month has cost: {costs.CENT}."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how the last week went, without names, how the game is, and what the month has cost so far."""
    with closing(find_game(stack, region)) as target:
        try:
            found = read(target, ask=ask)
        except TargetError as error:
            fail(str(error))
    print_json(found) if as_json else _show(found)


def read(target: Target, *, ask: bool) -> Json:
    """{"report": figures or None, "this_week", "health", "version", "costs": {"usd", "is_estimate", "words"}}."""
    told = target.invoke(
        "interactions-main", {"operator": {"report": {"zone": target.parameters.get("TimeZone") or "UTC"}}}
    )
    return {**told, "health": _health(target), "costs": asdict(costs.read(target, datetime.now(UTC).date(), ask=ask))}


def _health(target: Target) -> str:
    state = queries.health_state(target)
    if state.at is None:
        return "nobody has checked yet"
    failing = ", ".join(each.name for each in state.failing)
    well = "all is well" if not failing else f"something is to do: {failing}"
    return well if state.is_healthy else f"the game is down: {failing or 'the check did not say why'}"


def _show(found: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    report, weeks = found["report"], Weeks(**found["this_week"])
    told = rules.read(report) if report else None
    console.print(f"[bold]{words.title(told)}[/]" if told else words.NONE_YET)
    cost = found["costs"]
    lines = [
        *(words.of(told) if told else ()),
        words.now(weeks),
        words.Line("Health", f"{found['health']}, version {found['version']}"),
        words.Line("Costs", f"{cost['usd']:.2f} USD this month: {cost['words']}"),
    ]
    for line in lines:
        console.print(f"[dim]{line.title:<14}[/] {escape(line.text)}")
    console.print(f"[dim]{words.RULES}[/]")
