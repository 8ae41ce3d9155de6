"""Admins and moderators who act at the same moment, and members who play meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from mastermind.errors import MemberMistake
from mastermind.game.challenges import actions as challenges
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.sanctions.rules import ProposalStatus
from tests.actors import by
from tests.connections import enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from devkit.postgres import Postgres
    from tests.conftest import Connection

    type Work = Callable[[Connection], object]

ANN, ADA, BEN = Member(1, "Ann"), Member(2, "Ada"), Member(3, "Ben")
ZONE = "UTC"


@pytest.fixture
def play(database: Postgres) -> Iterator[Callable[[str, Sequence[Work]], list[object]]]:
    """Does all of these at the same moment, each on a connection of its own as that role; gives what came of them."""
    with ExitStack() as stack:

        def do(role: str, works: Sequence[Work]) -> list[object]:
            barrier = Barrier(len(works))

            def one(work: Work) -> object:
                conn = stack.enter_context(closing(enter(database.url(role))))
                barrier.wait(60)
                return work(conn)

            with ThreadPoolExecutor(len(works)) as pool:
                return list(pool.map(one, works))

        yield do


@pytest.fixture(autouse=True)
def _members(owner: Connection) -> None:
    for member in (ANN, ADA, BEN):
        owner.execute(
            "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, %s, 'UTC')",
            [member.user_id, member.display_name],
        )


def figures(owner: Connection) -> tuple[object, ...]:
    """XP of Ann as users and as the ledger say them, and her challenges."""
    return (
        owner.execute(
            "SELECT xp, (SELECT coalesce(sum(xp), 0) FROM xp_ledger WHERE user_id = 1),"
            " social_freedom_exercises_tenseys FROM users WHERE user_id = 1"
        ).fetchone()
        or ()
    )


@pytest.mark.parametrize("_", range(3))
def test_two_moderators_who_warn_at_once_give_the_first_and_the_second_strike(
    play: Callable[[str, Sequence[Work]], list[object]], _: int
):
    stranger = Subject(99, "Zoe")
    works: list[Work] = [
        lambda conn, actor=actor: moderation.warn(conn, by(actor, actor.user_id, ZONE), stranger, "Rude")
        for actor in (ADA, BEN)
    ]
    given = play("app_main", works)
    assert sorted(each.strike for each in given if isinstance(each, moderation.Given)) == [1, 2]


def test_eight_deliveries_of_one_correction_at_once_change_xp_once(
    play: Callable[[str, Sequence[Work]], list[object]], owner: Connection
):
    works: list[Work] = [lambda conn: ledger.adjust(conn, by(ADA, 7, ZONE), Subject(1), 500, "slip")] * 8
    adjusted = play("app_main", works)
    assert figures(owner) == (500, 500, 0)
    assert {(each.before, each.after) for each in adjusted if isinstance(each, ledger.Adjusted)} == {(0, 500)}
    assert sum(not each.repeated for each in adjusted if isinstance(each, ledger.Adjusted)) == 1


def test_a_form_sent_eight_times_at_once_resets_once(
    play: Callable[[str, Sequence[Work]], list[object]], owner: Connection
):
    works: list[Work] = [
        lambda conn, own=own: ledger.reset(conn, by(ADA, own, ZONE, nonce=50), Subject(1), "asked")
        for own in range(100, 108)
    ]
    done = play("app_main", works)
    assert sum(not each.repeated for each in done if isinstance(each, ledger.Reset)) == 1
    assert owner.execute("SELECT count(*) FROM xp_ledger").fetchone() == (1,)


def test_two_admins_who_decide_at_once_decide_once(
    play: Callable[[str, Sequence[Work]], list[object]], owner: Connection
):
    for number in (1, 2):
        play(
            "app_main",
            [lambda conn, n=number: moderation.warn(conn, by(ADA, n, ZONE), Subject(ANN.user_id, "Ann"), "Rude")],
        )
    (proposal,) = owner.execute("SELECT id FROM user_moderation").fetchone() or (0,)
    settled = play(
        "app_main",
        [
            lambda conn: moderation.settle(conn, by(ADA, 3, ZONE), proposal, ProposalStatus.DONE, None, 1),
            lambda conn: moderation.settle(conn, by(BEN, 4, ZONE), proposal, ProposalStatus.DISMISSED, None, 1),
        ],
    )
    assert sorted(each.fresh for each in settled if isinstance(each, moderation.Settled)) == [False, True]
    assert len({each.status for each in settled if isinstance(each, moderation.Settled)}) == 1
    decided = "SELECT count(*) FROM audit_log WHERE action LIKE 'moderation.%'"
    assert owner.execute(decided).fetchone() == (1,)


@pytest.mark.parametrize("seed", range(3))
def test_resets_among_ticks_undos_awards_and_corrections_lock_nobody_out_and_lose_nothing(
    database: Postgres, owner: Connection, seed: int
):
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at) VALUES ('warrior', 9999, 15, now() + '1 hour')"
    )
    numbers = count(1000)

    def main(chance: Random, conn: Connection) -> None:
        if chance.random() < 0.4:
            ledger.reset(conn, by(ADA, next(numbers), ZONE), Subject(1), "asked")
        else:
            ledger.adjust(conn, by(ADA, next(numbers), ZONE), Subject(1), chance.choice((-300, 50)), "slip")

    def tensey(chance: Random, conn: Connection) -> None:
        ticked = challenges.tick(conn, by(ANN, next(numbers), ZONE), chance.choice("abcd"), delay=0)
        if chance.random() < 0.3:
            challenges.undo(conn, by(ANN, next(numbers)), ticked.award_id)

    def award(chance: Random, conn: Connection) -> None:
        due = conn.execute("SELECT award_id FROM pending_xp_awards WHERE status = 'pending'").fetchall()
        for (award_id,) in chance.sample(due, len(due)):
            challenges.apply(conn, award_id)

    def busy(role: str, work: Callable[[Random, Connection], None], salt: int) -> None:
        chance = Random(seed * 10 + salt)  # noqa: S311 (a story to repeat, no secret)
        with closing(enter(database.url(role))) as conn:
            for _ in range(25):
                work(chance, conn)

    with ThreadPoolExecutor(6) as pool:
        parts = [("app_main", main), ("app_tensey", tensey), ("app_award", award)] * 2
        for each in [pool.submit(busy, role, work, salt) for salt, (role, work) in enumerate(parts)]:
            each.result(60)

    xp, booked, done = figures(owner)
    assert xp == booked
    assert owner.execute("SELECT count(*) FROM pending_xp_awards WHERE status = 'awarded'").fetchone() == (done,)
    wrong = owner.execute(
        "SELECT status, given, taken FROM (SELECT status,"
        " (SELECT count(*) FROM xp_ledger WHERE source_id = award_id::text AND kind = 'award') AS given,"
        " (SELECT count(*) FROM xp_ledger WHERE source_id = award_id::text AND kind = 'reversal') AS taken"
        " FROM pending_xp_awards) AS each"
        " WHERE (given, taken) <> CASE status"
        " WHEN 'awarded' THEN (1::bigint, 0::bigint) WHEN 'reversed' THEN (1::bigint, 1::bigint)"
        " ELSE (0::bigint, 0::bigint) END"
    ).fetchall()
    assert wrong == []


def test_a_correction_needs_somebody_who_is_there(database: Postgres):
    with closing(enter(database.url("app_main"))) as conn:
        for work in (
            lambda: ledger.look(conn, by(ADA, time_zone=ZONE), Subject(99)),
            lambda: ledger.adjust(conn, by(ADA, 1, ZONE), Subject(99), 5, "slip"),
            lambda: ledger.reset(conn, by(ADA, 1, ZONE, nonce=2), Subject(99), "asked"),
        ):
            with pytest.raises(MemberMistake, match="has not played yet"):
                work()
