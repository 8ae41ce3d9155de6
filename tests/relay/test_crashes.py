"""relay dies at every step: whatever was wanted is said once, and nothing twice."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, override

import psycopg
import pytest

from mastermind.deadline import Deadline
from tests.relay.test_actions import KEEP, Stage

if TYPE_CHECKING:
    from psycopg import Cursor

    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

WANTED = {"hello": "greeting", "role": "ban", "reminder": "reminder"}


class Mortal(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose process dies before it sends the statement that `left` counts down to."""

    left = 0

    @override
    def cursor(self, *args: Any, **kwargs: Any) -> Cursor[Any]:  # pyright: ignore[reportIncompatibleMethodOverride] # it has overloads
        if self.left == 0:
            self.close()
            raise KeyboardInterrupt
        self.left -= 1
        return super().cursor(*args, **kwargs)


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')")
    stage = Stage(as_role)
    owner.execute(KEEP)
    return stage


def die(stage: Stage, database: Postgres, after: int, work: str) -> bool:
    """Whether the process died before it was through."""
    with closing(Mortal.connect(database.url("app_outbox"), autocommit=True, prepare_threshold=None)) as conn:
        conn.left = after
        with suppress(KeyboardInterrupt):
            if work == "work":
                stage.relay.work(conn, Deadline.after(20))
            else:
                for result in stage.discord.answer_all():
                    stage.relay.book(conn, result, Deadline.after(20))
            return False
    return True


def settle(stage: Stage) -> None:
    for _ in range(3):
        stage.pass_time(timedelta(minutes=3))
        stage.round()


def test_a_process_that_dies_at_any_statement_of_its_work_loses_nothing_and_says_nothing_twice(
    stage: Stage, database: Postgres
):
    after, died = 0, True
    while died:
        for key, kind in WANTED.items():
            stage.want(kind, f"{key} {after}")
        died = die(stage, database, after, "work")
        settle(stage)
        after += 1
    assert after > 15
    assert set(stage.states().values()) == {"done"}
    assert len(stage.discord.done) == after * len(WANTED)


def test_a_process_that_dies_at_any_statement_of_its_booking_gets_the_result_again(stage: Stage, database: Postgres):
    after, died = 0, True
    while died:
        stage.want("reminder", f"reminder {after}")
        stage.work()
        waiting = list(stage.post.waiting)
        died = die(stage, database, after, "book")
        # SQS delivers a result again that was not settled; outbox has noted it, and asks nothing twice.
        stage.book(*[stage.discord.known[message.id] for message in waiting])
        after += 1
    assert after > 4
    assert set(stage.states().values()) == {"done"}
    assert len(stage.discord.done) == after
