"""`ops queue-look`, `ops queue-redrive` and `ops queue-drop`: what is in the dead-letter queues, and where it goes."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.markup import escape

from mastermind.operations import durations
from ops import given, queries
from ops.backup import FOLDER
from ops.command_line import AsJson, RegionName, StackName, Yes, confirm, find_game, print_json
from ops.dead_letters import contents
from ops.dead_letters.letters import DeadLetters
from ops.discord import fail
from ops.dlqs import BACK_TO, DLQS, NOT_BACK
from ops.target import Target, TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ops.dead_letters.letters import Letter

MOST = 200
"""Messages of a queue that are shown at most."""

type Looked = Mapping[str, tuple[int, Sequence[Letter]]]
"""Of each queue that is not empty: how many messages it has, and those that were read."""

Queue = Annotated[str, typer.Argument(parser=given.dead_letter_queue, help=f"One of {', '.join(DLQS)}.")]
SomeQueues = Annotated[
    list[str] | None,
    typer.Argument(parser=given.dead_letter_queue, help="These queues. Default: all.", show_default=False),
]


def queue_look(
    queues: SomeQueues = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    most: Annotated[
        int, typer.Option(parser=given.whole(1, MOST), help=f"Messages of each queue, at most {MOST}.")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what is in the dead-letter queues. Every message stays; secrets and members' words are not shown.

    The exit status is 0 only if there is nothing.
    """
    with closing(find_game(stack, region)) as target:
        try:
            found = _look(target, queues or DLQS, most)
        except TargetError as error:
            fail(str(error))
    print_json(_written(found)) if as_json else _show(found)
    if found:
        raise typer.Exit(1)


def queue_redrive(
    queues: Annotated[
        list[str] | None,
        typer.Argument(
            parser=given.dead_letter_queue,
            help="These queues. Default: all whose messages may be repeated.",
            show_default=False,
        ),
    ] = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    yes: Yes = False,
) -> None:
    """Send dead letters back to the queues they came from. The audit log records who did it.

    It is safe to repeat: what a message asks for is done once, however often it is delivered.
    """
    for refused in (name for name in queues or () if name not in BACK_TO):
        fail(f"{refused} is not sent back: {NOT_BACK[refused]}. `.venv/bin/ops queue-drop {refused}` empties it.")
    with closing(find_game(stack, region)) as target:
        try:
            full = _full(target, queues or BACK_TO)
            if not full:
                typer.echo("There is nothing to send back.")
                return
            listed = ", ".join(f"{count} of {name} to {BACK_TO[name]}" for name, count in full.items())
            confirm(f"Send back {listed}, in {target}? The audit log will name you: {target.caller}.", yes=yes)
            target.book("queue.redrive", full)
            for name in full:
                _send_back(DeadLetters(target, name))
        except TargetError as error:
            fail(f"{error}. What was not sent back is still in its dead-letter queue; run this again.")


def queue_drop(
    queue: Queue,
    *,
    stack: StackName = None,
    region: RegionName = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id",
            parser=given.message_id,
            help="Only the message with this id, as `queue-look` shows it. May be repeated.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--to",
            parser=given.new_file,
            help="Where the copy goes. Default: a new file in backups/.",
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Delete what is in a dead-letter queue, after keeping a copy in a file. The audit log records who did it."""
    if file and file.exists():
        fail(f"{file} is there already.")
    with closing(find_game(stack, region)) as target:
        try:
            dead = DeadLetters(target, queue)
            count = len(ids) if ids else dead.count()
            if not count:
                typer.echo(f"There is nothing in {queue}.")
                return
            copy = file or _new_file(target, queue)
            confirm(
                f"Delete {count} of {queue} in {target}, with a copy in {copy}?"
                f" The audit log will name you: {target.caller}.",
                yes=yes,
            )
            target.book("queue.drop", {queue: count})
            _drop(dead, copy, ids or ())
        except (TargetError, OSError) as error:
            fail(f"{error}. What was not deleted is still in {queue}; run this again.")


# --- looking ---


def _look(target: Target, names: Sequence[str], most: int) -> Looked:
    return {name: (count, DeadLetters(target, name).look(most)) for name, count in _full(target, names).items()}


def _full(target: Target, names: Collection[str]) -> dict[str, int]:
    """How many messages each of these queues has that is not empty."""
    return {name: count for name, count in queries.dead_letters(target).items() if count and name in names}


def _written(found: Looked) -> object:
    return {
        name: {
            "messages": count,
            "shown": [
                {"id": one.id, "sent_at": one.sent_at.isoformat(), "about": contents.line(name, one)} for one in letters
            ],
        }
        for name, (count, letters) in found.items()
    }


def _show(found: Looked) -> None:
    console, now = Console(highlight=False, soft_wrap=True), datetime.now(UTC)
    for name, (count, letters) in found.items():
        console.print(f"[bold]{name}[/] has {count}:")
        for one in letters:
            age = durations.in_words((now - one.sent_at).total_seconds())
            console.print(f"  {one.id}  [dim]{age} old[/]  {escape(contents.line(name, one))}")
        if count > len(letters):
            console.print(f"  ... and {count - len(letters)} more: --most {MOST} shows more")
        console.print(f"  {_next_step(name)}")
    if not found:
        console.print("There are no dead letters.")


def _next_step(name: str) -> str:
    if name in BACK_TO:
        return f"Fix the cause (`.venv/bin/ops doctor`), then `.venv/bin/ops queue-redrive {name}`."
    return f"Not sent back: {NOT_BACK[name]}. `.venv/bin/ops queue-drop {name}` empties it."


# --- acting ---


def _send_back(dead: DeadLetters) -> None:
    moved = 0
    for letter in dead.take():
        dead.send_back(letter)
        moved += 1
    typer.echo(f"{moved} moved from {dead.name} to {BACK_TO[dead.name]}")


def _drop(dead: DeadLetters, copy: Path, ids: Collection[str]) -> None:
    """Each message is in the file, and the file on the disk, before it is deleted."""
    dropped, kept = 0, list["Letter"]()
    with _opened(copy) as file:
        for letter in dead.take():
            if ids and letter.id not in ids:
                kept.append(letter)
                continue
            file.write(json.dumps(_kept(letter), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            dead.delete(letter)
            dropped += 1
    dead.release(kept)
    typer.echo(f"{dropped} deleted from {dead.name}. {copy} has them, and may name members: delete it when it is done.")
    if missing := len(ids) - dropped if ids else 0:
        typer.echo(
            f"{missing} of those ids were not found; `.venv/bin/ops queue-look {dead.name}` shows what is there."
        )


def _opened(copy: Path) -> TextIO:
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8")


def _kept(letter: Letter) -> Mapping[str, object]:
    return {"id": letter.id, "sent_at": letter.sent_at.isoformat(), **letter.again}


def _new_file(target: Target, queue: str) -> Path:
    return FOLDER / f"{target.stack}-{queue}-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
