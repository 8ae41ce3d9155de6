"""`ops awards`: shows pending and overdue awards and dead letters; applies what is overdue."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from mastermind.operations.health.rules import OVERDUE
from ops import queries
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError
from ops.terminal import Console

SHOWN = 20
"""Awards in the printed table; --json has up to 500."""


def awards(
    *,
    stack: StackName = None,
    region: RegionName = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Apply overdue awards now instead of within the minute.")
    ] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Show pending awards, overdue awards and dead letters.

    --sweep is always safe: each award is applied once, however often that is tried. The audit log records who did it.
    """
    with closing(find_game(stack, region)) as target:
        try:
            if sweep:
                confirm(
                    f"Apply what is overdue now, in {target}? The audit log will name you: {target.caller}.", yes=yes
                )
                typer.echo(f"{apply(target)} awards applied", err=as_json)
            state: dict[str, Any] = {
                **target.invoke("interactions-main", {"operator": {"awards": True}}),
                "dead_letters": queries.dead_letters(target),
            }
        except TargetError as error:
            fail(str(error))
    print_json(state) if as_json else _show(state)
    if any(state["dead_letters"].values()) or state["oldest_overdue_seconds"] > OVERDUE:
        raise typer.Exit(1)


def apply(target: Target) -> int:
    """Have overdue awards applied, and that booked before; how many there were. Raises TargetError."""
    target.book("awards.sweep", {})
    return int(target.invoke("xp-award", {"sweep": True})["applied"])


def _show(state: dict[str, Any]) -> None:
    console = Console(highlight=False)
    overdue, late = state["overdue"], state["oldest_overdue_seconds"]
    console.print(
        f"{state['pending']} pending, {overdue} overdue" + (f", the oldest for {late:.0f} s" if overdue else "")
    )
    if state["awards"]:
        table = Table("award", "member", "challenge", "due", "sent", "overdue", box=None)
        for one in state["awards"][:SHOWN]:
            seconds = one["overdue_seconds"]
            shown = f"{seconds:.0f} s" if seconds > 0 else f"in {-seconds:.0f} s"
            table.add_row(
                one["award_id"],
                one["user_id"],
                escape(one["challenge_id"]),
                one["due_at"][:19],
                "yes" if one["sent"] else "no",
                shown,
            )
        console.print(table)
        if len(state["awards"]) > SHOWN:
            console.print(f"... and more: --json shows {len(state['awards'])}")
    full = [f"{count} in {name}" for name, count in state["dead_letters"].items() if count]
    console.print(f"Dead letters: {', '.join(full) or 'none'}")
    if full:
        console.print("`.venv/bin/ops queue-look` shows them.")
