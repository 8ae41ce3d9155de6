"""`ops backup`: makes a snapshot now; of a local game also a dump."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer

from ops import given
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.dumps import DumpError, dump
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from devkit.json_types import Json
    from ops.dumps import Inventory
    from ops.target import Target

FOLDER = Path(__file__).parents[1] / "backups"
"""Ignored by git: it has members' data."""


def backup(
    *,
    stack: StackName = None,
    region: RegionName = None,
    folder: Annotated[
        Path, typer.Option(parser=given.new_folder, help="Where the dump of a local game goes.")
    ] = FOLDER,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Make a backup now: on AWS a snapshot, which takes minutes; of a local game also a dump, at once.

    Snapshots are also made every night. `.venv/bin/ops health` shows when one can be restored. The audit log records
    who did it, if the database answers.
    """
    with closing(find_game(stack, region)) as target:
        confirm(f"Make a backup of {target}?", yes=yes)
        try:
            report = {
                **make(target),
                **(_dumped(target, folder) if target.is_local else {}),
            }
        except (TargetError, DumpError, OSError, psycopg.Error) as trouble:
            fail(f"There is no backup: {trouble}")
    print_json(report) if as_json else show(report, is_local="dump" in report)


def make(target: Target) -> Json:
    """Have a snapshot made, booked as the operator's; raises TargetError.

    A database that is down keeps nobody from a backup: that it is not in the audit log is said.
    """
    by = target.book_if_possible("backup.start", {}, "the log of the function backup")
    return target.invoke("backup", {"asked": True, "by": by})


def _dumped(target: Target, folder: Path) -> Json:
    assert target.endpoints is not None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{target.stack}-{datetime.now(UTC):%Y%m%d-%H%M%S}.dump"
    held: Inventory = dump(target.endpoints["database_url"], file)
    return {
        "dump": str(file),
        "bytes": file.stat().st_size,
        "migration": held.migration,
        "tables": len(held.rows),
        "rows": held.total,
    }


def show(report: Json, *, is_local: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[green]✓[/] The snapshot {report['snapshot']}: {report['outcome']}.")
    for name in report["pruned"]:
        console.print(f"  Pruned: {name}")
    if not is_local:
        return console.print(
            "It can be restored once it is available, in a few minutes: `.venv/bin/ops health` shows it."
        )
    size = f"{report['bytes']:,} bytes, {report['rows']:,} rows in {report['tables']} tables"
    console.print(f"[green]✓[/] {report['dump']}: {size}, migration {report['migration']}.")
    return console.print(f"Try it: [bold].venv/bin/ops restore-drill --dump {report['dump']}[/]")
