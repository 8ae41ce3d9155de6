"""The checklist shows what the member asked for, and leads through all of it."""

from itertools import pairwise, starmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.challenges.rules import (
    ON_A_PAGE,
    Challenge,
    Challenges,
    ChallengeState,
    Chapter,
    Checklist,
    Place,
    Show,
    on_a_page,
)


def catalogue(*sizes: int) -> Challenges:
    chapters = tuple(
        Chapter(
            n,
            f"Chapter {n}",
            "About it.",
            tuple(Challenge(f"l{n}-c{c}", f"Do {n} {c}", n, c) for c in range(1, size + 1)),
        )
        for n, size in enumerate(sizes, 1)
    )
    return Challenges(chapters, {each.id: each for chapter in chapters for each in chapter.challenges})


THREE = catalogue(13, 12, 12)
standings = st.dictionaries(
    st.sampled_from(sorted(THREE.by_id)), st.sampled_from([ChallengeState.TICKED, ChallengeState.DONE])
)
shows = st.sampled_from(list(Show))


def with_done(*ids: str) -> Checklist:
    return Checklist(THREE, dict.fromkeys(ids, ChallengeState.DONE))


def whole_chapter(number: int) -> list[str]:
    return [each.id for each in THREE.chapter(number).challenges]


def places(checklist: Checklist, show: Show) -> list[Place]:
    """Every page that has something to show, through all chapters."""
    pages = [(chapter.number, 1 + page) for chapter in THREE.chapters for page in range(checklist.pages(chapter, show))]
    return [place for place in starmap(Place, pages) if checklist.page(place, show)]


def test_a_catalogue_counts_and_finds_its_challenges():
    assert THREE.count == 37
    assert THREE.by_id["l2-c1"].text == "Do 2 1"


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_catalogue_has_no_other_chapters(number: int):
    with pytest.raises(IndexError):
        THREE.chapter(number)


@given(standings, shows)
def test_leafing_forward_through_a_filter_shows_each_match_once(standings: dict[str, ChallengeState], show: Show):
    checklist = Checklist(THREE, standings)
    every = places(checklist, show)
    for place, following in pairwise(every):
        assert checklist.neighbours(place, show)[1] == following
        assert checklist.neighbours(following, show)[0] == place
    if every:
        assert checklist.neighbours(every[0], show)[0] is None
        assert checklist.neighbours(every[-1], show)[1] is None


@given(standings)
def test_each_challenge_is_open_or_done_and_a_fresh_tick_is_listed_as_both(standings: dict[str, ChallengeState]):
    checklist = Checklist(THREE, standings)
    for chapter in THREE.chapters:
        listed = {show: set(checklist.listed(chapter, show)) for show in Show}
        ticked = {each for each in chapter.challenges if checklist.standing(each) is ChallengeState.TICKED}
        assert listed[Show.OPEN] | listed[Show.DONE] == listed[Show.ALL] == set(chapter.challenges)
        assert listed[Show.OPEN] & listed[Show.DONE] == ticked


@given(standings, shows)
def test_the_pages_of_a_chapter_together_list_it(standings: dict[str, ChallengeState], show: Show):
    checklist = Checklist(THREE, standings)
    for chapter in THREE.chapters:
        numbers = range(1, checklist.pages(chapter, show) + 1)
        pages = [checklist.page(Place(chapter.number, number), show) for number in numbers]
        assert tuple(each for page in pages for each in page) == checklist.listed(chapter, show)
        assert all(len(page) <= ON_A_PAGE for page in pages)


@pytest.mark.parametrize(
    ("longest", "most"),
    [(10, 5), (88, 5), (89, 4), (110, 4), (111, 3), (146, 3), (147, 2), (220, 2), (221, 1), (250, 1)],
)
def test_of_long_challenges_a_page_has_fewer(longest: int, most: int):
    assert on_a_page(["x" * longest] * 12) == most
    assert on_a_page(["x" * longest]) == 5


def test_signs_that_are_twice_as_wide_count_twice():
    assert (on_a_page(["声" * 44] * 9), on_a_page(["声" * 45] * 9)) == (5, 4)


