"""Which challenge the database has for a day, and what else a day's challenge counts for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges import content
from mastermind.game.days import actions as days
from mastermind.game.members.rules import Member
from mastermind.game.today import actions as today
from mastermind.game.today import table
from mastermind.game.today.rules import Did, Pools, pools
from tests.actors import by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Connection, Enter

ANN, BEN = Member(1 << 22, "Ann"), Member(5 << 22, "Ben")
TODAY = date(2026, 11, 29)


def chosen(conn: Connection, member: Member, amount: int) -> Sequence[tuple[str, str]]:
    """The challenge of each of these days, and the one instead."""
    query = "SELECT of_day, other FROM generate_series(0, %s) AS n, challenges_of_day(%s, %s::date + n)"
    return conn.execute(query, [amount - 1, member.user_id, TODAY]).fetchall()


def test_all_members_have_the_same_challenge_and_no_day_repeats_one_before_all_have_come(owner: Connection):
    shipped = pools(content.load())
    table.put_pools(owner, shipped)
    most = len(shipped.day)
    of_days = [each for each, _ in chosen(owner, ANN, most)]
    assert sorted(of_days) == sorted(shipped.day)
    assert [each for each, _ in chosen(owner, BEN, most)] == of_days
    assert chosen(owner, ANN, most + 1)[-1][0] == of_days[0]


def test_what_comes_instead_is_a_members_own_and_always_another_one(owner: Connection):
    table.put_pools(owner, Pools(("a", "b", "x"), ("a", "b", "c", "d")))
    anns, bens = chosen(owner, ANN, 12), chosen(owner, BEN, 12)
    assert all(of_day != other for of_day, other in (*anns, *bens))
    assert {other for _, other in anns} == set("abcd")
    assert [other for _, other in anns] != [other for _, other in bens]
    assert chosen(owner, ANN, 12) == anns


def test_there_may_be_nothing_to_choose_from(owner: Connection):
    for pools_, expected in ((Pools((), ()), (None, None)), (Pools(("a",), ("a",)), ("a", None))):
        table.put_pools(owner, pools_)
        assert chosen(owner, ANN, 1) == [expected]


def test_another_list_takes_the_place_of_the_one_before(owner: Connection):
    table.put_pools(owner, Pools(("a", "b", "c"), ("d",)))
    table.put_pools(owner, Pools(("c",), ("e", "d")))
    kept = owner.execute("SELECT pool, place, challenge_id FROM day_challenges ORDER BY 1, 2").fetchall()
    assert kept == [("day", 0, "c"), ("other", 0, "e"), ("other", 1, "d")]


def test_it_counts_for_the_streak_and_neither_as_a_challenge_nor_for_a_raid(owner: Connection, as_role: Enter):
    table.put_pools(owner, Pools(("a",), ("b",)))
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('warrior', 100, 15, clock_timestamp() + interval '1 hour')"
    )
    main = as_role("app_main")
    done = today.do(main, by(ANN, 1), "a")
    assert (done.did, done.today.day.streak.length, done.today.day.xp) == (Did.AWARDED, 1, 50)
    assert done.today.standing.challenges == 0
    assert owner.execute("SELECT count(*) FROM raid_contributions").fetchone() == (0,)
    assert done.today.standing.award_id
    undone = today.undo(main, by(ANN, 2), done.today.standing.award_id)
    assert (undone.today.day.streak.length, undone.today.day.xp) == (0, 0)


def test_it_ends_a_pause_as_a_tick_does(owner: Connection, as_role: Enter):
    table.put_pools(owner, Pools(("a",), ("b",)))
    main = as_role("app_main")
    day = days.today(main, by(ANN))
    main.execute(
        "INSERT INTO pauses (user_id, first_day, last_day, begun_on) VALUES (%s, %s, %s, %s)",
        [ANN.user_id, day - timedelta(2), day + timedelta(2), day - timedelta(2)],
    )
    today.do(main, by(ANN, 1), "b")
    assert owner.execute("SELECT last_day, ended_at IS NOT NULL FROM pauses").fetchall() == [(day, True)]


def test_a_tick_of_yesterday_that_is_awarded_today_brings_what_yesterday_had(owner: Connection, as_role: Enter):
    table.put_pools(owner, Pools(("a", "b", "c"), ()))
    main, tensey, award = as_role("app_main"), as_role("app_tensey"), as_role("app_award")
    day = days.today(main, by(ANN))
    row = owner.execute("SELECT of_day FROM challenges_of_day(1, %s)", [day - timedelta(1)]).fetchone()
    assert row
    challenges.tick(tensey, by(ANN, 1), row[0], delay=0)
    owner.execute("UPDATE pending_xp_awards SET day = day - 1, created_at = created_at - interval '1 day'")
    challenges.sweep(award, Deadline.after(60))
    booked = owner.execute("SELECT source, day, xp FROM xp_ledger ORDER BY id").fetchall()
    assert booked == [("tensey", day - timedelta(1), 100), ("today", day - timedelta(1), 50)]
    assert today.read(main, by(ANN)).standing.award_id is None
