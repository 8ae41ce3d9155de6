from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench import history
from bench.history import Record
from bench.lines import GUARDED, LINES, regressions

if TYPE_CHECKING:
    from pathlib import Path

COMMITTED = {"bare": 70.0, **dict.fromkeys(GUARDED, 100.0)}


def test_what_costs_a_little_more_is_no_regression():
    assert list(regressions({**COMMITTED, "first-pong": 102.9}, COMMITTED)) == []


def test_what_costs_more_than_three_percent_more_is_one_and_says_which():
    [found] = regressions({**COMMITTED, "warm-tick": 103.1}, COMMITTED)
    assert str(found) == "warm tick with its message: 103.10 M, 103.00 M are allowed"


def test_on_a_machine_where_everything_counts_more_more_is_allowed():
    elsewhere = {key: value * 1.2 for key, value in COMMITTED.items()}
    assert list(regressions(elsewhere, COMMITTED)) == []
    assert len(list(regressions({**elsewhere, "first-help": 130.0}, COMMITTED))) == 1


def test_on_a_machine_where_doing_nothing_counts_less_no_less_is_allowed():
    assert list(regressions({**COMMITTED, "bare": 60.0, "warm-help": 102.9}, COMMITTED)) == []


def test_a_line_that_nobody_has_measured_yet_is_not_passed_over():
    measured = {**COMMITTED}
    del measured["warm-page"]
    with pytest.raises(KeyError):
        list(regressions(COMMITTED, measured))


def test_a_run_is_appended_and_drawn(tmp_path: Path):
    file, picture = tmp_path / "history.json", tmp_path / "history.svg"
    for date, figure in (("2026-11-29", 515.0), ("2026-11-30", 194.0)):
        history.append(Record(date, "a machine", {**COMMITTED, "first-pong": figure}), file, picture)
    assert [record.figures["first-pong"] for record in history.records(file)] == [515.0, 194.0]
    drawn = ET.fromstring(picture.read_text())  # noqa: S314 # our own
    texts = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "194 M" in texts
    assert "bar 210" in texts


def test_each_line_has_a_key_of_its_own_and_a_stretch_below_its_bar():
    assert len({line.key for line in LINES}) == len(LINES)
    assert all(wide >= narrow for line in LINES for wide, narrow in pairwise(_limits(line.bar, line.stretch)))


def _limits(*limits: float | None) -> list[float]:
    return [limit for limit in limits if limit is not None]
