"""One moment on the monotonic clock by which an answer must be given; everything that waits gets it."""

from __future__ import annotations

import time
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from collections.abc import Callable


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


def within[T](deadline: Deadline, work: Callable[[], T]) -> T:
    """What `work` returns, or its error; TimeoutError when it is late: then it is left alone and may end as it likes.

    For waits that know no time-out, such as the system's name resolution.
    """
    from queue import Empty, SimpleQueue  # no PING waits for anything

    ended: SimpleQueue[Callable[[], T]] = SimpleQueue()
    context = copy_context()  # logs keep their keys

    def end() -> None:
        try:
            result = context.run(work)
        except BaseException as error:  # noqa: BLE001 # raised again where somebody waits for it
            ended.put(partial(_raise, error))
        else:
            ended.put(lambda: result)

    Thread(target=end, name="within a deadline", daemon=True).start()
    try:
        return ended.get(timeout=deadline.remaining())()
    except Empty:
        raise TimeoutError("not done in time") from None


def _raise(error: BaseException) -> Never:
    raise error
