"""The report about a week, from the database: what counts, who does not, when it is made, and that it is sent once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import pytest

from devkit.clock import Clock
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.challenges import content as challenges
from mastermind.operations.report import actions as reports
from mastermind.operations.report import table
from mastermind.operations.report.rules import Deed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mastermind.operations.report.actions import Leaders, Report
    from tests.conftest import Connection, Enter

MONDAY = date(2026, 11, 23)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
ZONE = "Europe/Berlin"
LONG_AGO, WITHIN = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST, SECOND, THIRD, *_ = challenges.load().by_id

MET: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, created_at, faction) VALUES (%s, 'Ann', 'UTC', %s, 'Luminarchs')
"""
EARNED: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)
VALUES (%s, 100, 'adjustment', 'admin', gen_random_uuid()::text, %s, '{"reason": "for the test"}')
"""
LOGGED: tuple[LiteralString, LiteralString] = (
    "INSERT INTO booked_days (user_id, day, streak_share) VALUES (%(user)s, %(day)s, 0) ON CONFLICT DO NOTHING",
    """
    INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)
    VALUES (%(user)s, %(day)s, %(stat)s, 2, false, 100, 1, 1)
    """,
)
TICKED: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at)
VALUES (%s, %s, 100, %s, %s, now(), now(), now())
"""


class Server:
    """Members and what they did, in the week from MONDAY and in the one before."""

    def __init__(self, owner: Connection) -> None:
        self.owner, self.members = owner, 0

    def member(self, *weeks: date, met: datetime = LONG_AGO) -> int:
        """Who was active in these weeks."""
        self.members += 1
        self.owner.execute(MET, [self.members, met])
        for monday in weeks:
            self.owner.execute(EARNED, [self.members, monday + 2 * DAY])
        return self.members

    def log(self, stat: str, *members: int) -> None:
        for user in members:
            for statement in LOGGED:
                self.owner.execute(statement, {"user": user, "day": MONDAY, "stat": stat})

    def tick(self, challenge: str, *members: int, day: date = MONDAY, status: str = "awarded") -> None:
        for user in members:
            self.owner.execute(TICKED, [user, challenge, status, day])

    def hide(self, user: int) -> None:
        self.owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user])


@pytest.fixture
def server(owner: Connection) -> Server:
    owner.execute("UPDATE factions SET members = 0, hidden = 0")
    return Server(owner)


@pytest.fixture
def relay(as_role: Enter) -> Connection:
    return as_role("app_outbox")


def made(relay: Connection) -> Report:
    """The report, with the first of those that nobody did."""
    return reports.make(relay, MONDAY, ZONE, lambda keys, listed: keys[:listed])


# --- what counts ---


def test_members_are_counted_who_were_there_who_came_back_and_who_is_new(server: Server, relay: Connection):
    for _ in range(6):
        server.member(MONDAY, MONDAY - WEEK)
    for _ in range(5):
        server.member(MONDAY - WEEK)
    for _ in range(2):
        server.member(MONDAY, met=WITHIN)
    report = made(relay)
    assert (report.active, report.active_before, report.kept, report.newcomers) == (8, 11, 6, 2)


def test_who_hides_is_in_no_figure(server: Server, relay: Connection):
    everybody = [server.member(MONDAY, MONDAY - WEEK, met=WITHIN) for _ in range(6)]
    server.log("approaches", *everybody)
    server.tick(FIRST, *everybody)
    before = made(relay)
    hidden = server.member(met=WITHIN)
    server.hide(hidden)
    assert made(relay) == before
    server.owner.execute(EARNED, [hidden, MONDAY])
    server.log("grounding", hidden)
    server.tick(SECOND, hidden)
    assert made(relay) == before


def test_what_most_members_logged_is_named_and_what_few_did_is_not(server: Server, relay: Connection):
    everybody = [server.member(MONDAY) for _ in range(7)]
    server.log("approaches", *everybody)
    server.log("grounding", *everybody[:5])
    server.log("numbers", *everybody[:4])
    report = made(relay)
    assert report.logged == (Deed("approaches", 7), Deed("grounding", 5))
    assert len(report.unlogged) == 5
    assert "numbers" not in report.unlogged
    assert "sbmm_meditation" in report.unlogged


def test_private_categories_are_in_no_figure_and_in_no_list(server: Server, relay: Connection):
    everybody = [server.member(MONDAY) for _ in range(6)]
    server.log("dates_had", *everybody)
    for user in everybody:
        server.owner.execute("INSERT INTO shown_categories VALUES (%s, 'dating')", [user])
    report = made(relay)
    assert "dates_had" not in {*(each.key for each in report.logged), *report.unlogged}


def test_ticks_count_that_are_live_and_the_week_has_its_own(server: Server, relay: Connection):
    everybody = [server.member(MONDAY) for _ in range(6)]
    server.tick(FIRST, *everybody)
    server.tick(SECOND, *everybody[:4])
    server.tick(SECOND, everybody[4], status="reversed")
    before = made(relay)
    assert before.ticked == (Deed(FIRST, 6),)
    assert (before.unticked, before.unticked_one) == (301, THIRD)
    server.tick(SECOND, everybody[5], day=MONDAY - DAY)
    server.tick(THIRD, everybody[5], status="reversed")
    after = made(relay)
    assert after.ticked == (Deed(FIRST, 6),), "the week has four still"
    assert after.unticked == 301


