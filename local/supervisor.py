"""Supervises a part of the local cloud: restarts it when it ends, with growing pauses, and gives up at last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 6  # failures in a row after which it gives up
PAUSE = 0.5  # seconds from the first failure to the next try; twice as long after each further one


class GaveUpError(Exception):
    """A part could not be restarted several times in a row; says how the last try failed."""


class SupervisedPart:
    """Something that must keep running; `restart` is called again if it fails, so it must be idempotent."""

    def __init__(
        self,
        name: str,
        runs: Callable[[], bool],
        restart: Callable[[], None],
        note: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._runs, self._restart, self._note = name, runs, restart, note
        self._clock = clock
        self._failures = 0
        self._ended_at = self._next_try = 0.0

    def check(self) -> None:
        """Restart it if it ended and the pause is over; raises GaveUpError after TRIES failures in a row."""
        if self._failures:
            if self._clock() >= self._next_try:
                self._try()
        elif not self._runs():
            self._ended_at = self._clock()
            self._note(f"{self._name} ended; restarting it.")
            self._try()

    def _try(self) -> None:
        try:
            self._restart()
        except Exception as error:  # noqa: BLE001 (whatever went wrong may be over at the next try)
            self._failed(error)
        else:
            self._failures = 0
            self._note(f"{self._name} is back after {self._clock() - self._ended_at:.1f} s.")

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        said = f"{type(error).__name__}: {error}"
        if self._failures == TRIES:
            raise GaveUpError(f"{self._name} could not be restarted, {TRIES} times in a row. {said}") from error
        pause = PAUSE * 2 ** (self._failures - 1)
        self._next_try = self._clock() + pause
        first = said.partition("\n")[0]
        self._note(f"{self._name} could not be restarted; the next try is in {pause:.1f} s. {first}")
