"""Handles Ctrl-C and its like from a program's first line on: before the imports, which take most of a second."""

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

stop_requested = False  # whether a signal has arrived
deferring = False  # whether a short piece of work is running that must not be interrupted
stopping = False  # set this when the clean-up begins (one assignment, which no signal can interrupt)


class StopRequested(BaseException):
    """The operator pressed Ctrl-C or closed the terminal, or the process was told to terminate.

    Not an Exception: a library in whose call it is raised would take it for its own error, and retry.
    """


def install_handlers() -> None:
    """From here on the first of the signals raises StopRequested in the main thread, until `stopping` is set."""
    for number in SIGNALS:
        signal.signal(number, _stop_asked)
    sys.unraisablehook = _dropped


def ignore() -> None:
    """For a program's last line: while Python ends, a signal would change the exit status, and nothing else."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def interruptible() -> Generator[None]:
    """Where a stop ends what is done here: a library that was interrupted may fail as it closes what it had open."""
    try:
        yield
    except Exception as error:
        if stop_requested:
            raise StopRequested from error
        raise


def _stop_asked(_number: int, _frame: FrameType | None) -> None:
    """A signal during the clean-up only sets the flag: the clean-up must not be interrupted.

    Neither must the way to it, on which libraries close what they had open: a second signal changes nothing.
    """
    global stop_requested  # noqa: PLW0603 (the signals are the process's, not an object's)
    is_first = not stop_requested
    stop_requested = True
    if is_first and not (deferring or stopping):
        raise StopRequested


def _dropped(what: UnraisableHookArgs) -> None:
    """Python drops what is raised in a `__del__`: raise StopRequested again, a moment later."""
    global stop_requested  # noqa: PLW0603 (the same)
    if issubclass(what.exc_type, StopRequested):
        stop_requested = False
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(what)


@contextmanager
def uninterrupted() -> Generator[None]:
    """Run a short piece of work to its end, and raise StopRequested only after it; for the main thread."""
    global deferring  # noqa: PLW0603 (the same)
    deferring = True
    try:
        yield
    finally:
        deferring = False
    if stop_requested and not stopping:
        raise StopRequested
