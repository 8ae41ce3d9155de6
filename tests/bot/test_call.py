"""What a command is given."""

from __future__ import annotations

import pytest

from mastermind.bot.call import Call
from mastermind.bot.commands import Access
from mastermind.deadline import Deadline
from mastermind.discord.interactions import Caller, Interaction, Kind
from mastermind.errors import Unavailable
from tests.bot import playground


def test_where_there_is_no_storage_a_command_hears_so():
    caller = Caller(101, "Alex", 0, frozenset())
    services = playground.services(Deadline.after(1))
    call = Call("tensey", "x", Interaction(1, Kind.COMMAND, 11), caller, Access.EVERYONE, services)
    with pytest.raises(Unavailable, match="no storage"):
        _ = call.storage
