"""What is announced, in the queue and in Discord."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from mastermind.entrypoints import notify
from mastermind.game.announcements import notices, words
from mastermind.game.announcements.queued import Announcement, Queued
from mastermind.game.announcements.rules import (
    LEVELS,
    Digest,
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
    milestones,
)
from mastermind.game.challenges import content as challenges
from mastermind.game.weeks.rules import (
    MOST_NEWCOMERS,
    MOST_RAIDS,
    NAMED,
    Climber,
    FactionWeek,
    RaidResult,
    ServerWeek,
)
from mastermind.parsing import parse

MILESTONES = milestones(challenges.load().count)
NAMES = st.text(max_size=100)
TYPES = st.sampled_from(["warrior", "mage"])
IDS = st.integers(1, 2**63 - 1)
POINTS = st.integers(0, 10**6)
CLIMBERS = st.builds(Climber, NAMES, POINTS, POINTS)
CELEBRATIONS: st.SearchStrategy[Milestone | LevelUp] = st.one_of(
    st.builds(Milestone, IDS, NAMES, st.sampled_from([*MILESTONES, 25]), st.integers(1, 500)),
    st.builds(LevelUp, IDS, NAMES, st.integers(1, 50)),
)
NOTICES: st.SearchStrategy[Announcement] = st.one_of(
    CELEBRATIONS,
    st.builds(Digest, IDS, st.lists(CELEBRATIONS, min_size=1, max_size=30).map(tuple)),
    st.builds(RaidStarted, IDS, TYPES, POINTS, st.integers(0, 2**40)),
    st.builds(RaidCompleted, IDS, TYPES, POINTS, POINTS, POINTS, NAMES),
    st.builds(RaidFailed, IDS, TYPES, POINTS, POINTS, POINTS),
    st.builds(
        ServerWeek,
        st.dates(date(2000, 1, 1)).map(str),
        POINTS,
        st.lists(CLIMBERS, max_size=NAMED).map(tuple),
        st.none() | CLIMBERS,
        st.lists(NAMES, max_size=MOST_NEWCOMERS).map(tuple),
        POINTS,
        st.tuples(st.builds(FactionWeek, st.just("Luminarchs"), POINTS), st.builds(FactionWeek, TYPES, POINTS)),
        st.lists(st.builds(RaidResult, TYPES, st.booleans(), POINTS, POINTS, POINTS), max_size=MOST_RAIDS).map(tuple),
        POINTS,
        st.just("x" * 250),
    ),
)


def content(notice: Announcement) -> str:
    return str(notices.message(notice)["content"])


@given(NOTICES)
def test_every_message_is_one_that_discord_takes(notice: Announcement):
    message = notices.message(notice)
    assert message_violations(message) == []
    assert webhook_problems(message) == []
    assert message["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("user_id", range(9))
@pytest.mark.parametrize("challenges", MILESTONES)
def test_a_milestone_is_told_in_a_few_words_with_the_name_and_the_count(challenges: int, user_id: int):
    said = content(Milestone(user_id, "Alex", challenges, 303))
    assert "**Alex**" in said
    assert f"**{challenges} challenges**" in said
    assert len(said) < 160


def test_the_next_milestone_is_named_until_there_is_none():
    assert content(Milestone(1, "Alex", 10, 303)).endswith("The next milestone is 50.")
    assert "next milestone" not in content(Milestone(1, "Alex", 303, 303))


def test_the_whole_list_is_celebrated_at_any_length():
    assert content(Milestone(1, "Alex", 50, 50)).endswith("Take a bow!")


EACH = (
    Milestone(1, "Alex", 10, 303),
    LevelUp(1, "Alex", 5),
    RaidStarted(1, "warrior", 1000, 1_800_000_000),
    RaidCompleted(1, "mage", 1000, 1015, 4, ""),
    RaidFailed(1, "mage", 1000, 30, 1),
    Digest(1, (LevelUp(1, "Alex", 5),)),
)


@pytest.mark.parametrize("notice", EACH, ids=lambda notice: notice.kind)
def test_each_kind_reads_in_three_ways_and_the_same_thing_always_in_the_same(notice: Announcement):
    counted = next(name for name in ("user_id", "raid_id", "digest_id") if hasattr(notice, name))
    headlines = {words.of(replace(notice, **{counted: number}))[0] for number in range(30)}
    assert len(headlines) == 3
    assert words.of(notice) == words.of(replace(notice))


@pytest.mark.parametrize("name", ["@everyone", "<@123456789012345678>", "<@&1>", "**[x](https://evil.example)**"])
def test_a_name_pings_nobody_and_formats_nothing(name: str):
    """Whatever would be markup is escaped."""
    shown = content(Milestone(1, name, 10, 303)).partition("!")[0].replace("**10 challenges**", "").split("**")[1]
    assert not set(re.sub(r"\\.", "", shown)) & set("*<@>[]()")


def test_a_long_name_is_cut_and_an_empty_one_replaced():
    assert "…" in content(Milestone(1, "x" * 500, 10, 303))
    assert len(content(Milestone(1, "x" * 500, 10, 303))) < 200
    assert "**A member**" in content(Milestone(1, "", 10, 303))


@given(NOTICES)
def test_what_was_written_is_read_again(notice: Announcement):
    assert parse(notify.NOTICE, notices.write(notice, 1_800_000_000.5)) == Queued(notice, 1_800_000_000)


@given(NOTICES, NOTICES)
def test_only_the_same_notice_has_the_same_identity(first: Announcement, second: Announcement):
    assert words.identity(first) == words.identity(replace(first))
    if first.kind != second.kind:
        assert words.identity(first) != words.identity(second)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_told_with_its_class(level: int):
    said = content(LevelUp(1, "Alex", level))
    assert "**Alex**" in said
    assert f"**level {level}: " in said
    assert len(said) < 160


def test_the_highest_level_is_told_as_such():
    assert "level 50: Galactic Mastermind" in content(LevelUp(1, "Alex", 50))


def test_a_digest_names_ten_and_counts_the_others():
    told = tuple(LevelUp(number, f"Member {number}", 5) for number in range(13))
    said = content(Digest(1, (Milestone(99, "Alex", 10, 303), *told)))
    assert "\n🎯 **Alex**: 10 challenges\n⭐ **Member 0**: level 5, Social Squire\n" in said
    assert said.endswith("**Member 8**: level 5, Social Squire\nAnd 4 more.")


def test_a_raid_that_begins_is_told_with_its_target_and_its_end():
    said = content(RaidStarted(7, "warrior", 1000, 1_800_000_000))
    assert "**warrior raid**" in said
    assert "**1,000 points** together, until <t:1800000000:t> (<t:1800000000:R>)." in said
    assert "`/raid-status`" in said


def test_a_raid_that_is_won_is_told_with_its_rewards_and_who_gave_most():
    said = content(RaidCompleted(7, "mage", 1000, 1015, 4, "Alex"))
    assert "**mage raid**" in said
    assert said.endswith(
        "**1,015 of 1,000 points** by 4 members. Everybody who contributed gets 250 XP. "
        "**Alex** contributed most and gets 250 more."
    )


def test_who_is_not_named_in_public_is_not_named():
    assert content(RaidCompleted(7, "mage", 100, 100, 1, "")).endswith(
        "by 1 member. Everybody who contributed gets 250 XP."
    )


@pytest.mark.parametrize("raid_id", range(9))
def test_a_raid_that_failed_is_told_kindly(raid_id: int):
    said = content(RaidFailed(raid_id, "mage", 1000, 30, 1))
    assert "**30 of 1,000 points** by 1 member." in said
    assert "XP" in said
    assert "Hardly anybody came by this time" in content(RaidFailed(raid_id, "mage", 1000, 0, 0))


def test_a_member_who_changed_their_name_is_the_same_notice():
    first, second = (words.identity(Milestone(1, name, 10, 303)) for name in ("Alex", "Sasha"))
    assert first == second != words.identity(Milestone(1, "Alex", 50, 303))
