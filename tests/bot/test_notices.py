"""What is announced, in the queue and in Discord."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.bot import notices
from mastermind.discord.limits import message_violations
from mastermind.domain.announcements import MILESTONES, Milestone
from mastermind.errors import BadRequest
from tests.discord_schema import webhook_problems

NAMES = st.text(max_size=100)


def content(notice: Milestone) -> str:
    return str(notices.message(notice)["content"])


@given(NAMES, st.sampled_from([*MILESTONES, 25]), st.integers(1, 2**63 - 1))
def test_every_message_is_one_that_discord_takes(name: str, challenges: int, user_id: int):
    message = notices.message(Milestone(user_id, name, challenges))
    assert message_violations(message) == []
    assert webhook_problems(message) == []
    assert message["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("challenges", MILESTONES)
def test_a_milestone_is_told_in_a_few_words_with_the_name_and_the_count(challenges: int):
    said = content(Milestone(1, "Alex", challenges))
    assert "**Alex** has done" in said
    assert f"{challenges} challenges" in said
    assert len(said) < 160


def test_the_next_milestone_is_named_until_there_is_none():
    assert content(Milestone(1, "Alex", 10)).endswith("The next milestone is 50.")
    assert "next milestone" not in content(Milestone(1, "Alex", 303))


@pytest.mark.parametrize("name", ["@everyone", "<@123456789012345678>", "<@&1>", "**[x](https://evil.example)**"])
def test_a_name_pings_nobody_and_formats_nothing(name: str):
    """Whatever would be markup is escaped."""
    shown = content(Milestone(1, name, 10)).removeprefix("🎉 **").partition("** has done")[0]
    assert not set(re.sub(r"\\.", "", shown)) & set("*<@>[]()")


def test_a_long_name_is_cut_and_an_empty_one_replaced():
    assert "…" in content(Milestone(1, "x" * 500, 10))
    assert len(content(Milestone(1, "x" * 500, 10))) < 200
    assert "**A member**" in content(Milestone(1, "", 10))


@given(NAMES.filter(lambda name: "\0" not in name), st.sampled_from(MILESTONES), st.integers(1, 2**63 - 1))
def test_what_was_written_is_read_again(name: str, challenges: int, user_id: int):
    notice = Milestone(user_id, name, challenges)
    assert notices.read(notices.write(notice)) == notice


def test_a_member_who_changed_their_name_is_the_same_notice():
    first, second = (notices.identity(Milestone(1, name, 10)) for name in ("Alex", "Sasha"))
    assert first == second != notices.identity(Milestone(1, "Alex", 50))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"kind": "party"}',
        '{"kind": "milestone"}',
        '{"kind": "milestone", "user_id": "1", "display_name": "x", "challenges": 10}',
        '{"kind": "milestone", "user_id": 1, "display_name": 7, "challenges": 10}',
        '{"kind": "milestone", "user_id": 1, "display_name": "x", "challenges": true}',
        "\ud800",
    ],
)
def test_what_we_never_write_is_refused(body: str):
    with pytest.raises(BadRequest):
        notices.read(body)
