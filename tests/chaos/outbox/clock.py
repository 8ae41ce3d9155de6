"""The clock of a run, many times as fast as ours, for all of its processes.

It does not run while the machine stands still: a stall of seconds would be minutes, in which Discord forgets a nonce
between the moment at which outbox looks at the clock and the one at which the request arrives.
"""

from __future__ import annotations

import ctypes
import mmap
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Event, Thread

SIZE = ctypes.sizeof(ctypes.c_double)
TICK, LONGEST_TICK = 0.002, 0.05  # seconds of ours


class FastClock:
    """Seconds since 1970, kept in a file where other processes read them; it runs until it is closed."""

    def __init__(self, speed: float) -> None:
        self.began = time.time()
        self._file = NamedTemporaryFile(buffering=0)  # noqa: SIM115 # closed with the clock
        self._file.write(bytes(SIZE))
        self._now = _shared(self.path)
        self._now.value = self.began
        self._ended = Event()
        self._thread = Thread(target=self._run, args=[speed], daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        return Path(self._file.name)

    def __call__(self) -> float:
        return self._now.value

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._file.close()

    def _run(self, speed: float) -> None:
        before = time.monotonic()
        while not self._ended.wait(TICK):
            now = time.monotonic()
            self._now.value += min(now - before, LONGEST_TICK) * speed
            before = now


class Reader:
    """The clock of another process."""

    def __init__(self, path: Path) -> None:
        self._now = _shared(path)

    def __call__(self) -> float:
        return self._now.value


def _shared(path: Path) -> ctypes.c_double:
    with path.open("r+b") as file:
        return ctypes.c_double.from_buffer(mmap.mmap(file.fileno(), SIZE))
