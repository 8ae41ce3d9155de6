"""A form is read forgivingly and means exactly one thing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.catalogue import content
from mastermind.game.catalogue import rules as stats
from mastermind.game.catalogue.rules import Catalogue, Category

CATALOGUE: Catalogue = content.load()
CORE, DATING, *_, STATE = CATALOGUE.categories
BLANKS = st.text(" \t\u00a0", max_size=3)


def added(category: Category, *, so_far: dict[str, int] | None = None, **fields: str) -> dict[str, int]:
    return stats.read_counts(category, fields, so_far or {})


def refusal(category: Category, *, so_far: dict[str, int] | None = None, **fields: str) -> list[str]:
    with pytest.raises(MemberMistake) as caught:
        added(category, so_far=so_far, **fields)
    first, *mistakes = str(caught.value).splitlines()
    assert first == "This was not stored, because it did not fit:"
    return mistakes


def mistake_of(read: Callable[[], object]) -> str:
    """The message that a member gets, "" if there was no mistake."""
    try:
        read()
    except MemberMistake as mistake:
        return str(mistake)
    return ""


@pytest.mark.parametrize("typed", ["5", " 5 ", "+5", "005", "\uff15", "\t5\n", "+ 5", "\u200f٥\u200e", "5\ufe0f\u20e3"])
def test_a_five_is_a_five_however_it_was_typed(typed: str):
    assert added(CORE, approaches=typed) == {"approaches": 5}


@pytest.mark.parametrize("typed", ["", " ", "0", "00", "+0", "\u200f", "\u3164"])
def test_an_empty_field_and_a_zero_add_nothing(typed: str):
    assert added(CORE, approaches=typed, numbers="2") == {"numbers": 2}


def test_an_empty_form_adds_nothing_and_is_no_mistake():
    assert added(CORE) == {}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("-1", "`-1` is below zero."),
        ("−1", "`−1` is below zero."),  # what phones write
        ("many", "`many` is not a whole number."),
        ("3.5", "`3.5` is not a whole number."),
        ("3,5", "`3,5` is not a whole number."),
        ("1 0", "`1 0` is not a whole number."),
        ("10²", "`10²` is not a whole number."),
        ("²", "`²` is not a whole number."),
        ("`**x**`\nbig", "`'**x**' big` is not a whole number."),
        ("x" * 4000, f"`{'x' * 19}…` is not a whole number."),
        ("9" * 4000, f"`{'9' * 19}…` is far too many."),
        ("101", "101 is too many: a day holds at most 100."),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field_named(typed: str, problem: str):
    (mistake,) = refusal(CORE, approaches=typed, numbers="2")
    assert mistake.startswith(f"**Approaches:** {problem}")


def test_all_wrong_fields_are_told_at_once():
    assert refusal(CORE, approaches="lots", numbers="51", hellos_to_strangers="3") == [
        "**Approaches:** `lots` is not a whole number. Write a whole number up to 100, or leave it empty.",
        "**Numbers:** 51 is too many: a day holds at most 50.",
    ]


def test_submissions_add_up_to_the_cap_and_no_further():
    assert added(CORE, numbers="2", so_far={"numbers": 48}) == {"numbers": 2}
    assert refusal(CORE, numbers="3", so_far={"numbers": 48}) == [
        "**Numbers:** a day holds at most 50; 48 are there, so 2 more fit in."
    ]
    assert refusal(CORE, numbers="3", so_far={"numbers": 50}) == [
        "**Numbers:** a day holds at most 50; 50 are there, so no more fit in."
    ]


def test_the_state_of_a_day_is_given_once():
    assert added(STATE, overall_state="10") == {"overall_state": 10}
    assert refusal(STATE, overall_state="3", so_far={"overall_state": 4}) == [
        "**Overall State Today (1-10):** this day has it already, it is 4. `/stats-edit` changes it."
    ]
    assert refusal(STATE, overall_state="11") == [
        "**Overall State Today (1-10):** 11 is off the scale: it goes from 1 to 10."
    ]
    assert added(STATE, overall_state="", journal="1", so_far={"overall_state": 4}) == {"journal": 1}


@given(st.integers(0, 60), st.integers(0, 60), BLANKS, BLANKS)
def test_a_count_is_taken_exactly_when_the_day_has_room(so_far: int, count: int, before: str, after: str):
    typed = f"{before}{count}{after}"
    if so_far + count <= 50 or not count:
        assert added(CORE, numbers=typed, so_far={"numbers": so_far}) == ({"numbers": count} if count else {})
    else:
        assert refusal(CORE, numbers=typed, so_far={"numbers": so_far})


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused_in_one_short_line(typed: str):
    words = mistake_of(lambda: stats.read_counts(CORE, {"approaches": typed}, {}))
    assert len(words.splitlines()) in {0, 2}
    assert len(words) < 200


def test_an_edit_sets_every_field_that_it_had():
    fields = {"approaches": "3", "numbers": "", "hellos_to_strangers": "0"}
    assert stats.read_totals(CORE, fields) == {"approaches": 3, "numbers": 0, "hellos_to_strangers": 0}
    assert stats.read_totals(STATE, {"overall_state": "7"}) == {"overall_state": 7}
    stats.check_totals(CATALOGUE, {"numbers": 50}, {})
    with pytest.raises(MemberMistake, match=r"\*\*Numbers:\*\* 51 is too many"):
        stats.check_totals(CATALOGUE, {"numbers": 51}, {})


@given(st.dictionaries(st.sampled_from([stat.key for stat in CORE.stats]), st.integers(0, 250)))
def test_what_a_form_may_add_is_what_the_check_behind_the_lock_lets_pass(so_far: dict[str, int]):
    fields, added = {"approaches": "3", "numbers": "3"}, {"approaches": 3, "numbers": 3}
    refused = mistake_of(lambda: stats.read_counts(CORE, fields, so_far))
    assert refused == mistake_of(lambda: stats.check_added(CATALOGUE, added, so_far))


def test_a_catalogue_finds_what_it_has_and_leaves_out_what_it_has_no_more():
    assert CATALOGUE.stat("numbers").name == "Numbers"
    assert CATALOGUE.category("dating") == DATING
    assert CATALOGUE.category("dancing") is None
    known = CATALOGUE.known({"dancing": 3, "tensey_exercise": 2, "journal": 0, "numbers": 1, "approaches": 4})
    assert [(stat.key, count) for stat, count in known] == [("approaches", 4), ("numbers", 1), ("tensey_exercise", 2)]
    with pytest.raises(KeyError):
        CATALOGUE.stat("dancing")
