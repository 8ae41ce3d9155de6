"""Pages hold everything once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.paging import held, page_count, page_of

lists = st.lists(st.integers(), max_size=60)
sizes = st.integers(1, 10)


def pages(entries: list[int], most: int) -> list[list[int]]:
    return [list(page_of(entries, page, most)) for page in range(1, page_count(len(entries), most) + 1)]


@given(lists, sizes)
def test_all_pages_together_are_the_list(entries: list[int], most: int):
    assert [entry for page in pages(entries, most) for entry in page] == entries


@given(lists, sizes)
def test_no_page_is_too_long_and_none_differs_from_another_by_more_than_one(entries: list[int], most: int):
    lengths = [len(page) for page in pages(entries, most)]
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) <= 1


@given(lists, sizes, st.integers(-5, 100))
def test_a_page_that_is_gone_shows_the_nearest_one(entries: list[int], most: int, page: int):
    every = pages(entries, most)
    assert list(page_of(entries, page, most)) == every[held(page, len(every)) - 1]


def test_a_level_of_twelve_or_thirteen_has_two_pages():
    assert [len(page) for page in pages(list(range(12)), 8)] == [6, 6]
    assert [len(page) for page in pages(list(range(13)), 8)] == [7, 6]


def test_an_empty_list_has_one_empty_page():
    assert pages([], 8) == [[]]
