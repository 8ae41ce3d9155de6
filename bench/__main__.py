"""What the interaction path costs, in instructions: the same number on a busy machine and on an idle one.

Counts the instructions of a function's process with callgrind, cold and warm, and those of what others would write in
the same run; beside that memory and size. Writes docs/benchmarks/instructions.md and the history.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import history, pages, valgrind
from bench.counter import Counter
from bench.history import Record
from bench.lines import LINES, Unit
from bench.measure import Measurement
from bench.stage import PEER_PACKAGES, stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.counter import Counts
    from bench.lines import Line

ABOUT = """Bar: what must hold. Stretch: what is aimed at. M: millions of instructions of the whole process
(`python -S`), interpreter and harness included; a warm answer is the average of twenty. Peers are
in `bench/peers`; `bare` verifies nothing and answers nothing. Ticks here seal no token.

The first PONG and the first `/help` are of a process that loads what these two need. On Lambda INIT
also loads what nearly every command needs, the driver of PostgreSQL above all, before Discord is
kept waiting: the lines that use the database have it, and so has each line of the second table."""

PARTS = """What a first answer costs in production, in millions of instructions: the interpreter, the harness
and `awslambdaric`, Lambda's own bootstrap, which are not ours; then INIT, which has two processors,
then the invocation, within Discord's three seconds. Through TLS, with an IAM token."""

SLOWEST = """## What is slowest now

The first tick: it opens TLS to the database and to the queue, and two fifths of it run in the
invocation. What is left there is the standard library's: on 2026-11-29 importing `http.client` cost
40 million instructions (it reads headers with the parser of e-mails), `ssl` 38, `logging` 29 and
`typing` 12. To go on, one would write the one request to SQS on a socket, log lines without
`logging`, and have the build strip casts and protocols. Each would be code of ours in the place of
a library's, so none was written while every bar holds. A warm tick is its page (two thirds) and its
message; the database has 15 statements of it, 0.07 each."""

PICTURE = "![The figures of each run, beside their bars](history.svg)"


def main() -> None:
    command, console = valgrind.bring(), Console(width=160)
    if not PEER_PACKAGES.is_dir():
        sys.exit("The packages of bench/peers are missing: run make bench, which installs them.")
    with (
        tempfile.TemporaryDirectory(prefix="mastermind-bench-") as name,
        stage(Path(name)) as staged,
        console.status("counting instructions") as status,
        ThreadPoolExecutor(1) as pool,
    ):
        measurement = Measurement(staged, Counter(command))
        of_peers = pool.submit(measurement.peers)  # on the other core; what is counted does not depend on it
        figures, splits = measurement.all(), measurement.splits()
        status.update("counting those of the peers")
        peers = of_peers.result()
    history.append(Record(f"{datetime.now(UTC):%Y-%m-%d}", pages.machine(), figures))
    tables = compared(figures, peers), split(splits)
    for each in tables:
        console.print(each)
    pages.write("instructions", "make bench", ABOUT, tables[0], PARTS, tables[1], SLOWEST, "## History", PICTURE)


def compared(figures: Mapping[str, float], peers: Mapping[str, Mapping[str, float]]) -> Table:
    """Each line with its bar, its stretch, what was measured, and what the peers cost."""
    shown = _table("Beside its peers", ("what", ""), "bar", "stretch", "measured", *peers)
    for line in LINES:
        others = [_number(line, peer.get(line.key)) for peer in peers.values()]
        measured = f"{_mark(line, figures[line.key])}{_number(line, figures[line.key])}"
        shown.add_row(line.what, line.unit, _limit(line.bar), _limit(line.stretch), measured, *others)
    return shown


def split(splits: Mapping[str, Counts]) -> Table:
    """The parts of first answers, in millions of instructions."""
    shown = _table("First answers in parts", ("first",), "before ours", "INIT", "invocation")
    for what, counts in splits.items():
        shown.add_row(what, *(f"{part / 1e6:,.1f}" for part in (counts.before, counts.init, counts.answers[0])))
    return shown


def _table(title: str, words: Sequence[str], *numbers: str) -> Table:
    shown = Table(*words, *numbers, title=title)
    for column in shown.columns[len(words) :]:
        column.justify = "right"
    return shown


def _mark(line: Line, value: float) -> str:
    """Whether the bar holds."""
    if line.bar is None:
        return ""
    return "✓ " if value <= line.bar else "✗ "


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _number(line: Line, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" if line.unit is Unit.MEGABYTES or value >= 100 else f"{value:,.2f}"


if __name__ == "__main__":
    main()
