"""Two members, sixty-four submissions of each at the same moment: nothing is lost, nothing twice, no deadlock.

On a server of its own, because the game's own limits would not let in so many connections of one role; under the real
role with its real time-outs, through the real way into the database.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Barrier
from typing import TYPE_CHECKING

import psycopg
import pytest

from devkit.postgres import OWNER, Postgres, temporary
from mastermind.deadline import Deadline
from mastermind.errors import TooFast, Unavailable
from mastermind.game.catalogue import content as catalogues
from mastermind.game.days import actions as stats
from mastermind.game.members.pace import Charge, Limit, Pace
from mastermind.game.members.rules import Actor, Member
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres.database import Database
from tests.award.game import ZONE, Game
from tests.conftest import MIGRATIONS
from tests.stories.play import BROKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mastermind.game.days.actions import Submitted

AT_ONCE, MEMBERS = 64, (1, 2)
CATALOGUE = catalogues.load()
RAISED = Limit(1000, 1, 1000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Room for 135 connections of main."""
    with temporary(tmp_path_factory.mktemp("many"), settings={"max_connections": "540"}) as server:
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(60))
        server.set_role_passwords()
        yield server


@pytest.fixture
def _patient(server: Postgres) -> Iterator[None]:
    """No time-out of the role strikes: a use that was charged and came to nothing would be charged once more."""
    with psycopg.connect(server.url(OWNER), autocommit=True) as conn:
        conn.execute("ALTER ROLE app_main SET lock_timeout = '60s'")
        conn.execute("ALTER ROLE app_main SET statement_timeout = '60s'")
        yield
        conn.execute("SELECT set_up_roles()")


@dataclass(frozen=True)
class Answers:
    """The first answer, that of one more delivery, and how often it had to be sent again before."""

    first: Submitted
    second: Submitted
    again: int


class Phone:
    """One form of one member, sent until it is answered, and then once more."""

    def __init__(
        self, server: Postgres, member: int, number: int, limit: Limit = RAISED, patience: float = 2.5
    ) -> None:
        self.database = Database(server.settings("app_main"))
        self.member, self.number, self.limit, self.patience = member, number, limit, patience

    def send(self) -> Submitted:
        """A delivery of the form; raises Unavailable when a time-out struck."""
        charge = Charge(Pace.STATS, self.limit)
        actor, added = Actor(self.member, "Ann", self.number, ZONE, charge), {"hellos_to_strangers": 1}
        return self.database.run(
            lambda conn: stats.submit(conn, actor, "today", added, catalogue=CATALOGUE),
            Deadline.after(self.patience),
        )

    def send_until_answered(self) -> Answers:
        for again in range(50):
            with suppress(Unavailable):
                return Answers(self.send(), self.send(), again)
        raise AssertionError("fifty time-outs")

    def is_let_through(self) -> bool:
        try:
            self.send_until_answered()
        except TooFast:
            return False
        return True


def at_once[T](phones: list[Phone], do: Callable[[Phone], T]) -> list[T]:
    """What comes of it when every phone does that at the same moment, over a connection that stands."""
    barrier = Barrier(len(phones))

    def ready(phone: Phone) -> T:
        with closing(phone.database):
            phone.database.run(lambda conn: conn.execute("SELECT 1"), Deadline.after(60))
            barrier.wait(120)
            return do(phone)

    with ThreadPoolExecutor(len(phones)) as threads:
        return list(threads.map(ready, phones))


def test_sixty_four_submissions_of_two_members_at_once_lose_nothing(server: Postgres):
    phones = [Phone(server, member, 1000 * member + number) for member in MEMBERS for number in range(AT_ONCE)]
    answers = at_once(phones, Phone.send_until_answered)
    print(f"sent again because of a time-out: {sum(answer.again for answer in answers)}")  # noqa: T201 # measured
    assert all(answer.second.repeated and answer.second.counts == answer.first.counts for answer in answers)
    with closing(Game(server)) as game:
        for member in MEMBERS:
            own = [answer.first for phone, answer in zip(phones, answers, strict=True) if phone.member == member]
            seen = sorted(each.counts["hellos_to_strangers"] for each in own)
            assert seen == list(range(1, AT_ONCE + 1)), "each saw what those before it had stored, and no two the same"
            assert game.balance(Member(member, ""))[0] == 10 * AT_ONCE
            assert game.one("SELECT count(*) FROM xp_ledger WHERE user_id = %s", member) == AT_ONCE
        assert game.look.execute(BROKEN).fetchall() == []
        game.check()
        assert game.deadlocks() == 0


@pytest.mark.usefixtures("_patient")
def test_of_sixty_four_at_once_the_limit_lets_through_what_it_allows_and_stores_no_other(server: Postgres):
    phones = [Phone(server, 3, 3000 + number, Limit(1, 3600, 20), patience=60) for number in range(AT_ONCE)]
    assert sum(at_once(phones, Phone.is_let_through)) == 20
    with psycopg.connect(server.url(OWNER)) as look:
        assert look.execute("SELECT total FROM users_stats WHERE user_id = 3").fetchall() == [(20,)]
