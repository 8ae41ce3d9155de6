"""Whatever is in the audit log can be asked for."""

from __future__ import annotations

from mastermind.discord import limits
from mastermind.game.audit.rules import ACTIONS
from mastermind.typed import suggested


def test_every_action_is_offered_once_its_first_word_is_typed_and_can_be_carried_by_a_button():
    for action, title in ACTIONS.items():
        offered = suggested(title.split()[0], list(ACTIONS.items()))
        assert action in offered[: limits.CHOICES], title
    assert max(map(len, ACTIONS)) <= 24
    assert max(map(len, ACTIONS.values())) <= limits.CHOICE_NAME
