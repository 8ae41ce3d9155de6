"""What the database says of its health, under the role of the function that asks it; outages and the last report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, LiteralString

import pytest
from psycopg import errors

from mastermind.deadline import Deadline
from mastermind.operations.health import actions as health
from mastermind.operations.health import probing
from mastermind.operations.health import report as health_report
from mastermind.operations.health.actions import SAMPLE, SPARE, STRIDE
from mastermind.operations.health.rules import MOST_LARGE_OBJECTS, Outage, Probe, Report
from mastermind.postgres import schema
from tests.connections import refused

if TYPE_CHECKING:
    from mastermind.operations.health.rules import Facts
    from tests.conftest import Connection, Enter

BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NOW = datetime.now(UTC)
OUTAGE = Outage(NOW - timedelta(minutes=20), NOW - timedelta(minutes=10), ("database", "health"))

MEMBERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'x', 'UTC' FROM generate_series(1, %s) AS n
"""
BOOKINGS: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)
SELECT user_id, 100, 'award', 'tensey', user_id::text, '2026-11-23' FROM users
"""
PENDING: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)
VALUES (1, 'c001', 100, '2026-11-23', now() - interval '1 h', now() - interval '400 s'),
    (1, 'c002', 100, '2026-11-23', now() - interval '1 h', now() - interval '10 s'),
    (1, 'c003', 100, '2026-11-23', now(), now() + interval '60 s')
"""


@pytest.fixture
def award(as_role: Enter) -> Connection:
    return as_role("app_award")


def asked(conn: Connection, *, chance: float = 0.0, passed: int | None = None, seconds: float = 120) -> Facts:
    return health.probe(conn, chance, passed, Deadline.after(seconds))


def play(owner: Connection, members: int) -> None:
    owner.execute(MEMBERS, [members])
    owner.execute(BOOKINGS)


def tamper(owner: Connection, member: int) -> None:
    owner.execute("UPDATE users SET xp = xp + 1 WHERE user_id = %s", [member])


# --- facts ---


def test_an_empty_game_is_well(award: Connection):
    facts = asked(award)
    assert facts.migration == facts.needed == schema.NEEDED
    assert (facts.overdue, facts.oldest_overdue_seconds, facts.drift, facts.ledger_next) == (0, 0.0, 0, None)
    assert 1 <= facts.connections < facts.connection_limit <= 97


def test_awards_are_overdue_from_their_time_on(award: Connection, owner: Connection):
    play(owner, 1)
    owner.execute(PENDING)
    facts = asked(award)
    assert facts.overdue == 2
    assert 400 <= facts.oldest_overdue_seconds < 430


def test_every_member_of_a_small_game_is_looked_at_each_time(award: Connection, owner: Connection):
    play(owner, 20)
    assert asked(award).drift == 0
    tamper(owner, 1)
    tamper(owner, 20)
    assert [asked(award, chance=chance).drift for chance in (0.0, 0.5, 0.999)] == [2, 2, 2]


@pytest.mark.parametrize("change", ["xp = 1", "social_freedom_exercises_tenseys = 1"])
def test_figures_that_nothing_in_the_ledger_explains_are_found(award: Connection, owner: Connection, change: str):
    owner.execute(MEMBERS, [1])
    owner.execute(f"UPDATE users SET {change}".encode())  # noqa: S608 # one of the two above
    assert asked(award).drift == 1


def test_in_a_large_game_the_members_checked_are_chosen_at_random(award: Connection, owner: Connection):
    play(owner, 3 * SAMPLE)
    tamper(owner, 1)
    assert (asked(award, chance=0.0).drift, asked(award, chance=0.999).drift) == (1, 0)


def test_a_walk_passes_everybody_and_ends(award: Connection, owner: Connection):
    play(owner, 2 * STRIDE + 1)
    assert asked(award, passed=0).ledger_next is None
    assert asked(award, passed=0).drift == 0


def test_a_walk_that_has_no_time_goes_on_where_it_stopped(award: Connection, owner: Connection):
    play(owner, 2 * STRIDE + 1)
    first = asked(award, passed=0, seconds=SPARE)
    assert (first.drift, first.ledger_next) == (0, STRIDE)
    second = asked(award, passed=first.ledger_next, seconds=SPARE)
    assert asked(award, passed=second.ledger_next, seconds=SPARE).ledger_next is None


def test_a_walk_stays_with_whom_it_has_found(award: Connection, owner: Connection):
    play(owner, 2 * STRIDE)
    tamper(owner, STRIDE + 7)
    found = asked(award, passed=0)
    assert (found.drift, found.ledger_next) == (1, STRIDE)
    assert asked(award, passed=found.ledger_next).drift == 1


def test_a_booking_in_the_middle_of_a_probe_is_no_drift(award: Connection, owner: Connection):
    play(owner, 1)
    with owner.transaction():
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " VALUES (1, 100, 'award', 'tensey', 'second', '2026-11-23')"
        )
        assert asked(award).drift == 0
    assert asked(award).drift == 0


@pytest.mark.parametrize("role", ["app_main", "app_tensey", "app_award", "app_outbox"])
def test_large_objects_of_any_role_are_found(award: Connection, as_role: Enter, role: str):
    assert asked(award).large_objects == 0
    as_role(role).execute("SELECT lo_create(0)")
    assert asked(award).large_objects == 1


