"""What a day chooses its challenge from, what is offered to be logged, and what is near."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.archetypes import Points
from mastermind.game.catalogue.rules import Catalogue, Category, Stat
from mastermind.game.challenges import content
from mastermind.game.challenges.rules import Challenge, Challenges, Chapter
from mastermind.game.days.streaks import Pause, Streak
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.today.rules import (
    EASY_CHAPTERS,
    Goal,
    Near,
    Pace,
    active_days,
    deeds,
    most_used,
    nearest,
    pace,
    pools,
)


def catalogue(*sizes: int) -> Challenges:
    chapters = tuple(
        Chapter(
            number,
            f"Chapter {number}",
            "About",
            tuple(Challenge(f"{number}-{n}", "Do", number, n) for n in range(size)),
        )
        for number, size in enumerate(sizes, 1)
    )
    return Challenges(chapters, {each.id: each for chapter in chapters for each in chapter.challenges})


def test_a_day_chooses_from_the_first_half_and_what_comes_instead_is_easy():
    chosen = pools(content.load())
    chapters = content.load().chapters
    half = (len(chapters) + 1) // 2
    assert set(chosen.other) == {each.id for chapter in chapters[:EASY_CHAPTERS] for each in chapter.challenges}
    assert set(chosen.day) == {each.id for chapter in chapters[EASY_CHAPTERS:half] for each in chapter.challenges}
    assert len(set(chosen.day)) == len(chosen.day) >= 100, "no challenge comes again within three months"


def test_neighbours_in_the_list_are_no_neighbours_among_the_days():
    chapter = {each.id: each.chapter for each in content.load().by_id.values()}
    days = pools(content.load()).day
    alike = sum(chapter[one] == chapter[other] for one, other in pairwise(days))
    assert alike < len(days) / 4


def test_the_order_is_the_same_wherever_it_is_made():
    assert pools(catalogue(1, 1, 4, 1, 1)).day == ("3-2", "3-3", "3-1", "3-0")


def test_a_short_list_has_a_challenge_for_each_day_too():
    assert set(pools(catalogue(2)).day) == {"1-0", "1-1"}
    assert set(pools(catalogue(1, 1)).other) == {"1-0", "2-0"}


# --- what a member logs most ---

STATS = stats.load()


def offered(**totals: int) -> list[str]:
    return [stat.key for stat in most_used(STATS, totals, {})]


def test_the_three_stats_with_the_largest_totals_are_offered_the_largest_first():
    assert offered(grounding=3, approaches=9, dates_had=5, journal=1) == ["approaches", "dates_had", "grounding"]


def test_a_newcomer_is_offered_the_small_steps_and_nothing_private():
    assert offered() == ["hellos_to_strangers", "releasing_session", "wins_shared"]


def test_what_is_missing_comes_from_the_small_steps():
    assert offered(wins_shared=2) == ["wins_shared", "hellos_to_strangers", "releasing_session"]


def test_a_value_of_the_day_a_challenge_and_what_is_retired_are_not_offered():
    assert offered(overall_state=99, tensey_exercise=99, long_gone=99, numbers=1)[0] == "numbers"


def test_what_the_day_has_as_much_of_as_it_holds_is_not_offered():
    full = {"approaches": 100, "hellos_to_strangers": 199}
    offered_ = [stat.key for stat in most_used(STATS, {"approaches": 900, "hellos_to_strangers": 800}, full)]
    assert offered_ == ["hellos_to_strangers", "releasing_session", "wins_shared"]


def test_a_list_with_fewer_stats_offers_what_there_is():
    few = Catalogue((Category("one", "One", (Stat("a", "A", "one", 5),)),), ())
    assert [stat.key for stat in most_used(few, {}, {})] == ["a"]


# --- what is near ---

DAY = date(2026, 11, 29)
ALIVE = Streak(length=5, longest=9, last=DAY)


def near(
    streak: Streak = ALIVE, *, challenges: int = 0, points: tuple[int, int] = (0, 0), total: int = 0
) -> Near | None:
    return nearest(streak, DAY, challenges, 303, Points(*points), total)


@pytest.mark.parametrize("last", [DAY, DAY - timedelta(1)])
def test_a_larger_share_of_the_streak_is_near_on_the_day_before_and_on_the_day_itself(last: date):
    assert near(Streak(length=6, last=last), challenges=9) == Near(Goal.STREAK, 1, 7)
    assert near(Streak(length=34, last=last)) == Near(Goal.STREAK, 1, 35)


@pytest.mark.parametrize(
    "streak",
    [
        Streak(),
        Streak(length=6, last=DAY - timedelta(2)),
        Streak(length=6, last=DAY, pause=Pause(DAY, DAY)),
        Streak(length=41, last=DAY),
    ],
    ids=["none", "a day is missing", "paused", "no larger one"],
)
def test_no_share_is_near_where_the_next_day_brings_none(streak: Streak):
    assert near(streak) == Near(Goal.LEVEL, 500, 2)


@pytest.mark.parametrize(("done", "missing", "of"), [(7, 3, 10), (99, 1, 100), (301, 2, 303)])
def test_a_milestone_is_near_with_three_challenges_missing(done: int, missing: int, of: int):
    assert near(challenges=done, points=(9, 0)) == Near(Goal.MILESTONE, missing, of)


@pytest.mark.parametrize("done", [6, 10, 303])
def test_a_milestone_is_not_near_before_and_after(done: int):
    assert near(challenges=done) == Near(Goal.LEVEL, 500, 2)


@pytest.mark.parametrize(
    ("points", "missing", "of_a_mage"), [((3, 0), 2, 2), ((0, 9), 6, 0), ((20, 2), 12, 12), ((9, 5), 1, 1)]
)
def test_a_templar_day_is_near_with_a_few_points_missing(points: tuple[int, int], missing: int, of_a_mage: int):
    assert near(points=points) == Near(Goal.TEMPLAR, missing, of_a_mage)


@pytest.mark.parametrize("points", [(0, 0), (3, 2), (5, 5), (40, 0)])
def test_a_templar_day_is_not_near_on_an_empty_day_one_that_is_and_a_far_one(points: tuple[int, int]):
    assert near(points=points) == Near(Goal.LEVEL, 500, 2)


def test_the_highest_level_is_near_to_nothing():
    assert near(total=255_000) is None


# --- the rhythm ---


@pytest.mark.parametrize(
    ("rhythm", "deeds_", "active", "done", "of"),
    [
        (Rhythm.DAILY, 0, 3, 0, 1),
        (Rhythm.DAILY, 9, 3, 1, 1),
        (Rhythm.THRICE, 2, 0, 2, 3),
        (Rhythm.WEEKLY, 9, 1, 1, 3),
        (Rhythm.WEEKLY, 0, 5, 3, 3),
    ],
)
def test_a_rhythm_counts_deeds_of_the_day_or_days_of_the_week(
    rhythm: Rhythm, deeds_: int, active: int, done: int, of: int
):
    assert pace(rhythm, deeds_, active) == Pace(done, of)


def test_a_state_is_no_deed():
    assert deeds(STATS, {"approaches": 2, "overall_state": 9, "long_gone": 4}, challenges=1) == 3


def test_a_week_begins_on_monday_and_ends_today():
    sunday = date(2026, 11, 29)
    counted = [sunday - timedelta(back) for back in (0, 2, 6, 7)] + [sunday, sunday + timedelta(1)]
    assert active_days(counted, sunday) == 3
    assert active_days(counted, sunday + timedelta(1)) == 1
