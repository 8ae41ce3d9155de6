"""What a day chooses its challenge from."""

from __future__ import annotations

from itertools import pairwise

from mastermind.game.challenges import content
from mastermind.game.challenges.rules import Challenge, Challenges, Level
from mastermind.game.today.rules import EASY_LEVELS, pools


def catalogue(*sizes: int) -> Challenges:
    levels = tuple(
        Level(
            number, f"Level {number}", "About", tuple(Challenge(f"{number}-{n}", "Do", number, n) for n in range(size))
        )
        for number, size in enumerate(sizes, 1)
    )
    return Challenges(levels, {each.id: each for level in levels for each in level.challenges})


def test_a_day_chooses_from_the_first_half_and_what_comes_instead_is_easy():
    chosen = pools(content.load())
    levels = content.load().levels
    half = (len(levels) + 1) // 2
    assert set(chosen.other) == {each.id for level in levels[:EASY_LEVELS] for each in level.challenges}
    assert set(chosen.day) == {each.id for level in levels[EASY_LEVELS:half] for each in level.challenges}
    assert len(set(chosen.day)) == len(chosen.day) >= 100, "no challenge comes again within three months"


def test_neighbours_in_the_list_are_no_neighbours_among_the_days():
    level = {each.id: each.level for each in content.load().by_id.values()}
    days = pools(content.load()).day
    alike = sum(level[one] == level[other] for one, other in pairwise(days))
    assert alike < len(days) / 4


def test_the_order_is_the_same_wherever_it_is_made():
    assert pools(catalogue(1, 1, 4, 1, 1)).day == ("3-2", "3-3", "3-1", "3-0")


def test_a_short_list_has_a_challenge_for_each_day_too():
    assert set(pools(catalogue(2)).day) == {"1-0", "1-1"}
    assert set(pools(catalogue(1, 1)).other) == {"1-0", "2-0"}
