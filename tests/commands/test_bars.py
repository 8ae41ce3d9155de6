"""A bar is honest, and never alone."""

from hypothesis import given
from hypothesis import strategies as st

from mastermind.commands.parts.bars import EMPTY, FILLED, WIDTH, percent, with_figures

wholes = st.integers(1, 300_000)


def bar(text: str) -> str:
    return text.rpartition(" ")[2]


def test_a_bar_carries_its_figures_in_words():
    assert with_figures(4, 13, "done") == "4 of 13 done (30 %) ▰▰▰▱▱▱▱▱▱▱"
    assert with_figures(1, 2, "XP", more=", 1 to go") == "1 of 2 XP (50 %), 1 to go ▰▰▰▰▰▱▱▱▱▱"


def test_no_share_is_called_nought_percent():
    assert with_figures(1_500, 255_000) == "1,500 of 255,000 ▰▱▱▱▱▱▱▱▱▱"
    assert with_figures(0, 13, "done") == "0 of 13 done ▱▱▱▱▱▱▱▱▱▱"


@given(st.integers(-10, 300_010), wholes)
def test_a_bar_is_always_as_wide_as_any_other(part: int, whole: int):
    assert len(bar(with_figures(part, whole))) == WIDTH


@given(wholes, st.data())
def test_a_bar_is_empty_only_at_zero_and_full_only_when_complete(whole: int, data: st.DataObject):
    part = data.draw(st.integers(0, whole))
    assert (FILLED not in bar(with_figures(part, whole))) == (part == 0)
    assert (EMPTY not in bar(with_figures(part, whole))) == (part == whole)


@given(wholes, st.data())
def test_more_never_makes_a_bar_shorter(whole: int, data: st.DataObject):
    less = data.draw(st.integers(0, whole))
    more = data.draw(st.integers(less, whole))
    assert bar(with_figures(less, whole)).count(FILLED) <= bar(with_figures(more, whole)).count(FILLED)


@given(wholes, st.data())
def test_a_hundred_percent_means_complete(whole: int, data: st.DataObject):
    part = data.draw(st.integers(0, whole))
    assert (percent(part, whole) == 100) == (part == whole)


def test_zero_of_zero_is_complete():
    assert with_figures(0, 0) == "0 of 0 (100 %) ▰▰▰▰▰▰▰▰▰▰"


def test_a_part_is_clamped_to_its_whole():
    assert with_figures(15, 13) == with_figures(13, 13)
    assert with_figures(-1, 13) == with_figures(0, 13)
