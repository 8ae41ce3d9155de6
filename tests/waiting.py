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


def quickest(work: Callable[[], object], enough: float, tries: int = 5) -> float:
    """Seconds that the quickest of some tries takes; the first that takes less than `enough` is the last.

    Others may keep the processors busy, but not at each try.
    """
    fastest = math.inf
    for _ in range(tries):
        began = time.monotonic()
        work()
        fastest = min(fastest, time.monotonic() - began)
        if fastest < enough:
            break
    return fastest
