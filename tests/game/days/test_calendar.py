"""A typed day is understood, or the answer says what to type."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.days import calendar as days

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 21)


def refusal(words: str, today: date = MONDAY, back: int = 30) -> str:
    with pytest.raises(MemberMistake) as caught:
        days.read(words, today, back)
    return str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "2026-11-21",
        " 2026-11-21 ",
        "2026.11.21",
        "2026/11/21",
        "20261121",
        "21.11.2026",
        "21.11.26",
        "21.11.",
        "21.11",
        "21/11",
        "11/21",
        "11/21/2026",
        "11-21",
        "21 11",
        "21 nov",
        "21. Nov",
        "21st November",
        "21 November 2026",
        "NOV 21",
        "Nov. 21st, 2026",
        "november 21",
        "21nov",
        "Sat",
        "saturday",
        "last Saturday",
        "Sat 21 Nov",
        "Saturday, November 21",
        "2 days ago",
    ],
)
def test_a_day_may_be_written_in_many_ways(words: str):
    assert days.read(words, MONDAY, 30) == SATURDAY


@pytest.mark.parametrize(
    ("words", "back"), [("today", 0), ("Yesterday", 1), ("monday", 0), ("tue", 6), ("1 day ago", 1)]
)
def test_near_days_have_their_own_words(words: str, back: int):
    assert days.read(words, MONDAY, 30) == MONDAY - timedelta(days=back)


def test_a_day_without_its_year_is_the_latest_one():
    new_year = date(2027, 1, 5)
    assert days.read("21.12.", new_year, 30) == date(2026, 12, 21)
    assert days.read("Dec 31", new_year, 30) == date(2026, 12, 31)
    assert days.read("1/2", new_year, 30) == date(2027, 1, 2)
    assert days.read("29 Feb", date(2028, 3, 2), 30) == date(2028, 2, 29)


def test_a_day_that_could_be_two_is_asked_about():
    today = date(2026, 11, 12)
    assert days.read("11/12", today, 30) == today  # the 11th of December is far away
    assert refusal("10/11", date(2026, 11, 10)) == (
        "That could be Sun 11 Oct (`2026-10-11`) or Tue 10 Nov (`2026-11-10`). "
        "Please choose one of them from the suggestions."
    )


@pytest.mark.parametrize("words", ["2026-10-23", "24 Nov", "31 days ago", "2025-11-21", "1.1.2026"])
def test_a_day_out_of_range_is_refused_with_the_range(words: str):
    assert refusal(words) == "That day is out of reach: you can choose one of the last 30 days, Sat 24 Oct until today."


@pytest.mark.parametrize(
    "words", ["", "soon", "30.2.", "32 Nov", "2026-13-01", "m", "21.11.20266", "x" * 500, "²¹ Nov"]
)
def test_what_is_no_day_is_refused_with_an_example(words: str):
    assert refusal(words) == (
        "I could not tell which day you mean. Choose one from the suggestions, or write it like "
        "`2026-11-21`, `21 Nov` or `Saturday`."
    )


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_every_day_is_understood_as_it_is_shown(today: date, back: int):
    day = today - timedelta(days=back)
    assert days.read(days.named(day, today), today, 30) == day
    assert days.read(day.isoformat(), today, 30) == day
    assert days.read(f"{back} days ago", today, 30) == day


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_day_in_reach_or_a_kind_refusal(words: str):
    try:
        day = days.read(words, MONDAY, 30)
    except MemberMistake:
        return
    assert MONDAY - timedelta(days=30) <= day <= MONDAY


def test_days_are_called_by_how_near_they_are():
    assert days.described(MONDAY, MONDAY) == "today, Mon 23 Nov"
    assert days.described(MONDAY - timedelta(days=1), MONDAY) == "yesterday, Sun 22 Nov"
    assert days.described(SATURDAY, MONDAY) == "Sat 21 Nov"
    assert days.described(date(2025, 12, 31), MONDAY) == "Wed 31 Dec 2025"
    assert days.described(MONDAY + timedelta(days=1), MONDAY) == "tomorrow, Tue 24 Nov"
