"""The XP of a day: every bonus by its own rule, in whole numbers, half up."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import Stat
from mastermind.game.days import xp
from mastermind.game.days.xp import Price, Worth

CATALOGUE = stats.load()
SUBMITTED = [stat for category in CATALOGUE.categories for stat in category.stats]
a_day = st.fixed_dictionaries({}, optional={stat.key: st.integers(0, stat.cap or 0) for stat in SUBMITTED})


def price(streak: int = 0, event: int = 100, **counts: int) -> Price:
    worths = [xp.worth(CATALOGUE, stat, count) for stat, count in counts.items()]
    return xp.price(worths, xp.streak_share(streak), event)


@pytest.mark.parametrize("state", range(1, 11))
def test_the_worked_example_comes_out_at_1_190_whatever_the_state(state: int):
    day = price(streak=14, approaches=7, grounding=1, overall_state=state)
    assert day == Price(base=850, streak=10, templar=30)
    assert day.bonus == 40
    assert day.xp == 1_190


def test_850_at_45_percent_is_rounded_half_up():
    assert Price(base=850, streak=15, templar=30).xp == 1_233


@pytest.mark.parametrize(
    ("length", "share"), [(-1, 0), (0, 0), (6, 0), (7, 5), (13, 5), (14, 10), (34, 20), (35, 25), (999, 25)]
)
def test_each_full_week_of_a_streak_is_worth_5_percent_and_25_at_most(length: int, share: int):
    assert xp.streak_share(length) == share


@given(state=st.integers(1, 10), later=st.integers(1, 10))
def test_the_check_in_pays_and_not_the_mood(state: int, later: int):
    first = xp.worth(CATALOGUE, "overall_state", state)
    assert first == Worth(xp=100, warrior=0, mage=10)
    assert xp.worth(CATALOGUE, "overall_state", later, before=state, kept=first) == first
    assert xp.worth(CATALOGUE, "overall_state", 0, before=state, kept=first) == Worth()


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({"approaches": 2, "journal": 2}, 30),  # 6 and 6: in balance
        ({"hellos_to_strangers": 6, "grounding": 1}, 30),  # a mage share of exactly 40 %
        ({"hellos_to_strangers": 4, "releasing_session": 1}, 30),  # exactly 60 %
        ({"hellos_to_strangers": 7, "grounding": 1}, 0),
        ({"hellos_to_strangers": 3, "releasing_session": 1}, 0),
        ({"approaches": 1}, 0),
        ({}, 0),
    ],
)
def test_a_day_in_balance_is_worth_30_percent(counts: dict[str, int], share: int):
    assert price(**counts).templar == share


def test_a_challenge_is_neither_multiplied_nor_part_of_the_balance():
    without = price(streak=70, approaches=7, grounding=1, overall_state=9)
    assert price(streak=70, approaches=7, grounding=1, overall_state=9, tensey_exercise=40) == without
    assert price(tensey_exercise=1).xp == 0


@pytest.mark.parametrize(("event", "earned"), [(100, 1_550), (200, 3_100), (300, 4_650), (323, 5_000), (400, 5_000)])
def test_nothing_multiplies_a_day_by_more_than_five(event: int, earned: int):
    assert Price(base=1_000, streak=25, templar=30, event=event).xp == earned


@given(st.integers(0, 10**7), st.integers(0, 60), st.sampled_from([100, 150, 200, 333]))
def test_xp_is_what_people_calculate_rounded_half_up(base: int, bonus: int, event: int):
    factor = min(Decimal(100 + bonus) * event / 10_000, Decimal(5))
    expected = (base * factor).quantize(Decimal(1), ROUND_HALF_UP)
    assert Price(base, bonus, 0, event).xp == expected


@given(a_day, st.integers(0, 400))
def test_a_bonus_never_costs_anything(counts: dict[str, int], streak: int):
    day = price(streak, **counts)
    assert day.base == sum(stat.units(counts[stat.key]) * stat.xp for stat in SUBMITTED if stat.key in counts)
    assert day.base <= day.xp <= day.base * 8 // 5 + 1


@given(st.sampled_from(SUBMITTED), st.integers(0, 50), st.integers(0, 50))
def test_a_count_that_is_set_is_worth_what_it_is_worth_at_once(stat: Stat, before: int, count: int):
    kept = xp.worth(CATALOGUE, stat.key, before)
    assert xp.worth(CATALOGUE, stat.key, count, before=before, kept=kept) == xp.worth(CATALOGUE, stat.key, count)


@given(a_day)
def test_what_left_the_catalogue_is_worth_nothing(counts: dict[str, int]):
    assert price(14, dancing=5, **counts) == price(14, **counts)
