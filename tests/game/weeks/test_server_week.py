"""The week of the server: when it is announced, and whom and what it names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mastermind.game.raids.rules import RaidType
from mastermind.game.settings import content as zones
from mastermind.game.weeks import actions as weeks
from mastermind.game.weeks import content as questions
from mastermind.game.weeks.rules import Climber, FactionWeek, RaidResult, ServerWeek

if TYPE_CHECKING:
    from tests.conftest import Connection, Enter

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
KEY = "week:2026-11-23"

ANNOUNCED: LiteralString = """
INSERT INTO announcements (key, kind, details)
VALUES ('week:2026-11-23', 'week', '{"first_day": "2026-11-23", "zone": "Europe/Berlin"}')
"""
MET: LiteralString = "INSERT INTO users (user_id, display_name, time_zone, created_at) VALUES (%s, %s, 'UTC', %s)"
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, %s, '{"reason": "for the test"}')
"""
RAIDED: LiteralString = """
INSERT INTO raid_events (type, target, tick_points, started_at, ends_at)
VALUES (%s, 100, 15, %s::timestamptz - interval '1 hour', %s)
"""
ENDED: LiteralString = "UPDATE raid_events SET status = %s, ended_at = ends_at WHERE status = 'active'"
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
WITHIN = datetime(2026, 11, 25, 12, tzinfo=UTC)

moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * timedelta(minutes=1))


class Server:
    """Members and what they gathered; ids follow the order in which they met the game."""

    def __init__(self, enter: Enter, owner: Connection) -> None:
        self.relay, self.owner, self.members = enter("app_outbox"), owner, 0

    def member(self, name: str, xp: int = 0, before: int = 0, *, met: datetime = LONG_AGO) -> int:
        self.members += 1
        self.owner.execute(MET, [self.members, name, met])
        for amount, day in ((xp, MONDAY + 2 * DAY), (before, MONDAY - 3 * DAY)):
            if amount:
                self.owner.execute(EARNED, [self.members, amount, day])
        return self.members

    def hides(self, user_id: int) -> None:
        self.owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user_id])

    def is_quiet(self, user_id: int) -> None:
        self.owner.execute('UPDATE users SET settings = \'{"announcements": "off"}\' WHERE user_id = %s', [user_id])

    def raid(self, kind: RaidType, status: str, ended: datetime) -> None:
        self.owner.execute(RAIDED, [kind, ended, ended])
        self.owner.execute(ENDED, [status])

    def week(self) -> ServerWeek:
        self.owner.execute(ANNOUNCED)
        return weeks.read_server(self.relay, KEY)


@pytest.fixture
def server(as_role: Enter, owner: Connection) -> Server:
    return Server(as_role, owner)


# --- when ---


def to_announce(owner: Connection, at: datetime, zone: str) -> date | None:
    row = owner.execute("SELECT week_to_announce(%s, %s)", [at, zone]).fetchone()
    assert row
    return row[0]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(datetime(2026, 11, 30, 17, 59, tzinfo=UTC), "UTC")
@example(datetime(2026, 11, 30, 18, 0, tzinfo=UTC), "UTC")
@example(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "UTC")
@example(datetime(2026, 12, 1, tzinfo=UTC), "UTC")
@given(moments, st.sampled_from(sorted(zones.names())))
def test_it_is_announced_on_monday_evening_of_the_deployments_zone(owner: Connection, at: datetime, zone: str):
    local = at.astimezone(zones.zone(zone))
    is_time = local.isoweekday() == 1 and local.hour >= 18
    assert to_announce(owner, at, zone) == (local.date() - 7 * DAY if is_time else None)


# --- what ---


def test_who_gathered_most_is_named_with_it_the_most_first(server: Server):
    for name, xp in (("Ann", 300), ("Ben", 900), ("Cem", 500), ("Dan", 400)):
        server.member(name, xp)
    week = server.week()
    assert week.climbers == (Climber("Ben", 900, 0, 2), Climber("Cem", 500, 0, 3), Climber("Dan", 400, 0, 4))
    assert week.active == 4


