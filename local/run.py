"""`make run`: the local cloud in a terminal, from start to Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from typing import TYPE_CHECKING, Any

from rich.console import Console

from devkit.postgres import PostgresError
from local import signals
from local.builder import BuildError
from local.cloud import AlreadyRunningError, Cloud, Settings, folder
from local.deployer import DeployError
from local.emulator import EmulatorError
from local.sample import SampleError
from local.supervisor import GaveUpError
from simulator.personas import ANNOUNCEMENTS_CHANNEL_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.status import Status

EXPECTED = (AlreadyRunningError, BuildError, DeployError, EmulatorError, GaveUpError, PostgresError, SampleError)

console = Console(highlight=False)


class Terminal:
    """Shows one spinning line for the current step, and a check mark for each finished one."""

    def __init__(self) -> None:
        self._status: Status | None = None
        self._doing, self._began = "", 0.0

    @signals.uninterrupted()  # a half-started line could not be ended
    def step(self, what: str) -> None:
        self._done()
        self._doing, self._began = what, time.monotonic()
        self._status = console.status(f"{what} ...")
        self._status.start()

    @signals.uninterrupted()
    def done(self) -> None:
        self._done()

    def _done(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
            console.print(f"[green]✓[/] {self._doing} [dim]{time.monotonic() - self._began:.1f} s[/]")

    def note(self, what: str) -> None:
        console.print(f"[yellow]•[/] {what}")

    @signals.uninterrupted()
    def broke(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
            console.print(f"[red]✗[/] {self._doing}")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """FRESH, EMPTY, HEADLESS and XP_DELAY as the Makefile passes them on. Scripts, which are headless, start empty."""
    delay = environ.get("XP_DELAY") or "60"
    if not (delay.isascii() and delay.isdigit() and int(delay) <= 900):
        sys.exit(f"XP_DELAY is {delay!r}: it must be seconds from 0 to 900, as in XP_DELAY=2")
    return Settings(
        folder(),
        fresh=is_set(environ, "FRESH"),
        watch_code=True,
        sample=not is_set(environ, "EMPTY") and not is_set(environ, "HEADLESS"),
        xp_delay=int(delay),
        announcements_channel=ANNOUNCEMENTS_CHANNEL_ID,
    )


def is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "0") not in {"", "0"}


def main() -> int:
    terminal = Terminal()
    cloud = Cloud(read_settings(os.environ), terminal)
    try:
        with signals.interruptible():
            return run(cloud, terminal)
    except EXPECTED as error:
        terminal.broke()
        console.print(str(error), style="red", markup=False)
        if isinstance(error, DeployError):
            console.print("If the data of earlier runs is the cause: [bold]make run FRESH=1[/] starts without it.")
        return 1
    finally:
        signals.stopping = True
        terminal.broke()
        cloud.stop()


def run(cloud: Cloud, terminal: Terminal) -> int:
    began = time.monotonic()
    found = cloud.start()
    terminal.done()
    say_ready(cloud, found, time.monotonic() - began)
    if not is_set(os.environ, "HEADLESS"):
        webbrowser.open(found["page_url"])
    cloud.watch(wait_for_stop)
    return 0


def wait_for_stop(within: float) -> bool:
    """Wait. StopRequested usually ends that; the flag is for where Python cannot raise (in a `__del__`)."""
    time.sleep(within)
    return signals.stop_requested


def say_ready(cloud: Cloud, found: dict[str, Any], seconds: float) -> None:
    console.print(f"\n[bold green]Ready[/] after {seconds:.1f} s. Open [bold]{found['page_url']}[/]")
    console.print(f"All addresses and keys: {cloud.folder / 'endpoints.json'}")
    console.print("In a second terminal, [bold]make demo[/] plays the story. Ctrl-C stops; your game is kept.")
    console.print("A change of the code is served a moment after it is saved.\n")
