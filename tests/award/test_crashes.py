"""PostgreSQL falls over in the middle of it all: what was acknowledged is there (I12), and nothing is broken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from devkit.postgres import OWNER, Postgres, temporary
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres.errors import DatabaseError
from tests.actors import by
from tests.award.game import ZONE, Game, connect
from tests.conftest import MIGRATIONS
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from uuid import UUID

CRASHES = 3
ENOUGH = 60  # acknowledged ticks before each crash


@pytest.fixture
def fragile(tmp_path: Path) -> Generator[Postgres]:
    """A server of its own that writes like a real one, to be crashed."""
    with temporary(tmp_path / "postgres", durable=True) as server:
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(60))
        server.set_role_passwords()
        yield server


class Ticker:
    """A member who ticks until the database is gone, and remembers what was acknowledged."""

    def __init__(self, server: Postgres, user_id: int) -> None:
        self.server, self.member = server, Member(user_id, "x")
        self.acknowledged: list[UUID] = []
        self.interaction = user_id * 1_000_000

    def play(self) -> None:
        with suppress(DatabaseError), closing(connect(self.server, "app_tensey")) as conn:
            while True:
                self.interaction += 1
                name = str(self.interaction)
                made = challenges.tick(conn, by(self.member, self.interaction, ZONE), name, delay=0)
                self.acknowledged.append(made.award_id)


def test_every_acknowledged_tick_survives_a_crash_and_is_awarded(fragile: Postgres):
    tickers = [Ticker(fragile, user_id) for user_id in (1, 2, 3)]
    for crash in range(1, CRASHES + 1):
        with ThreadPoolExecutor(len(tickers)) as threads, closing(Game(fragile)) as game:
            playing = [threads.submit(ticker.play) for ticker in tickers]
            wait_for(lambda crash=crash: sum(len(each.acknowledged) for each in tickers) > crash * ENOUGH)
            fragile.crash()
            assert [each.exception(timeout=30) for each in playing] == [None] * len(playing)
        fragile.start()
    with closing(Game(fragile)) as game:
        kept = {award_id for (award_id,) in game.look.execute("SELECT award_id FROM pending_xp_awards")}
        acknowledged = [award_id for each in tickers for award_id in each.acknowledged]
        assert kept >= set(acknowledged), "I12"
        assert len(kept) <= len(acknowledged) + CRASHES * len(tickers)  # at most one unanswered each time
        assert challenges.sweep(game.award, Deadline.after(120)).applied == len(kept)
        game.check()
        assert sum(game.balance(each.member)[0] for each in tickers) == 100 * len(kept)
