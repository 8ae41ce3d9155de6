"""Runs the SAM CLI without prompts; its output goes to a file, whose end is shown if it fails."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from devkit.terminal import printable
from local.cloud import ROOT
from ops.discord import fail
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.target import Target

FOLDER = Path(".tools", "sam")
READY = FOLDER / ".ready"  # the makefile's mark that nothing broke the set-up off
SAM = ROOT / FOLDER / "bin" / "sam"
CONFIG = ROOT / "samconfig.toml"
LOG = "sam.log"
SHOWN = 25
"""Lines of the log that are shown when the SAM CLI fails."""

MAKES = ("MAKE", "MFLAGS")
"""Prefixes of the variables that a surrounding make would pass on to the makefiles of the build."""


def fetch(root: Path = ROOT) -> None:
    """Have the makefile bring it where it is missing, once; raises typer.Exit if it cannot be had."""
    if (root / READY).exists():
        return
    make = ["make", "--no-print-directory", str(READY)]
    with Console().status("[dim]The SAM CLI is fetched, once[/]"):
        made = subprocess.run(
            make, cwd=root, env=_without_make(), check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if made.returncode:
        fail(f"{made.stdout}{made.stderr}The SAM CLI is missing, and could not be fetched. `make setup` tries again.")


def run(target: Target, folder: Path, *arguments: str, **variables: str) -> None:
    """Run it for that stack, with its log in a folder; raises typer.Exit if it fails.

    `variables` are for its child processes: the makefiles read ARCHITECTURE, which it does not pass on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / LOG
    with file.open("w", encoding="utf-8") as log, Console().status(f"[dim]The SAM CLI is at work ({arguments[0]})[/]"):
        done = subprocess.run(
            [str(SAM), *arguments],
            cwd=ROOT,
            env=_environment(target, variables),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        typer.echo(printable("\n".join(_end_of(file))), err=True)
        typer.echo(f"The SAM CLI failed ({done.returncode}); all that it said: {file}", err=True)
        raise typer.Exit(done.returncode)
    target.refresh()


def _environment(target: Target, variables: dict[str, str]) -> dict[str, str]:
    return _without_make() | {
        "SAM_CLI_TELEMETRY": "0",
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        **variables,
    }


def _without_make() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(MAKES)}


def _end_of(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace") as log:
        yield from deque((line.rstrip() for line in log), SHOWN)
