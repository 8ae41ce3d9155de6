"""`ops audit` and `ops export-data`: the audit log, and all data about one member."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, cast

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from devkit.discord_client import Answer, User, command
from devkit.terminal import printable
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.discord.wire import BIGGEST_ID
from mastermind.game.audit.rules import ACTIONS
from mastermind.operations.operator.actions import MOST
from ops import given, smoke
from ops.discord import fail
from ops.target import (
    AsJson,
    RegionName,
    StackName,
    Target,
    TargetError,
    Yes,
    confirm,
    find_target,
    print_json,
)

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
    with closing(find_target(stack, region)) as target:
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
        who, what = one["actor_id"] or "somebody forgotten", ACTIONS.get(one["action"], one["action"])
        whom = f" ({one['subject_id']})" if one["subject_id"] else ""
        console.print(
            f"[bold]{one['entry_id']}[/] {one['at'][:19]} {who}: {escape(what)}{whom}. {_words(one['reason'])}"
        )
        for side in ("before", "after"):
            if one[side]:
                console.print(f"    [dim]{side}[/] {_words(json.dumps(one[side], ensure_ascii=False))}")
    if not entries:
        console.print("There is no such entry.")


def _words(written: str) -> str:
    """Members' words, safe for the terminal."""
    return escape(printable(written))


def export_data(
    user: Annotated[int, typer.Argument(parser=given.discord_id, help="Whose data: the id of a Discord user.")],
    *,
    file: Annotated[Path, typer.Option("--to", help="The file to write.", parser=given.new_file)],
    by: Annotated[
        int | None,
        typer.Option(
            "--as",
            parser=given.discord_id,
            envvar="OPS_USER_ID",
            help="Your own Discord id, for the audit log.",
        ),
    ] = None,
    stack: StackName = None,
    region: RegionName = None,
    yes: Yes = False,
) -> None:
    """Write all data about a member to a file, to hand it to them. The audit log records who did it."""
    if file.exists():
        fail(f"{file} is there already.")
    with closing(find_target(stack, region)) as target:
        me = by or _owner(target) or fail("Say who you are: --as, or OPS_USER_ID.")
        confirm(f"Export all data of {user} from {target}? The audit log will name {me}.", yes=yes)
        document = _document(_exported(target, User(me, "An operator", permissions=ADMINISTRATOR), User(user)))
    file.touch(mode=0o600)
    file.write_bytes(document)
    typer.echo(f"{file}: {len(document)} bytes. It is theirs: hand it to nobody else.")


def _owner(target: Target) -> int:
    """The owner's id, 0 when there is none."""
    try:
        return int(target.parameters.get("OwnerId") or 0)
    except TargetError as error:
        fail(str(error))


def _exported(target: Target, operator: User, subject: User) -> Answer:
    try:
        payload = command(smoke.place(target, "main"), operator, "security export-data", {"user": subject})
        return smoke.operate(target, "main", payload, rehearsal=False)
    except TargetError as error:
        fail(str(error))


def _document(answer: Answer) -> bytes:
    """The attached file, or the one that the link leads to."""
    if answer.files:
        return next(iter(answer.files.values()))
    _, found, rest = answer.text.partition("](<")
    if not found:
        fail(f"There is no export: {answer.text or answer.status}")
    try:
        response = httpx.get(rest.partition(">)")[0], timeout=60)
    except httpx.HTTPError as error:
        fail(
            f"The export cannot be fetched: {type(error).__name__}. Ask for it again; the link is good for 15 minutes."
        )
    return response.content if response.is_success else fail(f"The export cannot be fetched: {response.status_code}")
