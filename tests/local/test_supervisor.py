"""A part that ended is restarted with growing pauses, and given up at last."""

import pytest

from local.supervisor import PAUSE, TRIES, GaveUpError, SupervisedPart


class Machine:
    """A part that fails to start a given number of times, its clock, and what was noted about it."""

    def __init__(self, failures: int) -> None:
        self.failures, self.now, self.tries = failures, 100.0, list[float]()
        self.runs = True
        self.notes = list[str]()
        self.part = SupervisedPart("The mill", lambda: self.runs, self.start, self.notes.append, lambda: self.now)

    def start(self) -> None:
        self.tries.append(self.now)
        if self.failures:
            self.failures -= 1
            # As an emulator that answers again while its stack could not be deployed.
            self.runs = True
            raise ConnectionError("no water\nand no wind")
        self.runs = True

    def go_on(self, seconds: float) -> None:
        for _ in range(int(seconds * 4)):
            self.part.check()
            self.now += 0.25


def test_a_running_part_is_left_alone():
    it = Machine(failures=0)
    it.go_on(60)
    assert (it.tries, it.notes) == ([], [])


def test_a_part_that_ended_is_restarted_at_once():
    it = Machine(failures=0)
    it.runs = False
    it.go_on(60)
    assert it.tries == [100.0]
    assert it.notes == ["The mill ended; restarting it.", "The mill is back after 0.0 s."]


def test_the_pause_doubles_after_each_failed_restart():
    it = Machine(failures=3)
    it.runs = False
    it.go_on(60)
    assert it.tries == [100.0, 100.5, 101.5, 103.5]
    said = "The mill could not be restarted; the next try is in {} s. ConnectionError: no water"
    assert it.notes[1:-1] == [said.format(pause) for pause in ("0.5", "1.0", "2.0")]
    assert it.notes[-1] == "The mill is back after 3.5 s."


def test_after_six_failures_it_gives_up_and_says_why():
    it = Machine(failures=TRIES)
    it.runs = False
    with pytest.raises(GaveUpError, match=r"could not be restarted, 6 times in a row\. ConnectionError: no"):
        it.go_on(60)
    assert len(it.tries) == TRIES
    assert it.now - 100 >= PAUSE * (2 ** (TRIES - 1) - 1)


def test_only_failures_in_a_row_count():
    it = Machine(failures=0)
    for _ in range(3):
        it.failures, it.runs = TRIES - 1, False
        it.go_on(60)
        assert it.runs
        assert it.failures == 0
