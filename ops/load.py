"""`ops load`: members who play in a local cloud, more and more at once, until something is at its limit."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bench import curves, pages, saturation
from bench import load as players
from bench.cloud import NotStartedError, running
from ops import given
from ops.discord import fail
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.load import Step
    from devkit.json_types import Json

HERE = "127.0.0.1"

WIDTH = 130  # of the table on a terminal
PAGE = 100  # of a line in a document

HOW = """Each player looks at the challenges, ticks one, looks at the card, and logs a day by a form: six
interactions, signed as Discord does, through the emulator's API to the functions under Lambda's own
runtime and to PostgreSQL, all on this machine, the players too. Nobody waits between two
interactions, and the API holds nobody back (`ThrottleRate` is 10 000). The figures are for their
ratios; a production has other machines."""

FOUND = """A limit is reached where more than 1 % of the answers fail, or where no larger number of players
gets more than 1.1 times as many answers. At that number of players it is what refuses, or what
uses the processors. [a-million-members.md](a-million-members.md) says what it means for a
production."""

PICTURE = "![Latency and answers a second over the number of players](load.svg)"


def load(
    *,
    seconds: Annotated[
        int, typer.Option(parser=given.whole(1, 30), help="How long each number of players is counted, 1 to 30.")
    ] = 5,
    most: Annotated[int, typer.Option(parser=given.whole(1, 64), help="The most players at once, 1 to 64.")] = 64,
    record: Annotated[bool, typer.Option("--record", help="Write docs/benchmarks/load.md and its picture.")] = False,
) -> None:
    """Have 1, 2, 4 ... 64 members play at once: how late answers are, and what is at its limit first.

    They play in a local cloud that it starts for them on this machine, and nowhere else; your own game does not change.
    It takes two minutes.
    """
    console = Console(highlight=False, width=WIDTH)
    try:
        with console.status("starting a local cloud") as status, running() as known:
            refuse_others(known)
            status.stop()
            steps = _played(known, most, seconds, console)
    except NotStartedError as error:
        fail(f"The local cloud did not start: {error}")
    shown, words = table(steps), verdict(steps)
    console.print(shown)
    console.print(words)
    if record:
        curves.PICTURE.write_text(curves.drawn(steps), encoding="utf-8")
        pages.write("load", ".venv/bin/ops load --record", HOW, shown, words, PICTURE, FOUND)


def refuse_others(known: Json) -> None:
    """Refuse to play anywhere but on this machine; raises typer.Exit."""
    urls = [str(app["interactions_url"]) for app in known["apps"].values()]
    for url in (*urls, str(known["aws_endpoint_url"]), str(known["database_url"])):
        if urlsplit(url).hostname != HERE:
            fail(f"Refused: {urlsplit(url).hostname} is not {HERE}. `.venv/bin/ops load` plays on this machine alone.")


def _played(known: Json, most: int, seconds: int, console: Console) -> list[Step]:
    columns = TextColumn("{task.description}"), BarColumn(40), TextColumn("{task.fields[rate]}")
    many = sum(1 for one in players.CONCURRENCIES if one <= most)
    steps: list[Step] = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=many, rate="")

        def begin(number: int) -> None:
            progress.update(task, description=f"{number} at once", completed=len(steps))

        for step in players.run(known, most, seconds, begin):
            steps.append(step)
            progress.update(task, completed=len(steps), rate=f"{step.rate:.0f} answers a second")
    return steps


def table(steps: Sequence[Step]) -> Table:
    """A line for each number of players."""
    shown = Table("players", "answers a second", "p50, ms", "p99, ms", "failed", *steps[0].busy.parts, "others")
    for column in shown.columns:
        column.justify = "right"
        column.no_wrap = column.header != "failed"
    shown.title = "Players at once, and the processors that each part uses"
    for step in steps:
        latencies = (f"{1000 * step.percentile(share):,.0f}" for share in (0.5, 0.99))
        used = (f"{one:.2f}" for one in (*step.busy.parts.values(), step.busy.others))
        shown.add_row(f"{step.players}", f"{step.rate:,.1f}", *latencies, _failed(step), *used)
    return shown


def _failed(step: Step) -> str:
    return ", ".join(f"{many} {words}" for words, many in sorted(step.failures.items())) or "0"


def verdict(steps: Sequence[Step]) -> str:
    """What is at its limit first, and how busy the machine was with something else."""
    cores = os.cpu_count() or 1
    others = sum(step.busy.others for step in steps) / len(steps)
    first = saturation.limit(steps, cores) or "Nothing was at its limit."
    busy = f"Something else used {others:.1f} of the {cores} processors meanwhile."
    return "\n\n".join(textwrap.fill(words, PAGE, break_on_hyphens=False) for words in (first, busy))
