from __future__ import annotations

import threading
import time
from contextvars import ContextVar

import pytest

from mastermind.deadline import Deadline, within

word: ContextVar[str] = ContextVar("word", default="none")


def test_a_deadline_counts_down_to_nothing_and_no_further() -> None:
    deadline = Deadline.after(0.05)
    assert 0 < deadline.remaining() <= 0.05
    assert not deadline.passed
    time.sleep(0.06)
    assert deadline.remaining() == 0
    assert deadline.passed


def test_work_within_a_deadline_gives_its_result() -> None:
    assert within(Deadline.after(5), lambda: 6 * 7) == 42


def test_work_within_a_deadline_gives_its_error() -> None:
    with pytest.raises(ZeroDivisionError):
        within(Deadline.after(5), lambda: 1 // 0)


def test_work_within_a_deadline_keeps_the_context_of_its_caller() -> None:
    token = word.set("kept")
    try:
        assert within(Deadline.after(5), word.get) == "kept"
    finally:
        word.reset(token)


def test_late_work_is_not_waited_for() -> None:
    released = threading.Event()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        within(Deadline.after(0.1), lambda: released.wait(20))
    released.set()
    assert time.monotonic() - started < 1
