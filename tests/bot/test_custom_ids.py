"""What a button carries comes back as it was written, and everything else is recognised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.bot.custom_ids import CustomId, make, read

NAMES = st.from_regex(r"[a-z][-a-z]{0,10}", fullmatch=True)
ARGUMENTS = st.lists(st.text(st.characters(exclude_characters=":"), max_size=8), max_size=4)


@given(NAMES, NAMES, st.integers(0, 10**18), ARGUMENTS)
def test_what_is_written_is_read(command: str, action: str, owner: int, arguments: list[str]):
    assert read(make(command, action, owner, *arguments)) == CustomId(command, action, owner, tuple(arguments))


def test_it_says_version_command_action_owner_and_arguments():
    assert make("tenseylist", "tick", 101, "a1", 2) == "1:tenseylist:tick:101:a1:2"


@pytest.mark.parametrize("arguments", [("x" * 100,), ("a:b",)])
def test_what_would_not_come_back_is_not_written(arguments: tuple[str, ...]):
    with pytest.raises(ValueError, match="not a usable custom_id"):
        make("tenseylist", "tick", 101, *arguments)


@pytest.mark.parametrize(
    "custom_id",
    ["", "1", "2:a:b:0", "1:a:b:-1", "1:a:b:01", "1:a:b", "1:A:b:0", "1:a:b:0x", "1:a:b:" + "9" * 20, "1:a:b:\u0664"],
)
def test_a_custom_id_of_another_version_or_of_somebody_else_is_none(custom_id: str):
    assert read(custom_id) is None


@given(st.text(max_size=100))
def test_anything_a_client_sends_can_be_read(custom_id: str):
    read(custom_id)
