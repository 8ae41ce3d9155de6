"""What a command is given."""

from __future__ import annotations

import pytest

from mastermind.bot.call import Call
from mastermind.bot.custom_ids import CustomId, to_base62
from mastermind.deadline import Deadline
from mastermind.discord.interactions import Interaction, InteractionType, Person
from mastermind.errors import BadArgument, Unavailable
from tests.bot import playground


def test_without_storage_nothing_can_be_linked():
    caller = Person(101, "Alex")
    services = playground.services(Deadline.after(1))
    call = Call(
        "tensey", CustomId("x", ""), Interaction(1, InteractionType.COMMAND, 11), caller, playground.SETTINGS, services
    )
    with pytest.raises(Unavailable, match="no storage"):
        call.link("x", 60)


@pytest.mark.parametrize("words", ["", "-1", "1.0", "²", "z" * 20, "01", to_base62(2**63)])
def test_a_number_in_a_custom_id_is_one_that_the_database_can_hold(words: str):
    caller = Person(101, "Alex")
    services = playground.services(Deadline.after(1))
    pressed = CustomId("x", "y", arguments=(words, to_base62(2**63 - 1)))
    call = Call("main", pressed, Interaction(1, InteractionType.COMPONENT, 11), caller, playground.SETTINGS, services)
    assert call.whole_argument(1) == 2**63 - 1
    with pytest.raises(BadArgument, match="not a whole number"):
        call.whole_argument(0)
