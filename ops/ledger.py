"""`ops ledger-show` and `ops ledger-repair`: a member's ledger, what differs from it, and setting that right."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table

from mastermind.operations.operator.actions import MOST
from mastermind.operations.operator.fields import LONGEST_REASON
from mastermind.operations.operator.ledger import STRIDE
from ops import given
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from devkit.json_types import Json


def ledger_show(
    user: Annotated[
        int | None,
        typer.Argument(
            parser=given.discord_id,
            help="Whose ledger: the id of a Discord user. Default: look for members whose figures differ.",
            show_default=False,
        ),
    ] = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    most: Annotated[int, typer.Option(parser=given.whole(1, MOST), help=f"Rows, at most {MOST}.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show a member's ledger: its sums, its newest rows, and the figures that are not what it says.

    Without a member it looks through all of them. The exit status is 0 only if nothing differs.
    """
    with closing(find_game(stack, region)) as target:
        try:
            found: Json = {"differing": list(_differing(target))} if user is None else _read(target, user, most)
        except TargetError as error:
            fail(str(error))
    if as_json:
        print_json(found)
    elif user is None:
        _show_search(found["differing"])
    else:
        _show_member(found)
    if found.get("differing") or found.get("differences"):
        raise typer.Exit(1)


def ledger_repair(
    user: Annotated[int, typer.Argument(parser=given.discord_id, help="Whose figures: the id of a Discord user.")],
    *,
    reason: Annotated[
        str,
        typer.Option(
            parser=given.words(LONGEST_REASON),
            help="Why, for the audit log: who wrote what by hand.",
            show_default=False,
        ),
    ],
    stack: StackName = None,
    region: RegionName = None,
    yes: Yes = False,
) -> None:
    """Set a member's figures to what their ledger says. The audit log has before, after, the reason and who did it.

    The ledger itself stays as it is. Safe to repeat: where nothing differs, nothing is done and nothing booked.
    """
    with closing(find_game(stack, region)) as target:
        try:
            found = _read(target, user, 1)
            if not found["differences"]:
                typer.echo("Nothing differs: the figures are what the ledger says.")
                return
            _show_differences(Console(highlight=False, soft_wrap=True), found["differences"])
            confirm(f"Set these to what is booked, in {target}? The audit log will name you: {target.caller}.", yes=yes)
            deed = {"repair": {"user_id": str(user), "reason": reason}}
            repaired = cast("list[Json]", target.act("interactions-main", deed)["repaired"])
        except TargetError as error:
            fail(str(error))
    for one in repaired:
        typer.echo(f"{one['figure']}: {one['kept']:,} is {one['booked']:,} now.")
    typer.echo(f"`.venv/bin/ops audit --user {user}` shows the entry.")


def _read(target: Target, user_id: int, most: int) -> Json:
    question = {"ledger": {"user_id": str(user_id), "most": most}}
    return target.invoke("interactions-main", {"operator": question})


def _differing(target: Target) -> Iterator[str]:
    """The ids of all members with other figures than their ledger says, a stride of members at a time."""
    passed, members = 0, STRIDE
    while members == STRIDE:
        found = target.invoke("interactions-main", {"operator": {"ledger": {"passed": passed or None}}})
        yield from found["differing"]
        members = found["members"]
        passed += members


def _show_search(differing: Sequence[str]) -> None:
    for user_id in differing:
        typer.echo(f"{user_id}: `.venv/bin/ops ledger-show {user_id}` shows what differs.")
    if not differing:
        typer.echo("Nothing differs: every member has the XP and challenges of their ledger.")


def _show_member(found: Json) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{found['xp']:,} XP, level {found['level']}, {found['challenges']:,} challenges.\n")
    sums = Table("source", "kind", "bookings", "XP", box=None)
    for one in found["sums"]:
        sums.add_row(one["source"], one["kind"], f"{one['bookings']:,}", f"{one['xp']:,}")
    sums.add_row("all", "", f"{_total(found, 'bookings'):,}", f"{_total(found, 'xp'):,}")
    console.print(sums)
    rows = Table("row", "booked", "for the day", "source", "kind", "XP", "sum", box=None)
    for one in found["rows"]:
        figures = (f"{one['xp']:+,}", f"{one['total']:,}")
        rows.add_row(str(one["entry_id"]), one["at"][:19], one["day"], one["source"], one["kind"], *figures)
    console.print("\nThe newest rows:")
    console.print(rows)
    console.print()
    if found["differences"]:
        _show_differences(console, found["differences"])
        console.print(
            f"Find out who wrote by hand, then `.venv/bin/ops ledger-repair {found['user_id']} --reason '...'`"
            " sets these right."
        )
    else:
        console.print("Nothing differs: the figures are what the ledger says.")


def _total(found: Json, column: str) -> int:
    return sum(one[column] for one in found["sums"])


def _show_differences(console: Console, differences: Sequence[Json]) -> None:
    table = Table("differs", "is", "booked", "difference", box=None)
    for one in differences:
        change = one["booked"] - one["kept"]
        table.add_row(one["figure"], f"{one['kept']:,}", f"{one['booked']:,}", f"{change:+,}")
    console.print(table)
