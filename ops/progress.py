"""Shows the progress of CloudFormation and RDS: a bar or a spinner on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

USUAL = {"AWS::RDS::DBInstance": 10, "AWS::EC2::VPCEndpoint": 3, "Custom::Migrations": 2}
"""Minutes that AWS usually takes for what takes longest; see docs/benchmarks/init.md."""


class Shown(Protocol):
    """What is told each event of a stack, the oldest first."""

    def see(self, event: Mapping[str, Any]) -> None: ...


class Lines:
    """One line for each event."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def see(self, event: Mapping[str, Any]) -> None:
        at, reason = event["Timestamp"].astimezone(), event.get("ResourceStatusReason", "")
        words = f"{at:%H:%M:%S} {event['ResourceStatus']:<20} {event['LogicalResourceId']} {reason}".rstrip()
        self._console.print(words, markup=False)


class Bar:
    """How many resources are done, and which of those that take long AWS is at work on; failures are lines."""

    def __init__(self, progress: Progress, console: Console, total: int | None) -> None:
        self._progress, self._lines = progress, Lines(console)
        self._task = progress.add_task("CloudFormation begins", total=total)
        self._done, self._slow = set[str](), dict[str, str]()

    def see(self, event: Mapping[str, Any]) -> None:
        name, status, kind = event["LogicalResourceId"], event["ResourceStatus"], event["ResourceType"]
        if event["PhysicalResourceId"] == event["StackId"]:
            return self._of_stack(status)
        if status.endswith("_FAILED"):
            self._lines.see(event)
        elif status.endswith("_COMPLETE"):
            self._done.add(name)
            self._slow.pop(name, None)
        elif kind in USUAL:
            self._slow[name] = f"{name} (usually {USUAL[kind]} min)"
        words = escape(", ".join(self._slow.values())) or name
        return self._progress.update(self._task, completed=len(self._done), description=words)

    def _of_stack(self, status: str) -> None:
        if not status.endswith("_IN_PROGRESS"):
            total = self._progress.tasks[0].total
            self._progress.update(self._task, description=status, completed=total or len(self._done))


@contextmanager
def shown(total: int | None) -> Generator[Shown]:
    """`total` is the number of resources that change, if it is known."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        yield Bar(progress, console, total)


class Waiting:
    """Shows that something is waited for: a spinner at a terminal, elsewhere a line for each new status."""

    def __init__(self, console: Console, words: str) -> None:
        self._console, self._words, self._last = console, words, ""
        self._spinner = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        )
        self._task = self._spinner.add_task(words, total=None)

    def see(self, status: str) -> None:
        if status == self._last:
            return
        self._last = status
        if self._console.is_terminal:
            self._spinner.update(self._task, description=escape(f"{self._words}: {status}"))
        else:
            self._console.print(f"{self._words}: {status}", markup=False)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._spinner.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._spinner.stop()


def waiting(words: str) -> Waiting:
    """For what has no bar: `words` say what is waited for, and how long that usually takes."""
    return Waiting(Console(highlight=False, soft_wrap=True), words)
