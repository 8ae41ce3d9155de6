"""Each leaderboard is what a naive recount says, whatever members do; a long one stays quick."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, LiteralString, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.postgres import SUPERUSER
from mastermind.game.levels.rules import level_of
from mastermind.game.members.rules import Member
from mastermind.game.standings import actions as standings
from mastermind.game.standings import table as boards
from mastermind.game.standings.actions import LINES, BoardLine, Leaderboard, Standing
from mastermind.game.standings.rules import TENSEY, XP, Board, Reach
from mastermind.postgres.exchange import snapshot
from tests.actors import by
from tests.award.game import BROKEN, CLEAN, MISCOUNTED
from tests.connections import enter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
MANY = 200_000
STAT = "approaches"
BOARDS = [Board(key, reach) for key in (XP, TENSEY, STAT) for reach in Reach]
TODAY: LiteralString = "SELECT local_day(now(), %s)"


@dataclass(frozen=True)
class Change:
    """One change of what is counted: XP in the ledger, by an award of a challenge or not, or a stat."""

    what: str  # "award", "correction" or "stat"
    user_id: int
    amount: int
    days_ago: int


@dataclass(frozen=True)
class History:
    """What happened among so many members; those in `hid` hid before it, those in `hides` after it.

    Those in `forgot` removed everything they had logged, after it.
    """

    members: int
    changes: tuple[Change, ...]
    hid: frozenset[int] = frozenset()
    hides: frozenset[int] = frozenset()
    forgot: frozenset[int] = frozenset()
    today: date = field(default_factory=date.today)

    @property
    def ids(self) -> list[int]:
        return [number * APART for number in range(1, self.members + 1)]

    def name(self, user_id: int) -> str:
        return f"Member {user_id}"

    def member(self, user_id: int) -> Member:
        return Member(user_id, self.name(user_id))


EVERYONE = 23
APART = 12_345_678_901_234_567
"""Between one member's id and the next one's: as far from small numbers as Discord's ids are."""

ids = st.integers(1, EVERYONE).map(lambda number: number * APART)
days_ago = st.sampled_from([0, 0, 1, 3, 6, 7, 20, 31, 400, -1])
xp = st.sampled_from([100, 100, 100, 200, 250, 99, 1, 0, -100, -1]) | st.integers(-500, 30_000)
changes = st.one_of(
    st.builds(Change, st.just("award"), ids, st.just(100), days_ago),
    st.builds(Change, st.just("correction"), ids, xp, days_ago),
    st.builds(Change, st.just("stat"), ids, st.integers(1, 5), days_ago),
)
histories = st.builds(
    History,
    st.sampled_from([1, EVERYONE]),
    st.lists(changes, max_size=60).map(tuple),
    st.frozensets(ids, max_size=5),
    st.frozensets(ids, max_size=5),
    st.frozensets(ids, max_size=5),
)


@pytest.fixture
def main(as_role: Enter) -> Connection:
    return as_role("app_main")


# --- a history, by the ways that the game has ---

MEMBERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden)
SELECT number, 'Member ' || number, 'UTC', number = ANY(%s) FROM unnest(%s::bigint[]) AS number
"""
BOOK: LiteralString = """
INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (%s, %s, %s, %s, gen_random_uuid()::text, %s)
"""
OPEN_DAY: LiteralString = """
INSERT INTO booked_days (user_id, day, streak_share) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING
"""
LOG: LiteralString = """
INSERT INTO daily_records AS kept (user_id, day, stat, count, logged_late, xp, warrior, mage)
VALUES (%s, %s, %s, %s, false, 0, 0, 0)
ON CONFLICT (user_id, day, stat) DO UPDATE SET count = kept.count + EXCLUDED.count
"""


def happen(owner: Connection, history: History) -> History:
    """Make it so, and nothing else; gives it as it really was, today and without those who do not exist."""
    owner.run_script(CLEAN)
    owner.execute(MEMBERS, [list(history.hid), history.ids])
    known = tuple(change for change in history.changes if change.user_id in history.ids)
    (today,) = only(owner, TODAY, ZONE)
    with owner.transaction():
        for change in known:
            _happen(owner, change, today - timedelta(days=change.days_ago))
    owner.execute("UPDATE users SET hidden = (user_id = ANY(%s))", [list(history.hides)])
    owner.execute("DELETE FROM booked_days WHERE user_id = ANY(%s)", [list(history.forgot)])
    left = tuple(change for change in known if change.what != "stat" or change.user_id not in history.forgot)
    return replace(history, changes=left, today=today)


def _happen(owner: Connection, change: Change, day: date) -> None:
    if change.what == "stat":
        owner.execute(OPEN_DAY, [change.user_id, day])
        owner.execute(LOG, [change.user_id, day, STAT, change.amount])
    elif change.what == "award":
        owner.execute(BOOK, [change.user_id, change.amount, "award", "tensey", day])
    else:
        owner.execute(BOOK, [change.user_id, change.amount, "adjustment", "admin", day])


# --- the naive recount ---


def span(reach: Reach, today: date) -> tuple[date, date] | None:
    """The first and the last day; None for all time."""
    if reach is Reach.WEEK:
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=6)
    if reach is Reach.MONTH:
        first = today.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return None


def totals(history: History, board: Board) -> Mapping[int, int]:
    """What each member has on the board, nothing being the least."""
    counted: Counter[int] = Counter()
    days = span(board.reach, history.today)
    for change in history.changes:
        day = history.today - timedelta(days=change.days_ago)
        if days is None or days[0] <= day <= days[1]:
            counted[change.user_id] += _worth(change, board.key)
    return {user_id: max(counted[user_id], 0) for user_id in history.ids}


def _worth(change: Change, key: str) -> int:
    if key == XP:
        return 0 if change.what == "stat" else change.amount
    if key == TENSEY:
        return int(change.what == "award")
    return change.amount if change.what == "stat" else 0


def expected(history: History, board: Board, looks: int, before: int | None) -> Leaderboard:
    """The lines without a database: count everyone, sort everyone, cut."""
    every = totals(history, board)
    listed = sorted(
        (user_id for user_id, total in every.items() if total and user_id not in history.hides),
        key=lambda user_id: (-every[user_id], user_id),
    )

    def rank(total: int) -> int:
        return 1 + sum(every[other] > total for other in listed)

    xp = totals(history, Board(XP))
    lines = [
        BoardLine(
            place, rank(every[user_id]), user_id, history.name(user_id), every[user_id], level=level_of(xp[user_id])
        )
        for place, user_id in enumerate(listed, 1)
    ]
    if before is None:
        ahead = next((line.place - 1 for line in lines if line.user_id == looks), 0)
        before = max(min(ahead - boards.AHEAD, len(lines) - LINES), 0)
    elif before >= len(lines):
        before = max(len(lines) - 1, 0) // LINES * LINES
    days = span(board.reach, history.today) or (None, None)
    own = Standing(
        looks, history.name(looks), every[looks], looks in history.hides, rank(every[looks]), len(lines), *days
    )
    return Leaderboard(tuple(lines[before : before + LINES]), own)


@pytest.mark.prove
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, chance=st.randoms(use_true_random=False))
def test_every_line_and_rank_of_every_board_is_what_a_recount_says(
    owner: Connection, main: Connection, history: History, chance: Random
):
    history = happen(owner, history)
    looks = chance.choice(history.ids)
    for board in BOARDS:
        for before in (None, *range(0, 40, 3), 10**18):
            found = standings.read_board(main, by(history.member(looks), time_zone=ZONE), board, before)
            assert found == expected(history, board, looks, before)
            assert found.shows_own == any(entry.user_id == looks for entry in found.lines)


def test_the_lines_around_somebody_hold_their_own_for_everybody(owner: Connection, main: Connection):
    history = happen(
        owner, History(EVERYONE, tuple(Change("award", n * APART, 100, 0) for n in range(1, 20) for _ in range(n % 3)))
    )
    for looks in history.ids:
        for board in BOARDS:
            found = standings.read_board(main, by(history.member(looks), time_zone=ZONE), board, None)
            assert found.shows_own == found.own.is_listed == bool(totals(history, board)[looks])


def test_the_counters_behind_the_boards_are_what_a_recount_says(owner: Connection):
    """Hidden, shown, forgotten, below zero and back: then counters and factions are those of who is left."""
    first, second, third, *rest = History(EVERYONE, ()).ids
    gone = [second, *rest[-3:]]
    happen(owner, History(EVERYONE, tuple(Change("correction", n * APART, (n - 3) * 70, n) for n in range(1, 22))))
    owner.execute("UPDATE users SET hidden = NOT hidden WHERE user_id <= %s", [rest[5]])
    _happen(owner, Change("correction", first, 900, 0), date(2026, 1, 1))
    owner.execute("UPDATE users SET hidden = false WHERE user_id <= %s", [third])
    owner.execute("DELETE FROM xp_ledger WHERE user_id = ANY(%s)", [gone])
    owner.execute("DELETE FROM xp_totals WHERE user_id = ANY(%s)", [gone])
    owner.execute("DELETE FROM users WHERE user_id = ANY(%s)", [gone])
    broken = [what for what, _ in owner.execute(BROKEN) if not what.startswith("I")]
    assert broken == []


totals_of_lines = st.integers(1, 40) | st.integers(1, 10**7) | st.sampled_from([2**32 - 1, 2**32, 2**40])
ids_of_lines = st.integers(1, 2**63 - 1) | st.integers(1, 10**6)


@given(lines=st.lists(st.tuples(totals_of_lines, ids_of_lines), min_size=2, max_size=40, unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_the_leaves_is_the_order_of_the_board(owner: Connection, lines: list[tuple[int, int]]):
    in_order = sorted(lines, key=lambda line: (-line[0], line[1]))
    (leaves,) = only(
        owner,
        "SELECT array_agg(board_leaf(total, user_id) ORDER BY nth)"
        " FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS of (total, user_id, nth)",
        [total for total, _ in in_order],
        [user_id for _, user_id in in_order],
    )
    assert leaves == sorted(leaves, reverse=True)
    assert {leaf >> 21 for leaf in leaves} == {1}


def test_a_member_may_be_off_one_board_and_on_the_others(owner: Connection, main: Connection):
    """The flag outlives the week: it also holds for a period that the member has nothing in yet."""
    first, second, *_ = History(EVERYONE, ()).ids
    happen(owner, History(2, (Change("award", first, 100, 400), Change("award", second, 100, 400))))
    owner.execute("INSERT INTO private_stats (stat, category) VALUES ('tensey', 'challenges')")
    owner.execute("INSERT INTO shown_categories (user_id, category) VALUES (%s, 'challenges')", [second])
    (today,) = only(owner, TODAY, ZONE)
    _happen(owner, Change("award", first, 100, 0), today)
    for reach in Reach:
        challenges = standings.read_board(main, by(Member(first, "Member"), time_zone=ZONE), Board(TENSEY, reach))
        assert first not in [line.user_id for line in challenges.lines]
        assert challenges.own.hidden
        assert not challenges.own.is_listed
        experience = standings.read_board(main, by(Member(first, "Member"), time_zone=ZONE), Board(XP, reach))
        assert first in [line.user_id for line in experience.lines]
        assert not experience.own.hidden
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [first])
    owner.execute("UPDATE users SET hidden = false WHERE user_id = %s", [first])
    challenges = standings.read_board(main, by(Member(first, "Member"), time_zone=ZONE), Board(TENSEY))
    assert [line.user_id for line in challenges.lines] == [second]
    owner.execute("DELETE FROM private_stats WHERE stat = 'tensey'")
    challenges = standings.read_board(main, by(Member(first, "Member"), time_zone=ZONE), Board(TENSEY))
    assert [line.user_id for line in challenges.lines] == [first, second]
    assert owner.execute(MISCOUNTED).fetchall() == []


def test_nobody_waits_at_the_counters_and_the_sums_are_right(owner: Connection, database: Postgres):
    """One has counted and not committed; others of the same totals go on, and what is rolled back counts nothing."""
    happen(owner, History(3, ()))
    first, second, third = History(3, ()).ids
    (today,) = only(owner, TODAY, ZONE)
    with closing(enter(database.owner_url, "-c lock_timeout=30s")) as other:
        other.execute("BEGIN")
        _happen(other, Change("award", first, 100, 0), today)
        _happen(owner, Change("award", second, 100, 0), today)
        other.execute("COMMIT")
        other.execute("BEGIN")
        _happen(other, Change("award", first, 100, 0), today)
        _happen(owner, Change("award", third, 100, 0), today)
        other.rollback()
    assert owner.execute(MISCOUNTED).fetchall() == []
    assert owner.execute("SELECT members_listed('all', 'xp')").fetchall() == [(3,)]


def test_a_look_is_a_first_contact_and_renews_the_name(owner: Connection, main: Connection):
    happen(owner, History(1, (Change("award", APART, 100, 0),) * 3))
    board = Board(TENSEY)
    found = standings.read_board(main, by(Member(8, "Newcomer"), time_zone=ZONE), board)
    assert found.own == Standing(8, "Newcomer", 0, hidden=False, rank=2, members=1)
    assert standings.read_board(main, by(Member(APART, "New name"), time_zone=ZONE), board).lines == (
        BoardLine(1, 1, APART, "New name", 3),
    )


def test_what_is_asked_inside_a_snapshot_is_of_one_moment(owner: Connection, main: Connection):
    happen(owner, History(1, (Change("award", APART, 100, 0),)))
    board = Board(TENSEY, Reach.WEEK)

    def lines() -> Sequence[int]:
        return [entry.total for entry in boards.page(main, board, ZONE, APART, before=0, size=LINES)]

    (today,) = only(owner, TODAY, ZONE)
    with snapshot(main):
        before = boards.standing(main, board, ZONE, APART).fetchone()
        _happen(owner, Change("award", APART, 100, 0), today)
        assert boards.standing(main, board, ZONE, APART).fetchone() == before
        assert lines() == [1]
    assert lines() == [2]


def test_the_week_turns_with_the_deployments_midnight(main: Connection):
    """The Monday and the Sunday of this moment where the deployment stands, whatever zone the server has."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", ZONE):
        (today,) = only(main, TODAY, zone)
        for reach in Reach:
            row = only(main, "SELECT first_day, last_day, period FROM period_now(%s, %s)", reach, zone)
            assert row[:2] == (span(reach, today) or (None, None))
            year, week, _ = today.isocalendar()
            assert row[2] == {"week": f"{year}-W{week:02}", "month": f"{today:%Y-%m}", "all": "all"}[reach]


