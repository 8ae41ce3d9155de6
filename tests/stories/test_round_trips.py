"""How often an action waits for PostgreSQL: counted in the trace of the protocol."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from mastermind.deadline import Deadline
from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.days import actions as stats
from mastermind.game.exports import actions as exports
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.pace import Charge, Limit, Pace
from mastermind.game.members.rules import Actor
from mastermind.game.privacy import actions as privacy
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.game.standings import actions as standings
from mastermind.game.standings.rules import Board, Reach
from mastermind.game.today import actions as today
from mastermind.operations.health import report as health_report
from tests.actors import by
from tests.connections import Entered, enter
from tests.round_trips import waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from devkit.postgres import Postgres

    type Count = Callable[[str, Callable[[Entered], object]], int]

ZONE = "America/New_York"
ANN = Actor(1, "Ann", 1, ZONE, Charge(Pace.OTHER, Limit(1000, 1, 1000)))
"""A member who is charged for what they do, as all are whom Discord names."""
CATALOGUE = catalogues.load()


@pytest.fixture
def round_trips(database: Postgres, tmp_path: Path) -> Count:
    """Counts the waits of an action that a role does."""

    def count(role: str, action: Callable[[Entered], object]) -> int:
        trace = tmp_path / "trace"
        with (
            trace.open("w") as file,
            closing(enter(database.url(role))) as conn,
        ):
            conn.pgconn.trace(file.fileno())
            action(conn)
            conn.pgconn.untrace()
        return waits(trace.read_text())

    return count


def tick(conn: Entered, interaction_id: int = 1, delay: int = 0) -> challenges.Ticked:
    return challenges.tick(conn, by(ANN, interaction_id, ZONE), "a", delay=delay)


def test_a_tick_is_one_round_trip_at_first_contact_and_ever_after(round_trips: Count):
    assert round_trips("app_tensey", tick) == 1
    assert round_trips("app_tensey", lambda conn: tick(conn, 2)) == 1


def test_noting_that_it_was_sent_is_one_more(round_trips: Count, database: Postgres):
    award_id = ticked(database)
    assert round_trips("app_tensey", lambda conn: challenges.note_sent(conn, award_id)) == 1


def test_an_undo_is_one_round_trip_before_and_after_the_award(round_trips: Count, database: Postgres):
    award_id = ticked(database)
    assert round_trips("app_award", lambda conn: challenges.apply(conn, award_id)) == 1
    assert round_trips("app_tensey", lambda conn: challenges.undo(conn, by(ANN, 9), award_id)) == 1
    assert round_trips("app_tensey", lambda conn: challenges.undo(conn, by(ANN, 10), award_id)) == 1


def test_ten_awards_are_one_round_trip(round_trips: Count, database: Postgres):
    award_ids = [ticked(database, number) for number in range(1, 11)]
    assert round_trips("app_award", lambda conn: challenges.apply_all(conn, award_ids)) == 1


def test_a_page_is_one_round_trip(round_trips: Count):
    assert round_trips("app_tensey", lambda conn: challenges.read(conn, by(ANN, time_zone=ZONE))) == 1


@pytest.mark.parametrize("before", [0, 10**6, None])
@pytest.mark.parametrize("board", [Board("xp"), Board("tensey", Reach.WEEK), Board("approaches", Reach.MONTH)], ids=str)
def test_a_page_of_a_leaderboard_is_one_round_trip_with_ones_own_place(
    round_trips: Count, board: Board, before: int | None
):
    assert round_trips("app_main", lambda conn: standings.read_board(conn, by(ANN, time_zone=ZONE), board, before)) == 1


@pytest.mark.parametrize("wanted", [(1,), (2,), (1, 2)], ids=str)
def test_a_scorecard_is_one_round_trip_and_so_are_two_of_them(round_trips: Count, wanted: tuple[int, ...]):
    look = partial(standings.read_scorecards, catalogue=CATALOGUE)
    assert round_trips("app_main", lambda conn: look(conn, by(ANN, time_zone=ZONE), *wanted)) == 1


def test_the_health_report_is_one_round_trip(round_trips: Count):
    assert round_trips("app_main", health_report.read) == 1


def test_a_sweep_is_two_round_trips_and_two_more_for_each_award(round_trips: Count, database: Postgres):
    """Read, read no more; and to skip who is busy it must know whether it has the lock before it goes on."""

    def sweep(conn: Entered) -> None:
        challenges.sweep(conn, Deadline.after(60))

    assert round_trips("app_award", sweep) == 1
    ticked(database)
    assert round_trips("app_award", sweep) == 2 + 2


def ticked(database: Postgres, number: int = 1) -> UUID:
    with closing(enter(database.url("app_tensey"))) as conn:
        return challenges.tick(conn, by(ANN, number, ZONE), f"c{number}", delay=0).award_id


# --- what members log ---


def submit(conn: Entered, number: int, **added: int) -> stats.Submitted:
    return stats.submit(conn, by(ANN, number, ZONE), "today", added, catalogue=CATALOGUE)


def test_looking_at_a_day_at_ones_days_and_at_the_ledger_is_one_round_trip_each(round_trips: Count):
    assert round_trips("app_main", lambda conn: stats.card(conn, by(ANN, time_zone=ZONE), "today")) == 1
    assert round_trips("app_main", lambda conn: stats.days(conn, by(ANN, time_zone=ZONE))) == 1
    assert round_trips("app_main", lambda conn: ledger.read(conn, by(ANN, time_zone=ZONE), 7)) == 1


def test_today_is_one_round_trip_to_look_at_and_for_its_challenge_and_two_for_one_more(round_trips: Count):
    def log(conn: Entered) -> None:
        day = stats.today(conn, by(ANN, time_zone=ZONE))
        today.log(conn, by(ANN, 1, ZONE), day, "approaches", catalogue=CATALOGUE)

    assert round_trips("app_main", lambda conn: today.read(conn, by(ANN, time_zone=ZONE))) == 1
    assert round_trips("app_main", lambda conn: today.do(conn, by(ANN, 2, ZONE), "a")) == 1
    assert round_trips("app_main", lambda conn: today.undo(conn, by(ANN, 3, ZONE), UUID(int=0))) == 1
    assert round_trips("app_main", log) == 1 + 2


# --- raids ---


def start_raid(conn: Entered, number: int = 1) -> raids.Started:
    return raids.start(conn, by(ANN, number, ZONE), RaidType.WARRIOR, minutes=60, target=1000, tick_points=15)


def test_looking_at_a_raid_is_one_round_trip_and_a_tick_in_it_none_more(round_trips: Count):
    round_trips("app_main", start_raid)
    assert round_trips("app_main", lambda conn: raids.read(conn, by(ANN, time_zone=ZONE), None)) == 1
    assert round_trips("app_tensey", lambda conn: tick(conn, 2)) == 1
    assert round_trips("app_main", lambda conn: submit(conn, 3, approaches=1)) == 2


def test_a_sweep_of_raids_is_three_round_trips_when_there_is_nothing_to_do(round_trips: Count):
    assert round_trips("app_award", lambda conn: raids.sweep(conn, Deadline.after(60))) == 3


# --- people ---


def test_an_export_of_every_table_is_two_round_trips_and_a_deletion_one(round_trips: Count):
    for _ in range(2):
        assert round_trips("app_main", lambda conn: exports.export(conn, by(ANN, 1, ZONE))) == 2
    for _ in range(2):
        assert round_trips("app_main", lambda conn: privacy.delete(conn, by(ANN, 2))) == 1
