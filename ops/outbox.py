"""`ops outbox`: the game's own messages: what waits, what went wrong, and what was announced last."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, cast

import typer
from rich.markup import escape
from rich.table import Table

from ops.command_line import AsJson, RegionName, StackName, find_game, print_json
from ops.discord import fail
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from devkit.json_types import Json

OF_AN_ANNOUNCEMENT = {
    "due": "waits to be posted",
    "sent": "the queue Notices has it, or it was posted",
    "silent": "not announced: the member hides or declined, the kind is off, or the raid was over",
    "lapsed": "taken back before it was sent, or a higher level was announced",
}
"""What the states of an announcement mean."""


def outbox(*, stack: StackName = None, region: RegionName = None, as_json: AsJson = False) -> None:
    """Show what the game says by itself: what waits, what Discord refused, what was announced last; without texts."""
    with closing(find_game(stack, region)) as target:
        try:
            found = target.invoke("interactions-main", {"operator": {"outbox": True}})
        except TargetError as error:
            fail(str(error))
    print_json(found) if as_json else _show(found)


def _show(found: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    waiting = Table("what", "state", "how many", "the oldest was due", "tries", box=None)
    for one in cast("list[Json]", found["waiting"]):
        waiting.add_row(escape(one["kind"]), one["state"], f"{one['amount']:,}", one["oldest"][:19], str(one["tries"]))
    console.print(waiting if found["waiting"] else "Nothing was ever due.")
    for one in cast("list[Json]", found["lacks"]):
        console.print(f"[red]✗[/] since {one['since'][:16]} the bot's role lacks {escape(one['lacks'])}")
    for one in cast("list[Json]", found["trouble"]):
        code = f", Discord answered {one['status']} with code {one['code']}" if one["status"] else ""
        words = f"{one['times']} x {one['kind']} {one['state']}, the last {one['last_at'][:16]}{code} {one['reason']}"
        console.print(f"[yellow]![/] {escape(words.rstrip())}")
    console.print("\nAnnounced last:")
    for one in cast("list[Json]", found["announcements"]):
        meaning = OF_AN_ANNOUNCEMENT.get(one["status"], "")
        console.print(f"  {one['made_at'][:16]} {escape(one['key'])}: {one['status']} [dim]{meaning}[/]")
    if not found["announcements"]:
        console.print("  nothing")
    typer.echo("\n`.venv/bin/ops doctor` says whether the bot may do all that it needs.")
