"""A local cloud of its own for a measurement, in which the API holds nobody back: `python -m bench.cloud FOLDER`.

It runs until its input ends, and so no longer than the process that started it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local import endpoints
from local.cloud import ROOT, Cloud, Settings
from local.run import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Generator

    from devkit.json_types import Json

UNTHROTTLED = {"ThrottleRate": "10000", "ThrottleBurst": "5000"}
READY = "ready"


class NotStartedError(Exception):
    """The cloud did not start; the message has what it said."""


class Silent:
    def step(self, what: str) -> None:
        """Say nothing."""

    def note(self, what: str) -> None:
        """Say nothing."""


@contextmanager
def running() -> Generator[Json]:
    """The endpoints of one that runs in another process, as long as this context; raises NotStartedError."""
    with (
        tempfile.TemporaryDirectory(prefix="mastermind-load-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "bench.cloud", folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as child,
    ):
        try:
            said = child.stdout.readline().strip() if child.stdout else ""
            known = endpoints.read(Path(folder)) if said == READY else None
            if known is None:
                raise NotStartedError(said or "it ended without a word")
            yield known
        finally:
            if child.stdin:
                child.stdin.close()
            child.wait()


def main(folder: Path) -> None:
    cloud = Cloud(Settings(folder, limits=UNTHROTTLED), Silent())
    try:
        cloud.start()
        say(READY)
        sys.stdin.read()
    except EXPECTED as error:
        say(" ".join(str(error).split()))
    finally:
        cloud.stop()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
