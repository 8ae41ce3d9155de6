"""Ranks, totals and levels against a recount of everything, for whatever the ledger holds."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mastermind.game.levels.rules import level_of
from mastermind.game.standings import table as standings
from tests.award.game import CLEAN

if TYPE_CHECKING:
    from tests.conftest import Connection

type Entry = tuple[int, int, str, str, date]  # user_id, xp, source, kind, day

DAYS = st.integers(0, 800).map(lambda days: date(2023, 12, 1) + timedelta(days))  # over two turns of the year
XP = st.sampled_from([0, 1, 99, 100, 101, 499, 500, -100, -1]) | st.integers(-2_000, 300_000)
KINDS = st.sampled_from([("tensey", "award"), ("admin", "adjustment"), ("raid", "reward")])
MEMBERS = st.integers(1, 6)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    return draw(MEMBERS), draw(XP), *draw(KINDS), draw(DAYS)


@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ledger=st.lists(entries(), max_size=25), together=st.booleans(), hidden=st.frozensets(MEMBERS))
def test_ranks_totals_and_levels_are_what_a_recount_says(
    owner: Connection, ledger: list[Entry], together: bool, hidden: frozenset[int]
):
    owner.run_script(CLEAN)
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'x', 'UTC' FROM generate_series(1, 6) n"
    )
    book(owner, ledger, together=together)
    owner.execute("UPDATE users SET hidden = true WHERE user_id = ANY(%s)", [list(hidden)])

    xp = Counter(dict.fromkeys(range(1, 7), 0))
    for user_id, amount, *_ in ledger:
        xp[user_id] += amount
    cards = {user_id: standings.scorecard(owner, user_id).fetchone() for user_id in xp}
    for user_id, card in cards.items():
        assert card
        assert card.xp == max(xp[user_id], 0)
        assert card.level == level_of(card.xp)
        assert card.rank == 1 + sum(xp[other] > card.xp for other in xp if other not in hidden)
    assert totals(owner) == recounted(ledger)


def book(owner: Connection, ledger: list[Entry], *, together: bool) -> None:
    """Book them all with one statement, or one by one."""
    rows = [(*entry, str(number)) for number, entry in enumerate(ledger)]
    for part in [rows] if together and rows else [[row] for row in rows]:
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, source, kind, day, source_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[])",
            [list(column) for column in zip(*part, strict=True)],
        )


def totals(owner: Connection) -> dict[tuple[str, str, int], int]:
    rows = owner.execute("SELECT period, board, user_id, total FROM xp_totals")
    return {(period, board, user_id): total for period, board, user_id, total in rows}


def recounted(ledger: list[Entry]) -> dict[tuple[str, str, int], int]:
    expected: Counter[tuple[str, str, int]] = Counter()
    for user_id, xp, source, _, day in ledger:
        year, week, _ = day.isocalendar()
        for period in ("all", f"{year}-W{week:02}", f"{day:%Y-%m}"):
            expected[period, "xp", user_id] += xp
            if source == "tensey":
                expected[period, "tensey", user_id] += 1
    return dict(expected)


def test_the_thresholds_of_the_database_are_those_of_the_rules(owner: Connection):
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'x', 'UTC')")
    for xp in (0, 499, 500, 1_199, 1_200, *(100 * n * (n + 1) + step for n in range(3, 51) for step in (-1, 0)), 10**9):
        row = owner.execute("UPDATE users SET xp = %s WHERE user_id = 1 RETURNING level", [xp]).fetchone()
        assert row == (level_of(xp),)
