"""Raids in the database: one at a time, contributions that count themselves, and what a tick may and may not add."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, cast

import pytest
from psycopg import errors

from mastermind.game.challenges import actions as challenges
from mastermind.game.contributions import table as contributions
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.raids import table as raids
from mastermind.postgres.exchange import exchange, only, transaction
from tests.actors import by
from tests.connections import refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from tests.conftest import Enter

ANN, BEN = Member(1, "Ann"), Member(2, "Ben")


class Field:
    """Members in a raid, each under the role of the function that acts for them."""

    def __init__(self, enter: Enter) -> None:
        self.main, self.tensey, self.owner = enter("app_main"), enter("app_tensey"), enter("mastermind_owner")
        self._numbers = count(1)
        for member in (ANN, BEN):
            users.meet(self.main, by(member))

    def start(self, *, target: int = 1000, tick_points: int = 15) -> int:
        made = self.main.execute(
            "INSERT INTO raid_events (type, target, tick_points, ends_at)"
            " VALUES ('warrior', %s, %s, clock_timestamp() + interval '1 hour') RETURNING raid_id",
            [target, tick_points],
        ).fetchone()
        assert made
        return cast("int", made[0])

    def run_out(self) -> None:
        """The raid's time is over, and nobody has looked yet."""
        self.owner.execute(
            "UPDATE raid_events SET started_at = started_at - ago, ends_at = ends_at - ago"
            " FROM (SELECT interval '2 hours' AS ago) AS moved WHERE status = 'active'"
        )

    def log(self, member: Member, points: Mapping[str, int], source_id: str | None = None) -> int:
        with exchange(self.main), transaction(self.main):
            users.lock(self.main, member.user_id)
            raids.lock_active(self.main)
            counted = contributions.contribute(
                self.main, member.user_id, "stats", source_id or str(next(self._numbers)), points
            )
        return only(counted)

    def tick(self, challenge_id: str = "a", member: Member = ANN) -> UUID:
        number = next(self._numbers)
        return challenges.tick(self.tensey, by(member, number), challenge_id, delay=0).award_id

    def undo(self, award_id: UUID, member: Member = ANN) -> None:
        challenges.undo(self.tensey, by(member, next(self._numbers)), award_id)

    def total(self) -> int:
        """The newest raid's total, which is the sum of its rows."""
        row = self.owner.execute(
            "SELECT total, (SELECT coalesce(sum(points), 0) FROM raid_contributions AS rows"
            " WHERE rows.raid_id = raids.raid_id) FROM raid_events AS raids ORDER BY raid_id DESC LIMIT 1"
        ).fetchone()
        assert row
        assert row[0] == row[1]
        return cast("int", row[0])

    def status(self) -> str:
        row = self.owner.execute("SELECT status FROM raid_events ORDER BY raid_id DESC LIMIT 1").fetchone()
        assert row
        return cast("str", row[0])


@pytest.fixture
def field(as_role: Enter) -> Field:
    return Field(as_role)


def test_one_raid_runs_at_a_time(field: Field):
    field.start()
    with refused(errors.UniqueViolation):
        field.start()


def test_what_is_logged_counts_for_the_raid_that_runs(field: Field):
    raid_id = field.start()
    assert field.log(ANN, {"approaches": 30, "numbers": 15}) == 45
    assert field.log(BEN, {"approaches": 15}) == 15
    assert field.total() == 60
    active = only(raids.lock_active(field.main))
    assert (active.raid_id, active.type, active.target, active.total) == (raid_id, "warrior", 1000, 60)


def test_without_a_raid_nothing_counts(field: Field):
    assert field.log(ANN, {"approaches": 30}) == 0
    assert raids.lock_active(field.main).fetchone() is None


def test_a_source_counts_once(field: Field):
    field.start()
    assert [field.log(ANN, {"approaches": 30}, "one"), field.log(ANN, {"approaches": 30}, "one")] == [30, 0]
    assert field.total() == 30


def test_nothing_logged_is_no_contribution(field: Field):
    field.start()
    assert field.log(ANN, {"approaches": 0}) == 0
    assert field.owner.execute("SELECT FROM raid_contributions").fetchall() == []


def test_what_is_taken_back_is_withdrawn(field: Field):
    field.start()
    field.log(ANN, {"approaches": 45})
    assert field.log(ANN, {"approaches": -30}) == -30
    assert field.total() == 15


