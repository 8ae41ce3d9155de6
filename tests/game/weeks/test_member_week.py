"""A member's week in figures, read under the role of relay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest

from mastermind.game.days.rules import Day
from mastermind.game.weeks import actions as weeks

if TYPE_CHECKING:
    from mastermind.game.weeks.rules import MemberWeek
    from tests.conftest import Connection, Enter

MONDAY = date(2026, 11, 23)
SUNDAY = date(2026, 11, 29)
DAY = timedelta(days=1)
ANN, BEN, CEM = 1, 2, 3

MET: LiteralString = "INSERT INTO users (user_id, display_name, time_zone, created_at) VALUES (%s, 'A', 'UTC', %s)"
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, %s, '{"reason": "for the test"}')
"""
TICKED: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)
VALUES (%s, %s, 100, %s, now(), now())
"""


class Members:
    def __init__(self, enter: Enter, owner: Connection) -> None:
        self.relay, self.owner = enter("app_outbox"), owner
        for user_id in (ANN, BEN, CEM):
            owner.execute(MET, [user_id, datetime(2026, 1, 5, tzinfo=UTC)])

    def earn(self, user_id: int, xp: int, day: date) -> None:
        self.owner.execute(EARNED, [user_id, xp, day])

    def week(self, *counted: date, user_id: int = ANN) -> MemberWeek:
        today = Day(SUNDAY, SUNDAY, 0, 0, None, {}, {}, frozenset(), counted, frozenset())
        return weeks.read_member(self.relay, user_id, today)


@pytest.fixture
def members(as_role: Enter, owner: Connection) -> Members:
    return Members(as_role, owner)


def test_xp_is_that_of_the_week_from_monday_to_sunday_and_of_the_one_before(members: Members):
    for xp, day in ((1, MONDAY - 8 * DAY), (20, MONDAY - 7 * DAY), (30, MONDAY - DAY), (400, MONDAY), (500, SUNDAY)):
        members.earn(ANN, xp, day)
    members.earn(ANN, 7, SUNDAY)
    week = members.week()
    assert (week.monday, week.xp, week.before) == (MONDAY, 907, 50)
    assert week.by_day == (400, 0, 0, 0, 0, 0, 507)
    assert week.by_day_before == (20, 0, 0, 0, 0, 0, 30)
    assert week.best == SUNDAY


def test_days_are_those_of_the_week_that_count_and_today_is_open_until_it_does(members: Members):
    week = members.week(MONDAY - DAY, MONDAY, MONDAY, MONDAY + 3 * DAY)
    assert (week.days, week.is_open) == (2, True)
    week = members.week(SUNDAY - DAY, SUNDAY)
    assert (week.days, week.is_open, week.streak) == (2, False, 2)


def test_challenges_are_those_that_were_ticked_for_a_day_of_the_week(members: Members):
    for number, day in enumerate((MONDAY - DAY, MONDAY, SUNDAY)):
        members.owner.execute(TICKED, [ANN, f"c{number}", day])
    assert members.week().challenges == 2


def test_the_place_is_that_on_the_weeks_board_now_and_a_week_before(members: Members):
    for user_id, xp, before in ((ANN, 300, 10), (BEN, 500, 50), (CEM, 100, 90)):
        members.earn(user_id, xp, MONDAY)
        members.earn(user_id, before, MONDAY - DAY)
    week = members.week()
    assert (week.place, week.place_before, week.members, week.climbed) == (2, 3, 3, 1)
    assert members.week(user_id=CEM).climbed == 0


def test_who_hides_or_has_nothing_has_no_place(members: Members):
    members.earn(ANN, 300, MONDAY)
    members.owner.execute("UPDATE users SET hidden = true WHERE user_id = 1")
    assert members.week().place is None
    assert members.week(user_id=BEN).place is None


@pytest.mark.parametrize(("at", "is_first"), [("2026-11-22 23:59", False), ("2026-11-23 00:00", True)])
def test_the_first_week_is_that_in_which_they_met_the_game(members: Members, at: str, *, is_first: bool):
    members.owner.execute("UPDATE users SET created_at = %s::timestamptz WHERE user_id = 1", [f"{at}+00"])
    assert members.week().is_first == is_first
