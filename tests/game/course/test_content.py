"""The course that ships keeps the rules of the game (docs/rules/course.md)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mastermind.game.course import content as course

if TYPE_CHECKING:
    from mastermind.game.course.rules import Lesson

COURSE = course.load()
KNOWN = """
steady-ground: nerves-are-energy small-and-often your-own-yes-and-no
warm-first-words: read-the-moment plain-hello leave-it-lighter
listening-that-lands: follow-the-spark give-a-little-back silence-is-allowed
play-and-presence: playful-not-pushy room-for-your-voice here-with-both-feet
honest-interest: say-it-simply consent-is-a-conversation a-no-is-a-gift
getting-back-up: after-the-awkward-minute mend-it rest-counts
people-around-you: from-hello-to-friend open-the-circle pass-it-on
"""
"""The ids that members' progress hangs on: they never change, whatever happens to the words."""


def test_seven_modules_of_three_lessons_ship():
    assert [len(module.lessons) for module in COURSE.modules] == [3] * 7


def test_ids_never_change():
    lines = (f"{it.id}: {' '.join(lesson.id for lesson in it.lessons)}" for it in COURSE.modules)
    assert "\n".join(lines) == KNOWN.strip()


def test_the_first_module_is_open_to_everybody_and_levels_rise():
    levels = [module.level for module in COURSE.modules]
    assert levels[0] == 1
    assert all(lower < higher for lower, higher in pairwise(levels))


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.id)
def test_a_lesson_is_told_in_two_sentences_and_its_link_is_the_operators_to_give(lesson: Lesson):
    assert len([part for part in lesson.about.replace("?", ".").split(". ") if part]) == 2
    assert lesson.about.endswith(".")
    assert 5 <= lesson.minutes <= 20
    assert lesson.link == ""


def test_no_two_lessons_share_a_title_or_words():
    assert len({lesson.title for lesson in COURSE.lessons}) == len({it.about for it in COURSE.lessons}) == 21
