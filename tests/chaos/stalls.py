"""What makes PostgreSQL late without killing anything: locks that somebody else holds, sessions that stand still.

Some last longer than any deadline. A session stands still wherever it is at that moment: idle, so that it has not read
the next BEGIN; waiting for a lock, inside its transaction; or on its way through COMMIT.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.award.game import Connection

SHORT, LONG = (0.1, 1.0), (2.0, 2.8)  # seconds; what a member waits for is given up after 2.3
LONG_ONES = 0.5  # of the stalls

LOCKS: tuple[LiteralString, ...] = (
    "SELECT FROM users ORDER BY random() LIMIT 1 FOR UPDATE",
    "SELECT FROM faction_totals FOR UPDATE",
    "LOCK TABLE interactions_done IN SHARE MODE",
)
"""What a tick, an undo or an award waits for: first, in the middle, and last before its COMMIT."""

# Rather one that waits for a lock or works than one that is idle: those are met often enough.
A_SESSION: LiteralString = """
SELECT pid
FROM pg_stat_activity
WHERE usename IN ('app_tensey', 'app_award')
ORDER BY wait_event_type = 'Lock' AND %(prefers_work)s DESC, state <> 'idle' AND %(prefers_work)s DESC, random()
LIMIT 1
"""


@dataclass
class Stalls:
    """Begun and ended by the thread of the run. `look` opens the owner's connection."""

    look: Callable[[], Connection]
    chance: Random
    holds: int = 0
    freezes: int = 0
    _ends: list[tuple[float, Callable[[], None]]] = field(default_factory=list[tuple[float, "Callable[[], None]"]])

    def hold(self) -> None:
        """Hold a lock for a while, unless somebody else has it."""
        conn = self.look()
        try:
            conn.execute("BEGIN")
            conn.execute("SET LOCAL lock_timeout = '50ms'")
            conn.execute(self.chance.choice(LOCKS))
        except DatabaseError:
            conn.close()
            return
        self.holds += 1
        self._end_later(conn.close)

    def freeze(self) -> None:
        """Let a session of a function stand still for a while, if there is one."""
        conn = self.look()
        found = conn.execute(A_SESSION, {"prefers_work": self.chance.random() < 0.7}).fetchone()
        conn.close()
        if found is None:
            return
        (pid,) = found
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.freezes += 1
            self._end_later(lambda: _continue(pid))

    def end_due(self) -> None:
        """End what has lasted its time."""
        now = time.monotonic()
        due = [end for at, end in self._ends if at <= now]
        self._ends = [(at, end) for at, end in self._ends if at > now]
        for end in due:
            end()

    def end_all(self) -> None:
        for _, end in self._ends:
            end()
        self._ends = []

    def _end_later(self, end: Callable[[], None]) -> None:
        seconds = self.chance.uniform(*(LONG if self.chance.random() < LONG_ONES else SHORT))
        self._ends.append((time.monotonic() + seconds, end))


def _continue(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
