"""Every level has one class."""

import pytest

from mastermind.game.levels.rules import LevelClass, class_of

CLASSES = (LevelClass(1, "Beginner", 0), LevelClass(5, "Squire", 1), LevelClass(50, "Master", 2))


@pytest.mark.parametrize(
    ("level", "title"),
    [(1, "Beginner"), (4, "Beginner"), (5, "Squire"), (49, "Squire"), (50, "Master"), (51, "Master")],
)
def test_a_class_lasts_until_the_next_one_begins(level: int, title: str):
    assert class_of(level, CLASSES).title == title


def test_below_the_first_class_there_is_none():
    with pytest.raises(ValueError, match="level 0"):
        class_of(0, CLASSES)
