"""GET /health: whether the game can be played. Anybody may call it, so it does not query the database each time."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.entrypoints.api_gateway import respond
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.json_types import Json

log = logging.getLogger(__name__)

GOOD_KEPT, BAD_KEPT = 10.0, 1.0
"""Seconds for which this process answers with what it found. The health check pauses for longer before it asks again,
so that one failure does not look like three.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The database's answer, and its time by our clock, in seconds."""

    is_healthy: bool
    at: float


class HealthPage:
    """Answers GET /health; `ask` asks the database, and raises Unavailable when that cannot be reached.

    The clock is the wall's: a process may be frozen between two requests, and time goes on meanwhile.
    """

    def __init__(self, ask: Callable[[Deadline], bool], version: str, clock: Callable[[], float] = time.time) -> None:
        self._ask, self._version, self._clock = ask, version, clock
        self._found: Found | None = None

    def answer(self, deadline: Deadline) -> Json:
        """200 while the game can be played, else 503; `age` is in whole seconds."""
        found = self._current(deadline)
        said = {
            "status": "ok" if found.is_healthy else "unavailable",
            "version": self._version,
            "age": int(max(0.0, self._clock() - found.at)),
        }
        return respond(200 if found.is_healthy else 503, said, {"cache-control": "no-store"})

    def _current(self, deadline: Deadline) -> Found:
        if self._found is None or not self._holds(self._found):
            self._found = Found(self._is_healthy(deadline), self._clock())
        return self._found

    def _holds(self, found: Found) -> bool:
        return 0 <= self._clock() - found.at < (GOOD_KEPT if found.is_healthy else BAD_KEPT)

    def _is_healthy(self, deadline: Deadline) -> bool:
        try:
            return self._ask(deadline)
        except Unavailable:
            return False
        except Exception:
            log.exception("the health check broke")
            observability.count(observability.BUGS)
            return False
