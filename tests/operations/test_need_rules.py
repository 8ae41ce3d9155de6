"""How often the moderators are mentioned for people in need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mastermind.operations.needs.rules import MOST_COUNTED, OF_ALL, WITHIN, Mentions, Step, after_need, after_post

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def need(known: Mentions, interaction_id: int, user_id: int, minutes: float = 0) -> tuple[Mentions, Step]:
    """A need whose mention, if any, is posted."""
    known, step = after_need(known, interaction_id, user_id, NOON + timedelta(minutes=minutes))
    if step is Step.MENTION:
        known = after_post(known, interaction_id, "admins", f"message of {interaction_id}")
    return known, step


def test_one_mention_a_member_an_hour_and_more_raise_its_count():
    known, first = need(Mentions(), 1, 101)
    known, second = need(known, 2, 101, 59)
    assert (first, second) == (Step.MENTION, Step.COUNT)
    assert known.each[-1].further == (2,)
    known, third = need(known, 3, 101, 60)
    assert (third, len(known.each)) == (Step.MENTION, 1)


def test_six_mentions_a_server_an_hour():
    known = Mentions()
    for number in range(6):
        known, step = need(known, number, 100 + number, number)
        assert step is Step.MENTION
    known, seventh = need(known, 7, 200, 30)
    assert seventh is Step.COUNT
    assert need(known, 8, 201, 60)[1] is Step.MENTION


def test_the_same_message_again_goes_on_where_it_was_left():
    known, step = after_need(Mentions(), 1, 101, NOON)
    assert step is Step.MENTION
    assert after_need(known, 1, 101, NOON) == (known, Step.MENTION)
    posted = after_post(known, 1, "admins", "7")
    assert after_need(posted, 1, 101, NOON) == (posted, Step.NOTHING)
    counted, _ = after_need(posted, 2, 101, NOON)
    assert after_need(counted, 2, 101, NOON) == (counted, Step.COUNT)


def test_a_flood_is_counted_to_its_end():
    known, _ = need(Mentions(), 0, 101)
    for number in range(1, MOST_COUNTED + 10):
        known, _ = need(known, number, 101)
    assert len(known.each[0].further) == MOST_COUNTED


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 200)), max_size=60))
def test_no_hour_has_more_mentions_than_these(written: list[tuple[int, int]]):
    known, mentioned = Mentions(), list[tuple[int, int]]()
    for number, (user_id, minute) in enumerate(sorted(written, key=lambda one: one[1])):
        known, step = need(known, number, user_id, minute)
        if step is Step.MENTION:
            mentioned.append((user_id, minute))
    for _, minute in mentioned:
        hour = [user for user, at in mentioned if minute <= at < minute + WITHIN.seconds // 60]
        assert len(hour) <= OF_ALL
        assert len(set(hour)) == len(hour)
