"""First contact, names and scorecards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from psycopg import errors

from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.standings import actions as standings
from mastermind.game.standings import table as standings_table
from mastermind.game.standings.actions import Scorecard
from tests.actors import by
from tests.connections import enter, refused

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
CATALOGUE = catalogues.load()


@pytest.fixture
def main(as_role: Enter) -> Connection:
    return as_role("app_main")


def test_who_looks_at_their_card_first_is_met_by_it(main: Connection):
    assert standings_table.scorecard(main, 7).fetchone() is None
    nobody, own = standings.read_scorecards(main, by(Member(7, "Ann"), time_zone=ZONE), 8, 7, catalogue=CATALOGUE)
    assert nobody is None
    assert own == Scorecard(7, "Ann", xp=0, level=1, rank=1, challenges_done=0, faction="Luminarchs")


def test_a_card_shows_the_name_of_today(main: Connection):
    standings.read_scorecards(main, by(Member(7, "Ann"), time_zone=ZONE), catalogue=CATALOGUE)
    (card,) = standings.read_scorecards(main, by(Member(7, "Anna"), time_zone=ZONE), 7, catalogue=CATALOGUE)
    assert card
    assert card.display_name == "Anna"


def test_a_member_below_zero_shows_none_and_stands_with_those_who_have_none(main: Connection):
    for user_id in (1, 2):
        standings.read_scorecards(main, by(Member(user_id, "x"), time_zone=ZONE), catalogue=CATALOGUE)
    main.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (1, -30, 'adjustment', 'admin', '1', '2026-08-01')"
    )
    card = standings_table.scorecard(main, 1).fetchone()
    assert card
    assert (card.xp, card.level, card.rank) == (0, 1, 1)


def test_hidden_members_see_their_rank_and_are_counted_by_nobody(main: Connection):
    for user_id, xp in ((1, 300), (2, 250), (3, 220)):
        standings.read_scorecards(main, by(Member(user_id, "x"), time_zone=ZONE), catalogue=CATALOGUE)
        main.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " VALUES (%s, %s, 'adjustment', 'admin', %s, '2026-08-01')",
            [user_id, xp, str(user_id)],
        )
    main.execute("UPDATE users SET hidden = true WHERE user_id = 2")
    cards = [standings_table.scorecard(main, user_id).fetchone() for user_id in (1, 2, 3)]
    assert [card and (card.rank, card.hidden) for card in cards] == [(1, False), (2, True), (2, False)]


def test_members_are_placed_into_the_smaller_faction_however_many_come_at_once(database: Postgres, owner: Connection):
    def meet(user_id: int) -> None:
        with closing(enter(database.url("app_tensey"))) as conn:
            challenges.read(conn, by(Member(user_id, "x"), time_zone=ZONE))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(meet, range(1, 42)))
    placed = "SELECT faction, count(*) FROM users GROUP BY faction ORDER BY faction"
    assert owner.execute(placed).fetchall() == [("Luminarchs", 21), ("Noctivores", 20)]
    assert owner.execute("SELECT name, members FROM factions ORDER BY name").fetchall() == [
        ("Luminarchs", 21),
        ("Noctivores", 20),
    ]


def test_a_faction_shrinks_when_a_member_is_gone(main: Connection, owner: Connection):
    for user_id in (1, 2):
        standings.read_scorecards(main, by(Member(user_id, "x"), time_zone=ZONE), catalogue=CATALOGUE)
    owner.execute("DELETE FROM users WHERE user_id = 1")
    assert owner.execute("SELECT members FROM factions ORDER BY name").fetchall() == [(0,), (1,)]


def test_an_error_leaves_the_connection_fit_for_the_next_action(main: Connection):
    with refused(errors.CheckViolation):
        challenges.read(main, by(Member(-1, "nobody"), time_zone=ZONE))
    assert challenges.read(main, by(Member(1, "Ann"), time_zone=ZONE)) == ()
