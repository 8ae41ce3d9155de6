"""`ops launch-check`: goes through the launch checklist of docs/Deployment.md."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ops import given, tokens
from ops.checklist.all_lines import LINES
from ops.checklist.lines import STABLE_HOURS, Line, Result, Site, State
from ops.checks.findings import Context
from ops.command_line import AsJson, RegionName, StackName, find_game, print_json
from ops.discord import API, ApiUrl
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_HISTORY = 120
"""Hours that CloudWatch returns in one answer with a data point every five minutes."""


def launch_check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            parser=given.one_of([line.name for line in LINES], "is no line of the checklist"),
            help="Only these lines.",
            show_default=False,
        ),
    ] = None,
    *,
    stack: StackName = None,
    region: RegionName = None,
    hours: Annotated[
        int,
        typer.Option(
            parser=given.whole(1, LONGEST_HISTORY),
            help=f"How many hours the game must have been healthy, at most {LONGEST_HISTORY}.",
        ),
    ] = STABLE_HOURS,
    evidence: Annotated[
        Path | None,
        typer.Option(parser=given.new_folder, help="A folder for the evidence of each line.", show_default=False),
    ] = None,
    base_url: ApiUrl = API,
    as_json: AsJson = False,
) -> None:
    """Go through the launch checklist. The exit status is 0 only if no line fails. Changes nothing."""
    chosen = _chosen(names or [])
    with closing(find_game(stack, region)) as target:
        site = Site(Context(target, tokens.find_all(target), base_url), hours)
        results = [(line, evaluate(line, site)) for line in chosen]
        if evidence:
            write_evidence(evidence, results, str(target))
    _show(results, as_json=as_json)
    if any(result.state is State.FAIL for _, result in results):
        raise typer.Exit(1)


def _chosen(names: Sequence[str]) -> tuple[Line, ...]:
    return tuple(line for line in LINES if line.name in names or not names)


def evaluate(line: Line, site: Site) -> Result:
    try:
        return line.check(site)
    except TargetError as error:
        return Result(State.FAIL, str(error))


def _show(results: Sequence[tuple[Line, Result]], *, as_json: bool) -> None:
    if as_json:
        return print_json(
            [{"line": line.name, "sentence": line.sentence, **asdict(result)} for line, result in results]
        )
    console = Console(highlight=False, soft_wrap=True)
    colors = {State.PASS: "green", State.FAIL: "red", State.BY_HAND: "yellow", State.ONLY_ON_AWS: "dim"}
    for line, result in results:
        color = colors[result.state]
        console.print(f"[{color}]{result.state:15}[/] [bold]{line.name:13}[/] {line.sentence}: {escape(result.words)}")
        if len(results) == 1 and result.proof:
            console.print(escape(f"\n{result.proof}"))
    counts = {state: sum(result.state is state for _, result in results) for state in State}
    return console.print(", ".join(f"{count} {state}" for state, count in counts.items() if count))


def write_evidence(folder: Path, results: Sequence[tuple[Line, Result]], where: str) -> None:
    """Write the evidence for each line to a file of its own, and all states to summary.json."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    for line, result in results:
        head = f"{line.name}: {result.state}\n{line.sentence}\n{at}, {where}\n\n{result.words}\n"
        (folder / f"{line.name}.txt").write_text(
            f"{head}\n{result.proof}\n" if result.proof else head, encoding="utf-8"
        )
    summary = {"at": at, "where": where, "lines": {line.name: result.state for line, result in results}}
    (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
