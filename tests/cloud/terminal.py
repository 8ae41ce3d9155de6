"""A person at a real pseudo-terminal: reads what a program asks, types, and may press Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\|\r")
"""Colours, moves of the cursor, and links."""


IN_A_TERMINAL = ("sh", "-c", 'exec "$0" "$@" <"$TERMINAL" >"$TERMINAL" 2>&1')
"""The leader of a session that opens a terminal has it from then on, and gets its Ctrl-C."""


BLINK = 0.05  # seconds between two looks at a terminal that nobody has opened


@dataclass
class Terminal:
    """A program that believes that somebody sits there. `text` is what was shown, without colours."""

    process: subprocess.Popen[bytes]
    screen: int
    text: str = ""
    _read_up_to: int = 0
    _raw: bytes = field(default=b"", repr=False)

    @classmethod
    def start(cls, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Self:
        screen, inside = pty.openpty()
        named = {**environment, "TERMINAL": os.ttyname(inside)}
        process = subprocess.Popen([*IN_A_TERMINAL, *command], cwd=folder, env=named, start_new_session=True)
        os.close(inside)
        return cls(process, screen)

    def wait_for(self, pattern: str, within: float = 300.0) -> str:
        """What is shown until the pattern is, after what was waited for before."""
        until = time.monotonic() + within
        while (found := re.search(pattern, self.text[self._read_up_to :])) is None:
            assert self._look(until), f"{pattern!r} is not shown; this is:\n{self.text[-3000:]}"
        shown = self.text[self._read_up_to : self._read_up_to + found.end()]
        self._read_up_to += found.end()
        return shown

    def type(self, words: str) -> None:
        os.write(self.screen, f"{words}\n".encode())

    def interrupt(self, patience: float = 60.0) -> None:
        """Press Ctrl-C, and again while the program has not ended after that many seconds, as a person would.

        Python's `input()` does not see a signal that comes between its last check and its read(2) until a line is read,
        and what a signal raises in a `__del__` is dropped.
        """
        while self.process.poll() is None:
            os.write(self.screen, b"\x03")
            self._read(patience)

    def end(self, within: float = 600.0) -> int:
        """Read all that is still said; the exit status."""
        self._read(within)
        os.close(self.screen)
        return self.process.wait(60)

    def _read(self, within: float) -> None:
        """To the end of the program or of the time."""
        until = time.monotonic() + within
        while self._look(until):
            pass

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _look(self, until: float) -> bool:
        """Read more; False at the end of the program or of the time."""
        ready, _, _ = select.select([self.screen], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        try:
            more = os.read(self.screen, 65536)
        except OSError:  # Linux's end of a pseudo-terminal, and its beginning: nobody has opened it yet
            time.sleep(BLINK)
            return self.process.poll() is None
        self._raw += more
        self.text = CONTROL.sub("", self._raw.decode(errors="replace"))
        return bool(more)
