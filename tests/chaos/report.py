"""What a person sees of a chaos run: how far it is, and the table at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from mastermind.discord.text import cut
from tests.chaos.verdict import DERIVED, INVARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import TaskID

    from tests.chaos.verdict import Verdict

EXAMPLES, LONGEST = 3, 2_000  # of what is wrong, and its characters

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the run; `wanted` is a condition in words, and `fine` whether it is met."""

    name: str
    value: int
    wanted: str = ""
    fine: bool = True


def least(name: str, value: int, bound: int) -> Figure:
    return Figure(name, value, f"at least {bound}", value >= bound)


def exactly(name: str, value: int, bound: int) -> Figure:
    return Figure(name, value, str(bound), value == bound)


class Screen:
    """One line for each thing that is counted up to a bound."""

    def __init__(self) -> None:
        columns = TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self._progress = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, whole: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=whole)
        self._progress.update(self._tasks[what], completed=min(done, whole), total=whole)


def print_figures(figures: Sequence[Figure]) -> None:
    console.print(figures_table(figures))


def figures_table(figures: Sequence[Figure]) -> Table:
    table = Table(title="The award under fire", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("wanted")
    for figure in figures:
        mark = "" if not figure.wanted else "[green]✓[/] " if figure.fine else "[red]✗[/] "
        table.add_row(figure.name, f"{figure.value}", mark + figure.wanted)
    return table


def figures_of(verdict: Verdict) -> list[Figure]:
    """The three that the bar is set by."""
    return [
        exactly("lost", verdict.lost, 0),
        exactly("doubled", verdict.doubled, 0),
        exactly("drift (XP)", verdict.drift, 0),
    ]


def print_invariants(verdict: Verdict) -> None:
    table = Table(title="Invariants", title_justify="left")
    table.add_column("")
    table.add_column("what holds")
    table.add_column("broken", justify="right")
    for name, meaning in {**INVARIANTS, DERIVED: ""}.items():
        broken = verdict.broken.get(name, [])
        style = "red" if broken else None
        table.add_row(name if meaning else "", meaning or name, str(len(broken)), style=style)
    console.print(table)
    for name, broken in verdict.broken.items():
        print_examples([f"{name}: {what}" for what in broken])


def print_examples(troubles: Sequence[str]) -> None:
    """The first few, each cut to what fits a screen."""
    for trouble in troubles[:EXAMPLES]:
        console.print(f"  {cut(trouble, LONGEST)}", style="red", markup=False)
