"""The leaderboard of challenges is what a naive recount says, whatever members do; a long one stays quick."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mastermind.actions import leaderboard
from mastermind.actions.leaderboard import LINES, Entry, Leaderboard, Member, Standing
from mastermind.db import standings
from mastermind.db.exchange import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from local.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
MANY = 200_000


@dataclass(frozen=True)
class Player:
    """A member as the recount knows them."""

    user_id: int
    done: int
    hidden: bool = False

    @property
    def name(self) -> str:
        return f"Member {self.user_id}"

    @property
    def member(self) -> Member:
        return Member(self.user_id, self.name)


counts = st.integers(0, 3) | st.integers(0, 303)
players = st.lists(
    st.builds(Player, st.integers(1, 2**62), counts, st.sampled_from([False, False, False, True])),
    min_size=1,
    max_size=45,
    unique_by=lambda player: player.user_id,
)


@pytest.fixture
def tensey(as_role: Enter) -> Connection:
    return as_role("app_tensey")


def enter(owner: Connection, these: Sequence[Player]) -> None:
    """These and nobody else; the triggers keep the rank buckets."""
    owner.execute("DELETE FROM users")
    with owner.transaction(), owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO users (user_id, display_name, time_zone, hidden, social_freedom_exercises_tenseys)"
            " VALUES (%s, %s, 'UTC', %s, %s)",
            [(one.user_id, one.name, one.hidden, one.done) for one in these],
        )


def change(owner: Connection, these: Sequence[Player]) -> None:
    with owner.transaction(), owner.cursor() as cursor:
        cursor.executemany(
            "UPDATE users SET hidden = %s, social_freedom_exercises_tenseys = %s WHERE user_id = %s",
            [(one.hidden, one.done, one.user_id) for one in these],
        )


# --- the naive recount ---


def rank(these: Sequence[Player], done: int) -> int:
    return 1 + sum(one.done > done and not one.hidden for one in these)


def board(these: Sequence[Player]) -> list[Entry]:
    listed = sorted((one for one in these if one.done and not one.hidden), key=lambda one: (-one.done, one.user_id))
    return [Entry(place, rank(these, one.done), one.user_id, one.name, one.done) for place, one in enumerate(listed, 1)]


def expected(these: Sequence[Player], looks: Player, page: int | None) -> Leaderboard:
    """The page without a database: count everyone, sort everyone, cut."""
    whole = board(these)
    pages = max(1, -(-len(whole) // LINES))
    if page is None:
        page = next((-(-entry.place // LINES) for entry in whole if entry.user_id == looks.user_id), 1)
    page = min(max(page, 1), pages)
    own = Standing(looks.user_id, looks.name, looks.done, looks.hidden, rank(these, looks.done), len(whole))
    return Leaderboard(tuple(whole[(page - 1) * LINES : page * LINES]), own)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(these=players, changes=st.randoms(use_true_random=False))
def test_pages_and_ranks_are_what_a_recount_says(
    owner: Connection, tensey: Connection, these: list[Player], changes: Random
):
    enter(owner, these)
    assert_same(tensey, these)
    again = [Player(one.user_id, changes.choice((0, 1, 2, one.done)), changes.random() < 0.3) for one in these]
    change(owner, again)
    assert_same(tensey, again)


def assert_same(tensey: Connection, these: Sequence[Player]) -> None:
    for looks in (these[0], these[-1]):
        for page in (None, *range(-1, 8), 10**30):
            found = leaderboard.read(tensey, looks.member, ZONE, page)
            assert found == expected(these, looks, page)
            assert found.pages == max(1, -(-len(board(these)) // LINES))
            assert found.page == 1 + (found.entries[0].place - 1 if found.entries else 0) // LINES


def test_the_own_page_holds_the_own_line_whoever_looks(owner: Connection, tensey: Connection):
    these = [Player(1000 - number, number % 4) for number in range(50)]
    enter(owner, these)
    for looks in these:
        found = leaderboard.read(tensey, looks.member, ZONE, None)
        assert found.shows_own == bool(looks.done) == found.own.is_listed


def test_a_look_is_a_first_contact_and_renews_the_name(owner: Connection, tensey: Connection):
    enter(owner, [Player(7, 3)])
    assert leaderboard.read(tensey, Member(8, "Newcomer"), ZONE).own == Standing(8, "Newcomer", 0, False, 2, 1)
    assert leaderboard.read(tensey, Member(7, "New name"), ZONE).entries == (Entry(1, 1, 7, "New name", 3),)


def test_what_is_asked_inside_a_snapshot_is_of_one_moment(owner: Connection, tensey: Connection):
    enter(owner, [Player(1, 1)])
    with snapshot(tensey):
        before = standings.standing(tensey, 1).fetchone()
        change(owner, [Player(1, 9)])
        assert standings.standing(tensey, 1).fetchone() == before
        assert [entry.done for entry in standings.page(tensey, 1, 0, LINES)] == [1]
    assert [entry.done for entry in standings.page(tensey, 1, 0, LINES)] == [9]


# --- a long board ---

CROWD: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden, social_freedom_exercises_tenseys, xp)
SELECT
    (number * 7919 %% %(many)s + 1) * 1000003, 'Member ' || number, 'UTC', number %% 50 = 0,
    floor(304 * power((number * 104729 %% %(many)s)::float / %(many)s, 3)), 0
FROM generate_series(1, %(many)s::bigint) AS number
"""
COUNT_CROWD: LiteralString = """
INSERT INTO rank_buckets (board, bucket, members)
SELECT 'tensey', social_freedom_exercises_tenseys, count(*) FROM users WHERE NOT hidden GROUP BY 2
"""
# The board as a plain sort of everyone has it, and a rank as a plain count has it.
LISTED: LiteralString = """
SELECT user_id FROM users WHERE NOT hidden AND social_freedom_exercises_tenseys > 0
ORDER BY social_freedom_exercises_tenseys DESC, user_id
"""
RANK: LiteralString = """
SELECT 1 + count(*) FROM users AS me JOIN users AS rivals
ON NOT rivals.hidden AND rivals.social_freedom_exercises_tenseys > me.social_freedom_exercises_tenseys
WHERE me.user_id = %s
"""