@given(standings, shows, st.integers(-2, 99), st.integers(-2, 99))
def test_a_place_that_is_gone_leads_to_one_that_exists(
    standings: dict[str, ChallengeState], show: Show, chapter: int, page: int
):
    checklist = Checklist(THREE, standings)
    place = checklist.held(Place(chapter, page), show)
    assert place in places(checklist, show) or checklist.page(place, show) == ()
    assert checklist.held(place, show) == place


def test_an_empty_chapter_still_leads_to_its_neighbours():
    checklist = with_done("l1-c1", "l3-c2")
    assert checklist.listed(THREE.chapter(2), Show.DONE) == ()
    assert checklist.neighbours(Place(2, 1), Show.DONE) == (Place(1, 1), Place(3, 1))


def test_the_next_page_after_a_chapter_is_the_first_of_the_next_chapter():
    checklist = with_done()
    assert checklist.neighbours(Place(1, 3), Show.ALL) == (Place(1, 2), Place(2, 1))


def test_the_list_opens_at_the_first_chapter_that_is_not_complete():
    assert with_done().current_chapter(Show.ALL) == 1
    assert with_done(*whole_chapter(1)).current_chapter(Show.ALL) == 2
    assert with_done(*whole_chapter(2)).current_chapter(Show.OPEN) == 1
    assert with_done(*THREE.by_id).current_chapter(Show.ALL) == 3


def test_the_done_ones_open_at_the_first_chapter_that_has_any():
    assert with_done("l2-c3", "l3-c1").current_chapter(Show.DONE) == 2
    assert with_done().current_chapter(Show.DONE) == 1


def test_a_chapter_opens_at_the_first_page_with_a_challenge_that_waits():
    first = {each.id: ChallengeState.TICKED for each in with_done().page(Place(1, 1), Show.OPEN)}
    assert with_done().held(Place(1, 0), Show.OPEN) == Place(1, 1)
    assert Checklist(THREE, first).held(Place(1, 0), Show.OPEN) == Place(1, 2)
    assert with_done(*whole_chapter(1)).held(Place(1, 0), Show.ALL) == Place(1, 1)


@given(standings)
def test_what_is_done_is_counted_by_chapter(standings: dict[str, ChallengeState]):
    checklist = Checklist(THREE, standings)
    for chapter in THREE.chapters:
        assert checklist.done(chapter) == len(checklist.listed(chapter, Show.DONE))
    assert checklist.done_in_all == len(standings)


def test_a_completion_of_a_retired_challenge_counts_nowhere():
    assert with_done("l1-c1", "long-gone").done_in_all == 1


def test_completions_of_challenges_that_have_left_are_counted_apart():
    assert THREE.count_of(("l1-c1", "long-gone", "gone-too")) == 1
    assert THREE.count_of(THREE.by_id) == THREE.count


@given(standings, shows)
def test_a_challenge_is_found_on_the_page_that_lists_it(standings: dict[str, ChallengeState], show: Show):
    checklist = Checklist(THREE, standings)
    for challenge in THREE.by_id.values():
        place = checklist.place_of(challenge, show)
        if place is None:
            assert challenge not in checklist.listed(THREE.chapter(challenge.chapter), show)
        else:
            assert challenge in checklist.page(place, show)


@given(standings, st.integers(1, 3), st.integers(0, 10**10))
def test_surprises_are_open_no_further_on_than_one_looks_and_each_comes_once(
    standings: dict[str, ChallengeState], chapter: int, chance: int
):
    checklist = Checklist(THREE, standings)
    left = {each for each in THREE.by_id.values() if checklist.standing(each) is ChallengeState.OPEN}
    expected = {each for each in left if each.chapter <= chapter} or left
    shown = checklist.surprise(chapter, chance)
    met = [shown] if shown else []
    while shown and len(met) < len(expected):
        shown = checklist.surprise(chapter, chance, shown.id)
        met += [shown] if shown else []
    assert len(met) == len(expected)
    assert set(met) == expected


def test_after_the_last_surprise_comes_the_first_again():
    assert with_done(*list(THREE.by_id)[1:]).surprise(3, 7, "l1-c1") == THREE.by_id["l1-c1"]


def test_a_surprise_follows_one_that_has_been_done_or_has_left():
    checklist = with_done("l1-c1")
    assert checklist.surprise(1, 0, "l1-c1") is not None
    assert checklist.surprise(1, 0, "long-gone") is not None
