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
    Checklist,
    Level,
    Place,
    Show,
)


def catalogue(*sizes: int) -> Challenges:
    levels = tuple(
        Level(
            n,
            f"Level {n}",
            "About it.",
            tuple(Challenge(f"l{n}-c{c}", f"Do {n} {c}", n, c) for c in range(1, size + 1)),
        )
        for n, size in enumerate(sizes, 1)
    )
    return Challenges(levels, {each.id: each for level in levels for each in level.challenges})


THREE = catalogue(13, 12, 12)
standings = st.dictionaries(
    st.sampled_from(sorted(THREE.by_id)), st.sampled_from([ChallengeState.TICKED, ChallengeState.DONE])
)
shows = st.sampled_from(list(Show))


def with_done(*ids: str) -> Checklist:
    return Checklist(THREE, dict.fromkeys(ids, ChallengeState.DONE))


def whole_level(number: int) -> list[str]:
    return [each.id for each in THREE.level(number).challenges]


def places(checklist: Checklist, show: Show) -> list[Place]:
    """Every page that has something to show, through all levels."""
    pages = [(level.number, 1 + page) for level in THREE.levels for page in range(checklist.pages(level, show))]
    return [place for place in starmap(Place, pages) if checklist.page(place, show)]


def test_a_catalogue_counts_and_finds_its_challenges():
    assert THREE.count == 37
    assert THREE.by_id["l2-c1"].text == "Do 2 1"


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_catalogue_has_no_other_levels(number: int):
    with pytest.raises(IndexError):
        THREE.level(number)


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
    for level in THREE.levels:
        listed = {show: set(checklist.listed(level, show)) for show in Show}
        ticked = {each for each in level.challenges if checklist.standing(each) is ChallengeState.TICKED}
        assert listed[Show.OPEN] | listed[Show.DONE] == listed[Show.ALL] == set(level.challenges)
        assert listed[Show.OPEN] & listed[Show.DONE] == ticked


@given(standings, shows)
def test_the_pages_of_a_level_together_list_it(standings: dict[str, ChallengeState], show: Show):
    checklist = Checklist(THREE, standings)
    for level in THREE.levels:
        pages = [checklist.page(Place(level.number, page), show) for page in range(1, checklist.pages(level, show) + 1)]
        assert tuple(each for page in pages for each in page) == checklist.listed(level, show)
        assert all(len(page) <= ON_A_PAGE for page in pages)


@given(standings, shows, st.integers(-2, 99), st.integers(-2, 99))
def test_a_place_that_is_gone_leads_to_one_that_exists(
    standings: dict[str, ChallengeState], show: Show, level: int, page: int
):
    checklist = Checklist(THREE, standings)
    place = checklist.held(Place(level, page), show)
    assert place in places(checklist, show) or checklist.page(place, show) == ()
    assert checklist.held(place, show) == place


def test_an_empty_level_still_leads_to_its_neighbours():
    checklist = with_done("l1-c1", "l3-c2")
    assert checklist.listed(THREE.level(2), Show.DONE) == ()
    assert checklist.neighbours(Place(2, 1), Show.DONE) == (Place(1, 1), Place(3, 1))


def test_the_next_page_after_a_level_is_the_first_of_the_next_level():
    checklist = with_done()
    assert checklist.neighbours(Place(1, 2), Show.ALL) == (Place(1, 1), Place(2, 1))


def test_the_list_opens_at_the_first_level_that_is_not_complete():
    assert with_done().current_level(Show.ALL) == 1
    assert with_done(*whole_level(1)).current_level(Show.ALL) == 2
    assert with_done(*whole_level(2)).current_level(Show.OPEN) == 1
    assert with_done(*THREE.by_id).current_level(Show.ALL) == 3


def test_the_done_ones_open_at_the_first_level_that_has_any():
    assert with_done("l2-c3", "l3-c1").current_level(Show.DONE) == 2
    assert with_done().current_level(Show.DONE) == 1


@given(standings)
def test_what_is_done_is_counted_by_level(standings: dict[str, ChallengeState]):
    checklist = Checklist(THREE, standings)
    for level in THREE.levels:
        assert checklist.done(level) == len(checklist.listed(level, Show.DONE))
    assert checklist.done_in_all == len(standings)


def test_a_completion_of_a_retired_challenge_counts_nowhere():
    assert with_done("l1-c1", "long-gone").done_in_all == 1


def test_completions_of_challenges_that_have_left_are_counted_apart():
    assert THREE.count_of(("l1-c1", "long-gone", "gone-too")) == 1
    assert THREE.count_of(THREE.by_id) == THREE.count
