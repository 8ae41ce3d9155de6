"""What all admins are told of an act: who did it stands there as words, whatever they call themselves."""

from __future__ import annotations

from mastermind.discord.limits import CONTENT
from mastermind.game.audit import notices
from mastermind.game.audit.rules import Act

ARN = "arn:aws:iam::123456789012:user/"


def test_an_operator_who_calls_themselves_markup_is_quoted_all_the_same():
    act = Act("privacy.export", 0, f"{ARN}`[more](https://example.com)`<@1>", 7)
    said = str(notices.message(act)["content"])
    assert said.startswith(f"🔎 The operator `{ARN}'[more](https://example.com)'<@1>` exported all data of <@7>.")


def test_a_long_name_of_an_operator_leaves_room_for_what_they_did():
    said = str(notices.message(Act("privacy.export", 0, ARN + "x" * 1_900, 7))["content"])
    assert len(said) < CONTENT / 2
    assert "exported all data of <@7>" in said
