"""Waits for what another process or thread does, and measures it beside whatever else the machine does."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_for(
    happened: Callable[[], object], seconds: float = 180, what: str = "what the test waits for", *, every: float = 0.02
) -> None:
    """Look again and again until it has happened; fails when it has not within so many seconds."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, f"{what} did not happen within {seconds:g} s"
        time.sleep(every)


def quickest(measured: Callable[[], float], enough: float, tries: int = 5) -> float:
    """Seconds of the quickest of some tries; the first that takes less than `enough` is the last.

    Others may keep the processors busy, but not at each try.
    """
    fastest = math.inf
    while tries and fastest >= enough:
        fastest, tries = min(fastest, measured()), tries - 1
    return fastest


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """The work, measured in seconds."""

    def measured() -> float:
        began = time.monotonic()
        work()
        return time.monotonic() - began

    return measured
