"""relay dies at every step: whatever was wanted is said once, and nothing twice."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, LiteralString, override

import pytest

from mastermind.deadline import Deadline
from tests.connections import Entered
from tests.relay.test_actions import KEEP, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.postgres import Postgres
    from mastermind.postgres.connection import Cursor, Make
    from tests.conftest import Connection, Enter

WANTED = {"hello": "greeting", "role": "ban", "reminder": "reminder"}


class Mortal(Entered):
    """A connection whose process dies before it sends the statement that `left` counts down to."""

    left = 1_000

    @override
    def send[Row](self, query: LiteralString, named: Mapping[str, object] | None, make: Make[Row]) -> Cursor[Row]:
        if self.left == 0:
            self.close()
            raise KeyboardInterrupt
        self.left -= 1
        return super().send(query, named, make)


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')")
    stage = Stage(as_role)
    owner.execute(KEEP)
    return stage


def die(stage: Stage, database: Postgres, owner: Connection, after: int, work: str) -> bool:
    """Whether the process died before it was through; its locks are gone then."""
    with closing(Mortal.open(database.url("app_outbox"), Deadline.after(60))) as conn:
        conn.left, pid = after, conn.pgconn.backend_pid
        with suppress(KeyboardInterrupt):
            if work == "work":
                stage.relay.work(conn, Deadline.after(60))
            else:
                for result in stage.discord.answer_all():
                    stage.relay.book(conn, result, Deadline.after(60))
            return False
    while owner.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount:
        time.sleep(0.01)
    return True


def settle(stage: Stage) -> None:
    for _ in range(3):
        stage.pass_time(timedelta(minutes=3))
        stage.round()


def test_a_process_that_dies_at_any_statement_of_its_work_loses_nothing_and_says_nothing_twice(
    stage: Stage, database: Postgres, owner: Connection
):
    after, died = 0, True
    while died:
        for key, kind in WANTED.items():
            stage.want(kind, f"{key} {after}")
        died = die(stage, database, owner, after, "work")
        settle(stage)
        after += 1
    assert after > 15
    assert set(stage.states().values()) == {"done"}
    assert len(stage.discord.done) == after * len(WANTED)


def test_a_process_that_dies_at_any_statement_of_its_booking_gets_the_result_again(
    stage: Stage, database: Postgres, owner: Connection
):
    after, died = 0, True
    while died:
        stage.want("reminder", f"reminder {after}")
        stage.work()
        waiting = list(stage.post.waiting)
        died = die(stage, database, owner, after, "book")
        # SQS delivers a result again that was not settled; outbox has noted it, and asks nothing twice.
        stage.book(*[stage.discord.known[message.id] for message in waiting])
        after += 1
    assert after > 4
    assert set(stage.states().values()) == {"done"}
    assert len(stage.discord.done) == after