@pytest.fixture
def crowd(database: Postgres) -> Iterator[Connection]:
    """A superuser among 200 000 members, who leave nothing behind; without triggers, which would take minutes."""
    with closing(database.as_superuser()) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(CROWD, {"many": MANY})
        conn.execute(COUNT_CROWD)
        conn.execute("VACUUM ANALYZE users, rank_buckets")
        yield conn
        conn.execute("TRUNCATE users CASCADE")
        conn.execute("VACUUM ANALYZE users, rank_buckets")


def test_no_page_of_a_long_board_reads_more_than_the_equals_before_it(crowd: Connection, tensey: Connection):
    (equals,) = only(crowd, "SELECT max(members) FROM rank_buckets WHERE board = 'tensey' AND bucket > 0")
    last = crowd.execute(LISTED).fetchall()[-1][0]
    for before in (0, MANY // 2, MANY // 4 * 3, 10 * MANY, None):
        scans = list(scans_of_users(plan(tensey, last, before)))
        assert {scan.get("Index Name") for scan in scans} <= {"users_listed_by_tenseys", "users_pkey"}
        assert sum(map(rows_read, scans)) <= 2 * equals + 2 * LINES + 1


def test_a_long_board_is_exact_too(crowd: Connection, tensey: Connection):
    listed = [user_id for (user_id,) in crowd.execute(LISTED).fetchall()]
    pages = -(-len(listed) // LINES)
    for page in (1, 2, pages // 3, pages // 2, pages - 1, pages):
        found = leaderboard.read(tensey, Member(listed[-1], "Me"), ZONE, page)
        places = range((page - 1) * LINES, min(page * LINES, len(listed)))
        assert [entry.user_id for entry in found.entries] == [listed[place] for place in places]
        assert [entry.place - 1 for entry in found.entries] == list(places)
    for looks in (listed[0], listed[len(listed) // 2], listed[-1]):
        found = leaderboard.read(tensey, Member(looks, "Me"), ZONE, None)
        assert found.shows_own
        assert (found.own.rank,) == only(crowd, RANK, looks)


def only(conn: Connection, query: LiteralString, *values: object) -> tuple[Any, ...]:
    row = conn.execute(query, values).fetchone()
    assert row
    return row


def plan(conn: Connection, user_id: int, before: int | None) -> dict[str, Any]:
    """How PostgreSQL really reads a page, as the function's own role."""
    values = {"user_id": user_id, "before": before, "size": LINES}
    explained = conn.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + standings.PAGE, values).fetchone()
    return cast("Any", explained)[0][0]["Plan"]


def scans_of_users(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("Relation Name") == "users":
        yield node
    for child in node.get("Plans", []):
        yield from scans_of_users(child)


def rows_read(scan: dict[str, Any]) -> float:
    return (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"]
