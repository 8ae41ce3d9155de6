"""A short run of `make chaos-outbox`, and one of an outbox that must not pass for a sound one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.outbox.run import Run, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    found = Run(request.param)
    yield found
    found.close()


SHORT = Settings(seed=20260801, messages=300, kills=10, outages=2, limit=1200)


@pytest.mark.parametrize("run", [SHORT], indirect=True)
def test_nothing_is_lost_or_seen_twice_under_fire(run: Run):
    run.play()
    figures = {name: value for name, value, _ in run.figures()}
    assert [figures[name] for name in ("lost", "seen twice", "refused", "dead letters")] == [0, 0, 0, 0]
    assert figures["kills (SIGKILL)"] >= 8
    assert figures["done"] + figures["unknown, listed"] == 300
    assert figures["unknown, listed"] == len(run.unknown())


BROKEN = Settings(
    seed=8,
    messages=70,
    kills=2,
    outages=6,  # nearly every one has a message seen twice
    longest_outage=400,
    patience=14_400,
    speed=40,
    limit=1200,
    broken="window",
)


@pytest.mark.parametrize("run", [BROKEN], indirect=True)
def test_an_outbox_that_tries_again_after_nonces_are_forgotten_is_found_out(run: Run):
    run.play()
    assert next(value for name, value, _ in run.figures() if name == "seen twice") > 0
