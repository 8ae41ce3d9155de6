"""A typed day is understood, or the answer says what to type."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.days import calendar as days
from mastermind.game.days import typed_days

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 21)


def refusal(words: str, today: date = MONDAY, back: int = 30) -> str:
    with pytest.raises(MemberMistake) as caught:
        typed_days.read(words, today, back)
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
        "two days ago",
        "2d ago",
        "the day before yesterday",
        "past saturday",
        "on Saturday",
        "Saturday last week",
        "last week saturday",
        "last saturday 21 nov",
        "21 Nov, Sat",
        "21.11. (Saturday)",
        "the 21st",
        "the 21st of November",
        "21-Nov-2026",
        "\u200e٢١/١١\u200f",
        "２１．１１．",
        "21–11–2026",
        "21 NOV\u200b",
        "saturday, 2 days ago",
    ],
)
def test_a_day_may_be_written_in_many_ways(words: str):
    assert typed_days.read(words, MONDAY, 30) == SATURDAY


@pytest.mark.parametrize(
    ("words", "back"),
    [
        ("today", 0),
        ("Yesterday", 1),
        ("last night", 1),
        ("monday", 0),
        ("last monday", 7),
        ("this monday", 0),
        ("tue", 6),
        ("1 day ago", 1),
        ("a week ago", 7),
        ("2 weeks ago", 14),
        ("today, Mon 23 Nov", 0),
        ("yesterday, Sunday", 1),
    ],
)
def test_near_days_have_their_own_words(words: str, back: int):
    assert typed_days.read(words, MONDAY, 30) == MONDAY - timedelta(days=back)


def test_a_day_without_its_year_is_the_latest_one():
    new_year = date(2027, 1, 5)
    assert typed_days.read("21.12.", new_year, 30) == date(2026, 12, 21)
    assert typed_days.read("Dec 31", new_year, 30) == date(2026, 12, 31)
    assert typed_days.read("1/2", new_year, 30) == date(2027, 1, 2)
    assert typed_days.read("29 Feb", date(2028, 3, 2), 30) == date(2028, 2, 29)


def test_a_day_that_could_be_two_is_asked_about():
    today = date(2026, 11, 12)
    assert typed_days.read("11/12", today, 30) == today  # the 11th of December is far away
    assert refusal("10/11", date(2026, 11, 10)) == (
        "That could be Sun 11 Oct (`2026-10-11`) or Tue 10 Nov (`2026-11-10`). "
        "Please choose one of them from the suggestions."
    )


def test_a_weekday_decides_between_two_days():
    assert typed_days.read("Tue 10/11", date(2026, 11, 10), 30) == date(2026, 11, 10)
    assert typed_days.read("Sun 10/11", date(2026, 11, 10), 30) == date(2026, 10, 11)


@pytest.mark.parametrize("words", ["Fri 21 Nov", "friday, 2026-11-21", "21.11. (Fri)"])
def test_a_weekday_that_contradicts_its_date_is_asked_about(words: str):
    assert refusal(words) == (
        "21 Nov is a Saturday, and you wrote Friday. "
        "Which do you mean: Fri 20 Nov (`2026-11-20`) or Sat 21 Nov (`2026-11-21`)?"
    )
    assert typed_days.possible(words, MONDAY, 30) == [SATURDAY, SATURDAY - timedelta(days=1)]


def test_two_words_that_contradict_each_other_are_asked_about():
    assert refusal("yesterday, 21 Nov") == (
        "That could be Sat 21 Nov (`2026-11-21`) or Sun 22 Nov (`2026-11-22`). "
        "Please choose one of them from the suggestions."
    )


def test_what_is_asked_about_is_suggested():
    assert typed_days.possible("10/11", date(2026, 11, 10), 30) == [date(2026, 11, 10), date(2026, 10, 11)]
    assert typed_days.possible("saturday", MONDAY, 30) == [SATURDAY]
    assert typed_days.possible("2025-11-21", MONDAY, 30) == []


@pytest.mark.parametrize(
    "words", ["2026-10-23", "24 Nov", "31 days ago", "2025-11-21", "1.1.2026", "tomorrow", "next friday"]
)
def test_a_day_out_of_range_is_refused_with_the_range(words: str):
    assert refusal(words) == "That day is out of reach: you can choose one of the last 30 days, Sat 24 Oct until today."


@pytest.mark.parametrize(
    "words",
    [
        "",
        "soon",
        "30.2.",
        "32 Nov",
        "2026-13-01",
        "m",
        "21.11.20266",
        "x" * 500,
        "²¹ Nov",
        "octopus 12",
        "mon " * 500,
        "\u3164",
    ],
)
def test_what_is_no_day_is_refused_with_an_example(words: str):
    assert refusal(words) == (
        "I could not tell which day you mean. Choose one from the suggestions, or write it like "
        "`2026-11-21`, `21 Nov` or `Saturday`."
    )


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 30))
def test_every_day_is_understood_as_it_is_shown(today: date, back: int):
    day = today - timedelta(days=back)
    assert typed_days.read(days.named(day, today), today, 30) == day
    assert typed_days.read(day.isoformat(), today, 30) == day
    assert typed_days.read(f"{back} days ago", today, 30) == day


WORDS = st.sampled_from(["last", "fri", "Mon.", "21", "11/12", "nov", "ago", "days", "week", "yesterday", ",", "٢١"])


@given(st.text(st.characters(), max_size=40) | st.lists(WORDS, max_size=6).map(" ".join))
def test_whatever_is_typed_is_a_day_in_reach_or_a_kind_refusal(words: str):
    try:
        day = typed_days.read(words, MONDAY, 30)
    except MemberMistake:
        return
    assert MONDAY - timedelta(days=30) <= day <= MONDAY
