"""The pages of docs/benchmarks: what a command of `bench` or `make chaos` has just measured, with when and on what."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

FOLDER = Path(__file__).parents[1] / "docs" / "benchmarks"


def write(name: str, command: str, *parts: Table | str) -> None:
    """Write docs/benchmarks/<name>.md from tables and sentences; `command` is the line that measures it again."""
    lines = [f"# {name.replace('-', ' ').capitalize()}", "", f"<!-- Written by `{command}`. -->", "", _circumstances()]
    for part in parts:
        lines += ["", *([part] if isinstance(part, str) else _markdown(part))]
    (FOLDER / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """What was measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _circumstances() -> str:
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}, {machine()}."


def _markdown(table: Table) -> Iterator[str]:
    """The title of a table as a heading, then its rows."""
    if table.title:
        yield from (f"## {table.title}", "")
    yield _row([str(column.header) for column in table.columns])
    yield _row(["---" if column.justify == "left" else "---:" for column in table.columns])
    yield from (_row(row) for row in zip(*(map(_plain, column.cells) for column in table.columns), strict=True))


def _plain(cell: object) -> str:
    """A cell without the console's styles."""
    return Text.from_markup(cell).plain if isinstance(cell, str) else str(cell)


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '\\|') for cell in cells)} |"
