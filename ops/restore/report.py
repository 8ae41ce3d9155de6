"""The checks and timings of a restore drill, and how they are shown."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import psycopg
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from devkit.postgres import PostgresError
from mastermind.errors import MastermindError
from mastermind.postgres.errors import DatabaseError
from ops.deletions import LogError
from ops.dumps import DumpError
from ops.function_process import FunctionEndedError
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Generator

    from devkit.json_types import Json

FAILURES = (
    DatabaseError, DumpError, FunctionEndedError, LogError, MastermindError, OSError, PostgresError, TargetError,
    psycopg.Error,
)  # fmt: skip
"""What may end a step; anything else is a bug."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold after a restore, and what was found; what is slow holds all the same."""

    name: str
    passed: bool
    words: str
    is_slow: bool = False

    @property
    def mark(self) -> str:
        if self.is_slow:
            return "[yellow]~[/]"
        return "[green]✓[/]" if self.passed else "[red]✗[/]"


@dataclass
class Drill:
    """What a drill has found so far, and how long its steps took."""

    progress: Progress
    checks: list[Check] = field(default_factory=list[Check])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def recovery(self) -> float:
        """Seconds from an existing dump to a game that can be played."""
        return sum(seconds for step, seconds in self.seconds.items() if step != "dump")

    @property
    def is_slow(self) -> bool:
        return any(check.is_slow for check in self.checks)

    def check(self, name: str, words: str, *, passed: bool, is_slow: bool = False) -> None:
        self.checks.append(Check(name, passed, words, is_slow))

    @contextmanager
    def step(self, name: str, what: str) -> Generator[None]:
        """Time a step. A failure in it becomes a failed check, and raises DrillAbortedError."""
        shown = self.progress.add_task(what, total=1)
        began = time.perf_counter()
        try:
            yield
        except FAILURES as error:
            self.check(name, f"{what} failed. {str(error).strip() or type(error).__name__}", passed=False)
            raise DrillAbortedError from error
        else:
            self.progress.update(shown, completed=1)
        finally:
            self.progress.stop_task(shown)
            self.seconds[name] = time.perf_counter() - began


class DrillAbortedError(Exception):
    """The drill cannot go on; its last check says why."""


def report(drill: Drill) -> Json:
    """{"passed", "recovery_seconds", "seconds": {step: s}, "checks": [{"name", "passed", "words", "is_slow"}]}."""
    return {
        "passed": drill.passed,
        "recovery_seconds": round(drill.recovery, 2),
        "seconds": {step: round(seconds, 2) for step, seconds in drill.seconds.items()},
        "checks": [asdict(check) for check in drill.checks],
    }


def progress_display() -> Progress:
    """A line for each step, on stderr: stdout is for the report."""
    columns = (SpinnerColumn(finished_text="·"), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def show(drill: Drill) -> None:
    console = Console(highlight=False)
    table = Table("", "check", "", box=None)
    for check in drill.checks:
        table.add_row(check.mark, check.name, escape(check.words))
    console.print(table)
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in drill.seconds.items())
    console.print(f"\nSeconds: {steps}")
    if drill.passed and drill.is_slow:
        console.print("[yellow]The data is right, and this machine is slow:[/] see the lines marked with ~.")
    if drill.passed:
        return console.print(f"[bold green]Restored.[/] Recovery time: [bold]{drill.recovery:.1f} s[/]")
    console.print("[bold red]Do not rely on this restore:[/] the checks marked with ✗ failed.")
    return console.print("What to do: docs/Troubleshooting.md, A restore drill fails.")
