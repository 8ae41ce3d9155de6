"""What a picture costs: instructions of making its SVG and of drawing it, milliseconds, bytes; and a cold start.

Instructions are the same on a busy machine and on an idle one; milliseconds are the least of some runs.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import pages, valgrind
from bench.counter import Counter
from functions.pictures.drawing import look
from functions.pictures.drawing.draw import canvas, png
from mastermind.pictures import figures
from tests.pictures.samples import USUAL

if TYPE_CHECKING:
    from mastermind.pictures.figures import Figures

ROOT = Path(__file__).parents[1]
PATH = [ROOT, ROOT / "layers" / "shared", Path(sysconfig.get_path("purelib"))]
RUNS = 5
COUNTED = {"card", "year"}
"""Whose instructions are counted: the counter slows drawing down fifty times."""

MEMORY, GB_SECOND, REQUEST = 1.5, 13.3334e-6, 0.2e-6
"""Of the function in the template (MemorySize), and USD on arm64 (us-east-1, June 2026)."""

DRAWING = """
import os, sys
from functions.pictures.drawing import look
from functions.pictures.drawing.draw import canvas, png
from tests.pictures.samples import USUAL
shown = look.load()
png(canvas(USUAL[sys.argv[1]], {}, shown))
os.getpgrp()
drawn = canvas(USUAL[sys.argv[1]], {}, shown)
os.getpgrp()
png(drawn)
os.getpgrp()
os._exit(0)
"""
COLD = """
import json, sys
from functions.pictures.handler import handler
class Context:
    aws_request_id, function_name = "1", "pictures"
    get_remaining_time_in_millis = staticmethod(lambda: 10_000)
assert handler(json.loads(sys.stdin.read()), Context())["png"]
"""
ABOUT = """SVG is made in Python, `resvg` makes the PNG: M are millions of instructions of a process
that has drawn before, and the last share is Python's of both. The cold start is of a new process,
its imports, fonts and first card included, without an avatar to fetch."""


def main() -> None:
    counter, console = Counter(valgrind.bring()), Console(width=160)
    with console.status("drawing") as status:
        table = Table("picture", title="Warm")
        for name in ("M SVG", "M PNG", "share", "ms", "kB"):
            table.add_column(name, justify="right")
        for called, one in USUAL.items():
            status.update(called)
            table.add_row(called, *_row(counter, called, one))
        status.update("cold")
        seconds = min(_cold() for _ in range(RUNS))
    slow = min(_seconds(USUAL["card"]) for _ in range(RUNS))
    cost = 1_000 * (slow * MEMORY * GB_SECOND + REQUEST)
    said = (
        f"A new process has its first card after {1_000 * seconds:,.0f} ms of its processor.\n"
        f"A thousand cards cost {100 * cost:.2f} US cents of Lambda at this machine's speed and {MEMORY} GB."
    )
    console.print(table, said)
    pages.write("pictures", "make bench-pictures", ABOUT, table, said)


def _row(counter: Counter, called: str, one: Figures) -> list[str]:
    code = DRAWING.replace("sys.argv[1]", repr(called))
    counted = ["", "", ""]
    if called in COUNTED:
        svg, drawn = counter.piece(code, {}, PATH).others
        counted = [f"{svg / 1e6:,.1f}", f"{drawn / 1e6:,.0f}", f"{100 * svg / (svg + drawn):.0f} %"]
    least = min(_seconds(one) for _ in range(RUNS))
    size = len(png(canvas(one, {}, look.load())))
    return [*counted, f"{1_000 * least:,.0f}", f"{size / 1_000:,.0f}"]


def _seconds(one: Figures) -> float:
    """Of the processor, for a picture."""
    began = time.process_time()
    png(canvas(one, {}, look.load()))
    return time.process_time() - began


def _cold() -> float:
    """Seconds of the processor until a new process has drawn its first card."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PYTHONPATH": ":".join(map(str, PATH)), "PATH": "/usr/bin"}
    command = [sys.executable, "-S", "-c", COLD]
    subprocess.run(
        command, input=figures.write(USUAL["card"]), env=environment, check=True, text=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
