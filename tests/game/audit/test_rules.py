"""The audit log in words."""

from __future__ import annotations

from mastermind.game.audit.rules import changes, title, unchanged


def test_an_action_has_words_and_an_older_one_its_name():
    assert title("xp.adjust") == "Adjusted a member's XP"
    assert title("old_part.did_this") == "old part: did this"


def test_what_differs_is_named_figure_by_figure():
    before, after = {"day": "d", "counts": {"a": 1, "b": 2}, "xp": 5}, {"day": "d", "counts": {"a": 1, "c": 3}, "xp": 6}
    assert changes(before, after) == (("counts b", 2, None), ("xp", 5, 6), ("counts c", None, 3))
    assert unchanged(before, after) == (("day", "d"), ("counts a", 1))


def test_without_a_before_or_an_after_all_of_the_other_differs():
    assert changes(None, {"xp": 5}) == (("xp", None, 5),)
    assert changes({"xp": 5}, None) == (("xp", 5, None),)
    assert changes(None, None) == unchanged(None, None) == ()
