"""Waits for what another process or thread does."""

from __future__ import annotations

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
