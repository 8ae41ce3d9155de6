"""The classes of levels that ship are those of the rules (docs/rules/levels.md)."""

from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import LEVELS


def test_the_classes_that_ship_are_those_of_the_rules():
    starts = {each.first_level: each.title for each in levels.load()}
    assert starts == {
        1: "Awkward Initiate",
        5: "Social Squire",
        10: "Bold Explorer",
        15: "Magnetic Challenger",
        20: "Audacious Knight",
        25: "Charisma Vanguard",
        30: "Connection Sage",
        35: "Embodiment Warlord",
        40: "Presence Overlord",
        45: "Reality Architect",
        50: "Galactic Mastermind",
    }


def test_every_level_has_a_class_and_no_two_classes_share_a_color():
    assert all(levels.of_level(number).title for number in range(1, LEVELS + 1))
    assert len({each.color for each in levels.load()}) == len(levels.load())