def test_no_more_of_them_are_counted_than_it_takes_to_see_that_there_are_many(award: Connection):
    award.execute("SELECT lo_create(0) FROM generate_series(1, %s)", [MOST_LARGE_OBJECTS + 1])
    facts = asked(award)
    assert facts.large_objects == MOST_LARGE_OBJECTS
    assert "1,000 or more, and the game makes none" in [probe.words for probe in probing.of_facts(facts)]


DUE: LiteralString = "INSERT INTO outbox (key, kind, due_at, retry_at) VALUES ('a', 'x', now() - interval '6 min', %s)"
HANDED: LiteralString = """
INSERT INTO outbox (key, kind, state, handed_at, deadline)
VALUES ('b', 'x', 'handed', now() - %(ago)s * interval '1 min', now())
"""


def late(award: Connection) -> tuple[int, int]:
    """For how many minutes something waits, and a hand-over is without an answer."""
    facts = asked(award)
    return int(facts.outbox_waiting_seconds // 60), int(facts.outbox_unanswered_seconds // 60)


def test_what_is_due_is_late_when_nothing_is_handed_over(award: Connection, owner: Connection):
    owner.execute(DUE, [None])
    assert late(award) == (0, 0), "without a bot it has to wait"
    owner.execute("UPDATE bot_status SET is_on = true")
    assert late(award) == (6, 0)
    owner.execute(HANDED, {"ago": 11})
    assert late(award) == (6, 11)


def test_what_is_due_is_not_late_behind_more_than_discord_takes(award: Connection, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    owner.execute(DUE, [None])
    owner.execute(HANDED, {"ago": 1})
    assert late(award) == (0, 1)
    owner.execute("UPDATE outbox SET state = 'done', settled_at = now() WHERE key = 'b'")
    assert late(award) == (0, 0)


def test_what_has_to_wait_is_not_late(award: Connection, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    owner.execute(DUE, [datetime.now(UTC) + timedelta(hours=1)])
    assert late(award) == (0, 0)


def test_an_announcement_that_nobody_takes_is_late_without_a_bot_as_well(award: Connection, owner: Connection):
    owner.execute(
        "INSERT INTO announcements (key, kind, details, made_at)"
        " VALUES ('raid_failed:9', 'raid_failed', '{}', now() - interval '6 min')"
    )
    assert late(award) == (6, 0)


def test_only_the_function_that_is_asked_may_write_what_a_probe_writes(as_role: Enter):
    with refused(errors.InsufficientPrivilege):
        asked(as_role("app_main"))


# --- outages and reports ---


def test_an_outage_is_recorded_once_however_often_it_is_reported(award: Connection, owner: Connection):
    assert health.record(award, OUTAGE)
    assert not health.record(award, OUTAGE)
    rows = owner.execute("SELECT began, ended, probes FROM outages").fetchall()
    assert rows == [(OUTAGE.began, OUTAGE.ended, ["database", "health"])]


def test_an_outage_that_ends_before_it_begins_is_refused(award: Connection):
    with refused(errors.CheckViolation):
        health.record(award, Outage(NOW, NOW, ("main",)))


@pytest.mark.parametrize("ended", [timedelta(days=1), timedelta(days=-8)])
def test_an_outage_that_has_not_ended_or_ended_long_ago_bridges_nothing(award: Connection, ended: timedelta):
    with refused(errors.InvalidParameterValue):
        health.record(award, Outage(NOW - timedelta(days=9), NOW + ended, ("main",)))


def test_of_an_outage_of_ten_years_the_last_fourteen_days_count(award: Connection, owner: Connection):
    assert health.record(award, Outage(NOW - timedelta(days=3650), NOW, ("main",)))
    assert owner.execute("SELECT began, ended FROM outages").fetchall() == [(NOW - timedelta(days=14), NOW)]
    with refused(errors.InsufficientPrivilege):
        award.execute("INSERT INTO outages (began, ended, probes) VALUES ('2000-01-01', '2026-01-01', '{main}')")


def test_the_newest_report_is_kept_and_a_late_one_is_not(award: Connection, as_role: Enter):
    later = BEGIN + timedelta(minutes=5)
    report = Report(False, BEGIN, "1", (Probe("main", healthy=False, words="answers 502"),), later, 0)
    early = replace(report, healthy=True, since=None, probes=(), at=BEGIN)
    assert health.store(award, early)
    assert health.store(award, report)
    assert not health.store(award, early)
    kept = health_report.read(as_role("app_main"))
    assert kept.checked
    assert kept.checked.report == report


def test_the_tensey_function_cannot_read_health(as_role: Enter):
    for table in (b"outages", b"health_reports"):
        with refused(errors.InsufficientPrivilege):
            as_role("app_tensey").execute(b"SELECT FROM " + table)


def test_a_probe_writes_what_it_may_so_that_a_read_only_database_is_found(award: Connection, owner: Connection):
    asked(award)
    asked(award)
    assert owner.execute("SELECT count(*), max(at) > now() - interval '1 minute' FROM health_probes").fetchall() == [
        (1, True)
    ]
    award.execute("SET default_transaction_read_only = on")
    with refused(errors.ReadOnlySqlTransaction):
        asked(award)