# --- a long board ---

CROWD: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, hidden, social_freedom_exercises_tenseys)
SELECT
    (number * 7919 %% %(many)s + 1) * 7000000000000, 'Member ' || number, 'UTC', number %% 50 = 0,
    floor(304 * power((number * 104729 %% %(many)s)::float / %(many)s, 3))
FROM generate_series(1, %(many)s::bigint) AS number
"""
# Challenges of all time, and as many XP this week: in steps of 10, so that several totals share a leaf.
CROWD_TOTALS: LiteralString = """
INSERT INTO xp_totals (period, board, user_id, total, hidden)
SELECT 'all', 'tensey', user_id, social_freedom_exercises_tenseys, hidden FROM users
WHERE social_freedom_exercises_tenseys > 0
UNION ALL
SELECT period, 'xp', user_id, social_freedom_exercises_tenseys * 10, hidden FROM users, period_now('week', %s)
WHERE social_freedom_exercises_tenseys > 0
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
READ_AT_MOST = 150  # blocks of 8 kB
LONG_BOARDS = [Board(TENSEY), Board(XP, Reach.WEEK)]


@pytest.fixture
def crowd(database: Postgres) -> Iterator[Connection]:
    """A superuser among 200 000 members, who leave nothing behind; their rows without triggers."""
    with closing(enter(database.url(SUPERUSER))) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(CROWD, {"many": MANY})
        conn.execute("RESET session_replication_role")
        conn.execute(CROWD_TOTALS, [ZONE])
        conn.execute("VACUUM ANALYZE users, xp_totals, board_counts")
        yield conn
        conn.execute("TRUNCATE users CASCADE")
        conn.execute("VACUUM ANALYZE users, xp_totals, board_counts")


