"""Whatever is in the audit log can be asked for."""

from __future__ import annotations

from mastermind.commands.main.security.audit import MOST_CHOICES
from mastermind.discord import limits
from mastermind.game.audit.rules import ACTIONS


def test_every_action_can_be_offered_and_carried_by_a_button():
    assert len(ACTIONS) <= MOST_CHOICES
    assert max(map(len, ACTIONS)) <= 24
    assert max(map(len, ACTIONS.values())) <= limits.CHOICE_NAME