def test_the_biggest_step_up_is_that_of_somebody_who_was_there_the_week_before(server: Server):
    server.member("Ann", 900, 800)
    server.member("Ben", 500, 100)
    server.member("Cem", 700)
    server.member("Dan", 200, 600)
    assert server.week().improved == Climber("Ben", 500, 100, 2)


def test_nobody_who_hides_is_in_any_figure_or_name(server: Server):
    ann = server.member("Ann", 900, 100, met=WITHIN)
    server.member("Ben", 100)
    server.hides(ann)
    week = server.week()
    assert week.active == 1
    assert [each.display_name for each in week.climbers] == ["Ben"]
    assert (week.improved, week.newcomers) == (None, ())
    assert sum(each.xp for each in week.factions) == 100


def test_who_is_not_announced_counts_without_a_name(server: Server):
    ann = server.member("Ann", 900, 100, met=WITHIN)
    server.member("Ben", 100)
    server.is_quiet(ann)
    week = server.week()
    assert week.active == 2
    assert [each.display_name for each in week.climbers] == ["Ben"]
    assert (week.improved, week.newcomers, week.more_newcomers) == (None, (), 0)


def test_newcomers_are_those_who_came_in_that_week_and_did_something(server: Server):
    server.member("Before", 100, met=datetime(2026, 11, 22, 22, 59, tzinfo=UTC))
    server.member("First", 100, met=datetime(2026, 11, 22, 23, 0, tzinfo=UTC))  # Monday 0:00 in Berlin
    server.member("Only looked", met=WITHIN)
    server.member("Last", 100, met=datetime(2026, 11, 29, 22, 59, tzinfo=UTC))
    server.member("After", 100, met=datetime(2026, 11, 29, 23, 0, tzinfo=UTC))
    assert server.week().newcomers == ("First", "Last")


def test_of_many_newcomers_the_first_are_named_and_the_others_counted(server: Server):
    for number in range(9):
        server.member(f"N{number}", 10, met=WITHIN + number * DAY / 24)
    week = server.week()
    assert (week.newcomers, week.more_newcomers) == (("N0", "N1", "N2", "N3", "N4"), 4)


def test_each_faction_has_what_its_members_gathered_in_the_week(server: Server):
    server.member("Ann", 300, 50)
    server.member("Ben", 200)
    assert server.week().factions == (FactionWeek("Luminarchs", 300), FactionWeek("Noctivores", 200))


def test_the_average_of_a_faction_is_that_of_its_active_members_from_five_on(server: Server):
    for number in range(11):
        server.member(f"M{number}", 100 if number < 9 else 0, 40)
    hidden = server.member("Hidden", 5_000)
    server.hides(hidden)
    assert server.week().factions == (FactionWeek("Luminarchs", 500, 100), FactionWeek("Noctivores", 400))


def test_raids_that_ended_in_the_week_are_told_the_last_first(server: Server):
    server.raid(RaidType.WARRIOR, "completed", datetime(2026, 11, 22, 22, tzinfo=UTC))
    server.raid(RaidType.WARRIOR, "failed", WITHIN)
    server.raid(RaidType.MAGE, "completed", WITHIN + DAY)
    server.raid(RaidType.MAGE, "cancelled", WITHIN + DAY)
    week = server.week()
    assert week.raids == (RaidResult("mage", True, 100, 0, 0), RaidResult("warrior", False, 100, 0, 0))
    assert week.more_raids == 0


def test_of_many_raids_the_last_three_are_told_and_the_others_counted(server: Server):
    for number in range(5):
        server.raid(RaidType.MAGE, "failed", WITHIN + number * DAY / 24)
    week = server.week()
    assert (len(week.raids), week.more_raids) == (3, 2)


def test_each_week_has_another_question_and_after_the_last_the_first_comes_again():
    asked = [questions.of_week(MONDAY + 7 * n * DAY) for n in range(len(questions.load()) + 1)]
    assert len(set(asked)) == len(questions.load())
    assert asked[0] == asked[-1]
