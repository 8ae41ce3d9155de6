"""The figures of the limits, and the algorithm by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.members.pace import LIMITS, Limit, Pace
from tests.game.members.arrivals import arrive

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)

limits = st.builds(Limit, st.integers(1, 300), st.sampled_from([1, 60, 3600]), st.integers(1, 60))
waits = st.lists(st.integers(0, 200).map(lambda tenths: timedelta(seconds=tenths / 10)), max_size=80)


def passed(limit: Limit, moments: list[datetime]) -> list[datetime]:
    """The moments at which a use was let through."""
    expected, through = None, list[datetime]()
    for now in moments:
        expected, again = arrive(expected, now, limit)
        if again is None:
            through.append(now)
    return through


def moments_of(pauses: list[timedelta]) -> list[datetime]:
    return [NOON + sum(pauses[: place + 1], timedelta()) for place in range(len(pauses))]


def test_the_figures_are_those_of_the_contract():
    assert {pace.value: (limit.uses, limit.seconds, limit.burst) for pace, limit in LIMITS.items()} == {
        "stats": (60, 3600, 20),
        "ticks": (120, 60, 30),
        "paging": (240, 60, 60),
        "leaderboard": (6, 60, 3),
        "other": (30, 60, 10),
        "direct": (60, 3600, 20),
        "admin": (50, 60, 20),
    }
    assert set(LIMITS) == set(Pace)


def test_a_burst_may_come_at_once_and_then_one_at_a_time():
    limit = LIMITS[Pace.LEADERBOARD]
    expected = None
    for _ in range(3):
        expected, again = arrive(expected, NOON, limit)
        assert again is None
    assert arrive(expected, NOON, limit) == (expected, NOON + timedelta(seconds=10))
    _, again = arrive(expected, NOON + timedelta(seconds=10), limit)
    assert again is None


@given(limits, waits)
def test_in_any_span_no_more_pass_than_a_burst_and_what_the_span_allows(limit: Limit, pauses: list[timedelta]):
    through = passed(limit, moments_of(pauses))
    for first in range(len(through)):
        for last in range(first, len(through)):
            span = (through[last] - through[first]) / limit.spacing
            assert last - first + 1 <= limit.burst + span + 1e-6


@given(limits, waits)
def test_who_comes_again_when_told_to_is_let_through(limit: Limit, pauses: list[timedelta]):
    expected = None
    for now in moments_of(pauses):
        expected, again = arrive(expected, now, limit)
        if again is not None:
            assert again > now
            assert arrive(expected, again, limit)[1] is None


@given(limits, st.integers(1, 100))
def test_who_keeps_to_the_spacing_is_never_refused(limit: Limit, uses: int):
    moments = [NOON + limit.spacing * place for place in range(uses)]
    assert passed(limit, moments) == moments
    assert all(later > earlier for earlier, later in pairwise(moments))
