"""Prints what checks found."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.markup import escape

from ops.checks.findings import State
from ops.command_line import print_json
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.checks.findings import Finding

MARKS = {
    State.FINE: "[green]✓[/]",
    State.WRONG: "[red]✗[/]",
    State.NOTED: "[yellow]![/]",
    State.SKIPPED: "[dim]-[/]",
}


def show(found: Sequence[Finding], *, as_json: bool, brief: bool = False) -> None:
    """All of it; `brief` is only what somebody should know, and how much is fine."""
    if as_json:
        return print_json([asdict(one) for one in found])
    console = Console(highlight=False, soft_wrap=True)
    for one in (one for one in found if not brief or one.fix):
        console.print(f"{MARKS[one.state]} [bold]{one.what}[/]: {escape(one.words)}")
        if one.fix:
            console.print(f"    [yellow]→[/] {escape(one.fix)}")
    if brief:
        console.print(f"{MARKS[State.FINE]} {sum(one.state is State.FINE for one in found)} checks are fine.")
    bad = sum(one.state is State.WRONG for one in found)
    wrong_things = "1 thing is wrong" if bad == 1 else f"{bad} things are wrong"
    return console.print(f"\n[red]{wrong_things}.[/]" if bad else "\n[green]Nothing is wrong.[/]")
