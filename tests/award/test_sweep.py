"""A sweep after a bad hour: more awards than one batch, and more than its time allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.sweeping import BATCH, SPARE

if TYPE_CHECKING:
    from tests.award.game import Game

MEMBERS, EACH = 4, 300  # more than two batches


@pytest.mark.prove
def test_one_sweep_applies_every_batch_that_is_overdue(game: Game):
    overdue(game)
    assert MEMBERS * EACH > 2 * BATCH
    report = challenges.sweep(game.award, Deadline.after(120))
    assert (report.applied, report.busy, report.refused, report.finished) == (MEMBERS * EACH, 0, (), True)
    game.check()


@pytest.mark.prove
def test_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(game: Game):
    overdue(game)
    first = challenges.sweep(game.award, Deadline.after(SPARE + 0.05))
    assert not first.finished
    assert first.applied < MEMBERS * EACH
    game.check()
    second = challenges.sweep(game.award, Deadline.after(120))
    assert first.applied + second.applied == MEMBERS * EACH
    game.check()


def overdue(game: Game) -> None:
    """The queue has lost everything for an hour."""
    game.look.execute(
        "INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'x', 'UTC' FROM generate_series(1, %s) AS n",
        [MEMBERS],
    )
    game.look.execute(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)"
        " SELECT member, challenge::text, 100, '2026-08-01', now() - interval '1 h', now() - interval '59 min'"
        " FROM generate_series(1, %s) AS member, generate_series(1, %s) AS challenge",
        [MEMBERS, EACH],
    )