@pytest.mark.prove
def test_every_page_of_a_long_board_and_every_place_on_it_reads_little(crowd: Connection, main: Connection):
    listed = [user_id for (user_id,) in crowd.execute(LISTED).fetchall()]
    for board in LONG_BOARDS:
        for looks in (listed[0], listed[len(listed) // 2], listed[-1]):
            values = {"board": board.key, "reach": board.reach, "time_zone": ZONE, "user_id": looks, "size": LINES}
            assert blocks(main, boards.STANDING, values) <= READ_AT_MOST
            for before in (0, MANY // 2, MANY // 4 * 3, 10 * MANY, None):
                assert blocks(main, boards.PAGE, values | {"before": before, "ahead": boards.AHEAD}) <= READ_AT_MOST


@pytest.mark.prove
def test_a_long_board_is_exact_too(crowd: Connection, main: Connection):
    listed = [user_id for (user_id,) in crowd.execute(LISTED).fetchall()]
    for board in LONG_BOARDS:
        for before in (0, LINES, len(listed) // 3, len(listed) // 2, len(listed) - LINES - 1, len(listed) - 3):
            found = standings.read_board(main, by(Member(listed[-1], "Me"), time_zone=ZONE), board, before)
            places = range(before, min(before + LINES, len(listed)))
            assert [entry.user_id for entry in found.lines] == [listed[place] for place in places]
            assert [entry.place - 1 for entry in found.lines] == list(places)
            assert (found.lines[0].rank,) == only(crowd, RANK, found.lines[0].user_id)
        for looks in (listed[0], listed[len(listed) // 2], listed[-1]):
            found = standings.read_board(main, by(Member(looks, "Me"), time_zone=ZONE), board, None)
            assert found.shows_own
            assert (found.own.rank,) == only(crowd, RANK, looks)


def only(conn: Connection, query: LiteralString, *values: object) -> tuple[Any, ...]:
    row = conn.execute(query, values).fetchone()
    assert row
    return row


def blocks(conn: Connection, query: LiteralString, values: Mapping[str, object]) -> int:
    """How many blocks of 8 kB PostgreSQL touches, as the function's own role, once it knows the tables."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query
    conn.execute(explain, values)
    top = cast("Any", conn.execute(explain, values).fetchone())[0][0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"]