def test_what_came_after_the_week_is_not_in_it(server: Server, relay: Connection):
    everybody = [server.member(MONDAY) for _ in range(6)]
    before = made(relay)
    server.tick(FIRST, *everybody, day=MONDAY + WEEK)
    server.member(MONDAY + WEEK, met=WITHIN + WEEK)
    after = made(relay)
    assert (after.active, after.newcomers, after.unticked) == (before.active, before.newcomers, before.unticked)


def test_outages_that_ended_in_the_week_are_added_up(server: Server, relay: Connection):
    for nth in range(2):
        ended = WITHIN + nth * DAY
        began = ended - timedelta(minutes=7)
        server.owner.execute("INSERT INTO outages (began, ended, probes) VALUES (%s, %s, '{main}')", [began, ended])
    report = made(relay)
    assert (report.outages, report.outage_seconds) == (2, 840)


# --- when, and once ---


@pytest.fixture
def clock(owner: Connection) -> Iterator[Clock]:
    clock = Clock(owner)
    yield clock
    clock.remove()


@pytest.fixture
def sender(clock: Clock, as_role: Enter) -> Connection:
    del clock
    conn = as_role("app_outbox")
    conn.execute("SET search_path = clock, pg_catalog, public, pg_temp")
    return conn


def berlin(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour - 1, tzinfo=UTC)


class Channel:
    def __init__(self) -> None:
        self.posted: list[Leaders] = []
        self.fails = False

    def post(self, leaders: Leaders) -> None:
        if self.fails:
            raise Unavailable("the queue is down")
        self.posted.append(leaders)


def send(sender: Connection, channel: Channel) -> bool:
    return reports.send(sender, ZONE, channel.post, Deadline.after(120))


def test_it_is_sent_on_monday_evening_once_and_stays_as_it_was(server: Server, sender: Connection, clock: Clock):
    everybody = [server.member(MONDAY) for _ in range(6)]
    server.tick(FIRST, *everybody)
    channel = Channel()
    clock.set(berlin(MONDAY + WEEK, 17))
    assert not send(sender, channel)
    clock.set(berlin(MONDAY + WEEK, 18))
    assert send(sender, channel)
    clock.advance(hours=20)
    assert not send(sender, channel)
    server.hide(everybody[0])
    shown = reports.read_for_operator(sender, ZONE)
    assert shown.report == channel.posted[0].report, "who hides later cannot be found out by looking twice"
    assert shown.report
    assert (shown.report.active, shown.report.ticked) == (6, (Deed(FIRST, 6),))
    assert len(channel.posted) == 1


def test_a_game_that_was_down_on_monday_sends_it_until_saturday(server: Server, sender: Connection, clock: Clock):
    server.member(MONDAY)
    channel = Channel()
    clock.set(berlin(MONDAY + WEEK + 6 * DAY, 12))
    assert not send(sender, channel)
    clock.set(berlin(MONDAY + WEEK + 5 * DAY, 12))
    assert send(sender, channel)


def test_what_could_not_be_sent_is_sent_later(server: Server, sender: Connection, clock: Clock):
    server.member(MONDAY)
    channel = Channel()
    channel.fails = True
    clock.set(berlin(MONDAY + WEEK, 18))
    with pytest.raises(Unavailable):
        send(sender, channel)
    channel.fails = False
    assert send(sender, channel)


def test_nothing_is_sent_where_nobody_was_there_for_two_weeks(server: Server, sender: Connection, clock: Clock):
    server.member()
    clock.set(berlin(MONDAY + WEEK, 18))
    assert not send(sender, Channel())
    server.owner.execute(EARNED, [1, MONDAY - WEEK])
    assert send(sender, Channel()), "the first quiet week is told"


# --- what it costs ---


@pytest.mark.prove
def test_each_figure_is_read_along_an_index_however_many_members_there_are(server: Server, relay: Connection):
    server.owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone, created_at)"
        " SELECT n, 'Ann', 'UTC', '2026-01-05' FROM generate_series(1, 5000) AS n"
    )
    server.owner.execute(
        "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, created_at, due_at, resolved_at)"
        " SELECT n, 'c' || c, 100, 'awarded', '2026-11-24', now(), now(), now()"
        " FROM generate_series(1, 5000) AS n CROSS JOIN generate_series(1, 5) AS c"
    )
    server.owner.execute("ANALYZE users, pending_xp_awards, xp_totals")
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + table.TICKED
    found = relay.execute(explain, {"week": MONDAY, "most": table.MOST}).fetchone()
    assert found
    (scan,) = [each for each in nodes(found[0][0]["Plan"]) if each.get("Relation Name") == "pending_xp_awards"]
    assert scan["Index Name"] == "pending_xp_awards_pkey"
    assert scan["Actual Rows"] <= table.MOST


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