def test_what_was_logged_before_the_raid_can_neither_be_withdrawn_nor_counted_again(field: Field):
    field.start()
    assert field.log(ANN, {"approaches": -150}) == 0
    assert field.log(ANN, {"approaches": 150}) == 0
    assert field.log(ANN, {"approaches": 15}) == 15
    assert field.log(ANN, {"approaches": -45}) == -15
    assert field.total() == 0


def test_the_contribution_that_reaches_the_target_completes_the_raid(field: Field):
    field.start(target=100)
    field.log(ANN, {"approaches": 45})
    field.log(BEN, {"approaches": 60})
    assert (field.status(), field.total()) == ("completed", 105)
    assert field.log(ANN, {"approaches": 15}) == 0
    top = field.owner.execute("SELECT top_user_id, ended_at IS NOT NULL FROM raid_events").fetchone()
    assert top == (2, True)


def test_of_equals_the_top_is_who_had_their_points_first(field: Field):
    field.start(target=90)
    field.log(BEN, {"approaches": 15})
    field.log(ANN, {"approaches": 45})
    field.log(BEN, {"approaches": 30})
    assert field.owner.execute("SELECT status, top_user_id FROM raid_events").fetchone() == ("completed", 1)


def test_an_edit_after_the_end_changes_nothing(field: Field):
    field.start(target=100)
    field.log(ANN, {"approaches": 105})
    assert field.log(ANN, {"approaches": -105}) == 0
    assert field.total() == 105


def test_nothing_counts_when_the_time_is_over_though_nobody_has_looked(field: Field):
    field.start()
    field.run_out()
    assert raids.lock_active(field.main).fetchone() is None
    assert field.log(ANN, {"approaches": 30}) == 0
    field.tick()
    assert (field.total(), field.status()) == (0, "active")


def test_a_row_for_a_raid_that_is_over_is_refused(field: Field):
    raid_id = field.start(target=100)
    field.log(ANN, {"approaches": 105})
    with refused(errors.CheckViolation, match="only an active raid"):
        field.main.execute(
            "INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)"
            " VALUES (%s, 1, 'stats', 'late', 'approaches', 15, 15)",
            [raid_id],
        )


def test_a_tick_contributes_at_once_and_an_undo_withdraws_it(field: Field):
    field.start()
    award_id = field.tick()
    assert field.total() == 15
    field.undo(award_id)
    assert field.total() == 0
    field.undo(award_id)
    field.tick()
    assert field.total() == 15


def test_an_undo_after_the_award_withdraws_too(field: Field, as_role: Enter):
    field.start()
    award_id = field.tick()
    assert challenges.apply(as_role("app_award"), award_id) is challenges.Outcome.AWARDED
    assert field.total() == 15
    field.undo(award_id)
    assert field.total() == 0


def test_a_challenge_that_is_ticked_twice_contributes_once(field: Field):
    field.start()
    field.tick()
    field.tick()
    assert field.total() == 15


def test_a_tick_can_complete_the_raid(field: Field):
    field.start(target=15)
    field.tick()
    assert field.status() == "completed"


def test_an_undo_after_the_end_leaves_the_points(field: Field):
    field.start(target=15)
    award_id = field.tick()
    field.undo(award_id)
    assert (field.total(), field.status()) == (15, "completed")


def test_where_challenges_count_nothing_ticks_leave_the_raid_alone(field: Field):
    field.start(tick_points=0)
    award_id = field.tick()
    field.undo(award_id)
    assert field.total() == 0


def test_what_was_done_before_the_raid_is_no_new_deed_when_it_is_undone_and_ticked_again(field: Field):
    before = field.tick("a")
    field.start()
    field.undo(before)
    again = field.tick("a")
    field.undo(again)
    field.tick("a")
    assert field.total() == 0
    field.tick("b")
    assert field.total() == 15


def test_what_was_undone_before_the_raid_may_be_done_in_it(field: Field):
    field.undo(field.tick("a"))
    field.start()
    field.tick("a")
    assert field.total() == 15


def test_who_leaves_takes_their_name_and_leaves_their_points(field: Field):
    field.start()
    field.log(ANN, {"approaches": 30})
    award_id = field.tick()
    contributions.leave(field.main, 1)
    field.undo(award_id)
    assert field.total() == 45
    assert field.owner.execute("SELECT DISTINCT user_id FROM raid_contributions").fetchall() == [(None,)]


def test_tensey_and_award_cannot_write_contributions(as_role: Enter):
    for role in ("app_tensey", "app_award"):
        with refused(errors.InsufficientPrivilege):
            as_role(role).execute("INSERT INTO raid_contributions (raid_id) VALUES (1)")
