"""Ctrl-C and its like, heeded from a program's first line on: before the imports, which take most of a second."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from sys import UnraisableHookArgs
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

asked = False  # whether anybody has asked us to stop
held = False  # whether something short is being done that would be in disorder if it were cut short
over = False  # set this (one assignment, which no signal can cut short) when the tidying up begins


class Enough(BaseException):
    """Somebody pressed Ctrl-C, closed the terminal or ended us.

    No Exception: a library in whose call it is raised would take it for an error of its own, and try again.
    """


def heed() -> None:
    """From here on each of the signals raises Enough in the main thread, until it is `over`."""
    for number in SIGNALS:
        signal.signal(number, _stop_asked)
    sys.unraisablehook = _dropped


def _stop_asked(_number: int, _frame: FrameType | None) -> None:
    """Asked while it is over is not asked harder: a stop takes a moment and must not be cut short."""
    global asked  # noqa: PLW0603 (the signals are the process's, not an object's)
    asked = True
    if not (held or over):
        raise Enough


def _dropped(what: UnraisableHookArgs) -> None:
    """Python drops what is raised while it destroys an object: Enough is raised again, a moment later and elsewhere."""
    if issubclass(what.exc_type, Enough):
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(what)


@contextmanager
def in_one_piece() -> Generator[None]:
    """Let something short be done as a whole, and Enough be raised after it; for the main thread."""
    global held  # noqa: PLW0603 (the same)
    held = True
    try:
        yield
    finally:
        held = False
    if asked and not over:
        raise Enough
