"""One moment on the monotonic clock by which an answer must be given; everything that waits is told it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of `time.monotonic()`, in seconds."""

    moment: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.moment - time.monotonic())

    @property
    def passed(self) -> bool:
        return self.remaining() == 0.0
