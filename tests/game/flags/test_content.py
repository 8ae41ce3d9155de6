"""The rules of flags are a community's own, and may change under flags that are stored."""

from mastermind.game.flags import content as flags
from mastermind.game.flags.rules import Rule


def test_a_category_that_the_content_no_longer_has_still_has_a_name():
    assert flags.load().rule("self_harm").advice
    assert flags.load().rule("old_kind") == Rule("old_kind", "Old kind", "")
