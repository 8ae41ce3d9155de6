from __future__ import annotations

import threading
import time
from contextvars import ContextVar

import pytest

from mastermind.deadline import Deadline, within

word: ContextVar[str] = ContextVar("word", default="none")


def test_a_deadline_counts_down_to_nothing_and_no_further() -> None:
    ahead, over = Deadline.after(600), Deadline(time.monotonic())
    first, second = ahead.remaining(), ahead.remaining()
    assert 0 < second <= first <= 600
    assert not ahead.passed
    assert over.remaining() == 0
    assert over.passed


def test_work_within_a_deadline_gives_its_result() -> None:
    assert within(Deadline.after(60), lambda: 6 * 7) == 42


def test_work_within_a_deadline_gives_its_error() -> None:
    with pytest.raises(ZeroDivisionError):
        within(Deadline.after(60), lambda: 1 // 0)


def test_work_within_a_deadline_keeps_the_context_of_its_caller() -> None:
    token = word.set("kept")
    try:
        assert within(Deadline.after(60), word.get) == "kept"
    finally:
        word.reset(token)


def test_late_work_is_not_waited_for() -> None:
    released, ended = threading.Event(), threading.Event()

    def work() -> None:
        released.wait(60)
        ended.set()

    with pytest.raises(TimeoutError):
        within(Deadline.after(0.1), work)
    assert not ended.is_set()
    released.set()
