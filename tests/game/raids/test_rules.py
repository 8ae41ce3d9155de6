"""What counts in a raid, and for how much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.catalogue import content as stats
from mastermind.game.raids import rules as raids
from mastermind.game.raids.rules import RaidType, counting, points, tick_points

CATALOGUE = stats.load()

WARRIOR = {
    "Approaches": 15,
    "Numbers": 15,
    "Hellos To Strangers": 2,
    "New Contact Response": 5,
    "Dates Booked": 20,
    "Dates Had": 40,
    "Instant Date": 40,
    "Challenges": 15,
}
MAGE = {
    "SBMM Meditation": 15,
    "Grounding": 15,
    "Courage Welcoming": 10,
    "Releasing Session": 15,
    "In Action Release": 10,
    "Course Experiment": 15,
    "Confidence-Tension Journal": 40,
    "Course Module": 40,
}


def test_what_counts_is_what_the_rules_say():
    assert {stat.name: each for stat, each in counting(CATALOGUE, "warrior")} == WARRIOR
    assert {stat.name: each for stat, each in counting(CATALOGUE, "mage")} == MAGE


def test_the_most_valuable_is_told_first():
    for raid_type in RaidType:
        values = [value for _, value in counting(CATALOGUE, raid_type)]
        assert values == sorted(values, reverse=True)


def test_points_are_counts_times_their_value_by_stat():
    assert points(CATALOGUE, "warrior", {"approaches": 3, "numbers": 2, "grounding": 4}) == {
        "approaches": 45,
        "numbers": 30,
    }


def test_what_is_taken_back_makes_as_many_points_less():
    assert points(CATALOGUE, "mage", {"grounding": -4}) == {"grounding": -60}


def test_a_challenge_counts_for_warriors():
    assert (tick_points(CATALOGUE, "warrior"), tick_points(CATALOGUE, "mage")) == (15, 0)


@given(
    st.sampled_from(list(RaidType)),
    st.dictionaries(st.sampled_from([*CATALOGUE.by_key, "unknown"]), st.integers(-1000, 1000)),
)
def test_nothing_is_named_that_counts_nothing(raid_type: str, counts: dict[str, int]):
    made = points(CATALOGUE, raid_type, counts)
    assert 0 not in made.values()
    assert made.keys() <= counts.keys() - {"unknown"}


def test_the_bounds_hold_what_is_usual():
    assert raids.SHORTEST <= raids.USUAL_DURATION <= raids.LONGEST
    assert raids.LOWEST_TARGET <= raids.USUAL_TARGET <= raids.HIGHEST_TARGET
