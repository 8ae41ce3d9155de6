"""`ops audit` and `ops export-data`: the audit log, and all data about one member."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from contextlib import closing
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape

from mastermind.discord.wire import BIGGEST_ID
from mastermind.game.audit.rules import ACTIONS
from mastermind.operations.operator.actions import MOST
from ops import given
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.discord import fail
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from devkit.json_types import Json


def audit(
    *,
    stack: StackName = None,
    region: RegionName = None,
    user: Annotated[
        int | None,
        typer.Option(parser=given.discord_id, help="Only entries by or about this Discord user."),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(parser=given.action, help=f"Only this action: {', '.join(ACTIONS)}."),
    ] = None,
    older: Annotated[
        int | None,
        typer.Option(parser=given.whole(1, BIGGEST_ID), help="Only entries before this number."),
    ] = None,
    most: Annotated[int, typer.Option(parser=given.whole(1, MOST), help=f"How many entries, at most {MOST}.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show the audit log, newest first."""
    filters = {"user_id": None if user is None else str(user), "action": action, "older": older, "most": most}
    with closing(find_game(stack, region)) as target:
        entries = cast("list[Json]", _ask(target, {"audit": filters})["entries"])
    print_json(entries) if as_json else _show(entries)


def _ask(target: Target, question: Json) -> Json:
    try:
        return target.invoke("interactions-main", {"operator": question})
    except TargetError as error:
        fail(str(error))


def _show(entries: list[Json]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for one in entries:
        who = one["operator"] or one["actor_id"] or "somebody forgotten"
        what = ACTIONS.get(one["action"], one["action"])
        whom = f" ({one['subject_id']})" if one["subject_id"] else ""
        console.print(
            f"[bold]{one['entry_id']}[/] {one['at'][:19]} {escape(who)}: {escape(what)}{whom}. {escape(one['reason'])}"
        )
        for side in ("before", "after"):
            if one[side]:
                console.print(f"    [dim]{side}[/] {escape(json.dumps(one[side], ensure_ascii=False))}")
    if not entries:
        console.print("There is no such entry.")


def export_data(
    user: Annotated[int, typer.Argument(parser=given.discord_id, help="Whose data: the id of a Discord user.")],
    *,
    file: Annotated[Path, typer.Option("--to", help="The file to write.", parser=given.new_file)],
    stack: StackName = None,
    region: RegionName = None,
    yes: Yes = False,
) -> None:
    """Write all data about a member to a file, to hand it to them. The audit log records who did it."""
    if file.exists():
        fail(f"{file} is there already.")
    with closing(find_game(stack, region)) as target:
        me = _me(target)
        confirm(f"Export all data of {user} from {target}? The audit log will name you: {me}.", yes=yes)
        document = _exported(target, user)
    file.touch(mode=0o600)
    file.write_bytes(document)
    typer.echo(f"{file}: {len(document)} bytes. It is theirs: hand it to nobody else.")


def _me(target: Target) -> str:
    try:
        return target.caller
    except TargetError as error:
        fail(f"AWS does not say who you are, and the audit log needs it: {error}")


def _exported(target: Target, user_id: int) -> bytes:
    try:
        answer = target.act("interactions-main", {"export": {"user_id": str(user_id)}})
    except TargetError as error:
        fail(f"There is no export: {error}")
    return gzip.decompress(b64decode(answer["document"]))
