"""The guarded lines of docs/benchmarks/instructions.md, counted again: nothing has become more than 3 % dearer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import history, valgrind
from bench.counter import Counter
from bench.lines import regressions
from bench.measure import Measurement
from bench.stage import stage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.prove
@pytest.mark.timeout(1200)
def test_no_answer_costs_more_than_the_committed_figures(tmp_path: Path):
    command, committed = valgrind.bring(), history.records()[-1]
    with stage(tmp_path) as staged:
        measured = Measurement(staged, Counter(command)).guarded()
    found = list(map(str, regressions(measured, committed.figures)))
    assert found == [], f"against {committed.date}; if it is worth it, make bench commits new figures"
