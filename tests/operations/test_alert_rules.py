"""What is sent about an alarm, and when: once, in order, and folded while the game is not healthy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mastermind.operations.alerts.rules import (
    PATIENCE,
    Change,
    Failure,
    Note,
    Sent,
    Step,
    failure,
    health_step,
    noted,
    step,
)
from mastermind.operations.health.rules import Probe, State

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERIOD = 3 * MINUTE
ALARM = Change(
    "Awards", "Awards wait.", "docs/Troubleshooting.md#awards-are-late", is_alarm=True, was_alarm=False, at=AT
)
ENDS = replace(ALARM, is_alarm=False, was_alarm=True, at=AT + 5 * MINUTE)
HEALTH = replace(ALARM, alarm="health", about_health=True)


def sent_note(change: Change, note: Note | None = None, how: Sent = Sent.YES) -> Note:
    return replace(noted(change, note), sent=how)


def decided(change: Change, note: Note | None, *, healthy: bool = True, now: datetime = AT + 6 * MINUTE) -> Step:
    return step(change, note, now, PERIOD, is_healthy=healthy)


def test_an_alarm_is_sent_while_the_game_is_healthy_and_folded_while_it_is_not():
    assert decided(ALARM, None) is Step.SEND
    assert decided(ALARM, None, healthy=False) is Step.FOLD


def test_an_alarm_is_held_until_the_next_health_check_must_have_spoken():
    assert decided(ALARM, None, now=AT + 4 * MINUTE) is Step.HOLD
    assert decided(ALARM, None, healthy=False, now=AT + 4 * MINUTE) is Step.FOLD
    assert decided(ALARM, sent_note(ALARM, how=Sent.NOT_YET), now=AT + 5 * MINUTE) is Step.SEND


def test_the_alarm_on_health_is_always_sent_at_once():
    assert decided(HEALTH, None, healthy=False, now=AT) is Step.SEND


def test_a_change_is_sent_once_however_often_it_arrives():
    assert decided(ALARM, sent_note(ALARM)) is Step.NOTHING
    assert decided(ALARM, sent_note(ALARM, how=Sent.FOLDED), healthy=False) is Step.NOTHING


def test_a_change_that_could_not_be_sent_is_sent_when_it_is_redelivered():
    assert decided(ALARM, sent_note(ALARM, how=Sent.NOT_YET)) is Step.SEND


def test_a_change_older_than_the_last_one_sent_is_not_sent():
    assert decided(ALARM, sent_note(ENDS)) is Step.NOTHING


def test_a_new_alarm_that_finds_nothing_wrong_is_no_news():
    assert decided(replace(ENDS, was_alarm=False), None) is Step.NOTHING


def test_the_end_of_an_outage_waits_for_its_beginning_as_long_as_that_may_come():
    unsent, ends = sent_note(HEALTH, how=Sent.NOT_YET), replace(ENDS, about_health=True)
    assert decided(ends, unsent) is Step.WAIT
    assert decided(ends, unsent, now=AT + PATIENCE) is Step.SEND


def test_an_alarm_that_ends_before_it_was_sent_is_one_message():
    unsent, ends = sent_note(ALARM, how=Sent.NOT_YET), replace(ENDS, at=AT + MINUTE)
    assert decided(ends, unsent, now=AT + 2 * MINUTE) is Step.HOLD
    assert decided(ends, unsent, now=AT + 2 * MINUTE, healthy=False) is Step.FOLD
    over = noted(ends, unsent)
    assert (over.began, over.changed) == (AT, ends.at)
    assert decided(ends, over, now=AT + 2 * MINUTE) is Step.HOLD
    assert decided(ends, over, now=AT + 5 * MINUTE) is Step.SEND
    assert decided(ALARM, over, now=AT + 5 * MINUTE) is Step.NOTHING


def test_an_end_without_a_beginning_is_sent_anyway():
    assert decided(ENDS, None) is Step.SEND


def test_an_end_is_folded_too_while_the_game_is_not_healthy():
    assert decided(ENDS, sent_note(ALARM), healthy=False) is Step.FOLD
    assert decided(ENDS, sent_note(ALARM, how=Sent.FOLDED), healthy=False) is Step.FOLD


def test_an_end_keeps_when_it_began_and_what_had_failed():
    failed = Failure(AT - MINUTE, ("database: it does not answer",))
    begun = noted(HEALTH, None, failed)
    over = noted(replace(ENDS, alarm="health", about_health=True), begun, Failure(None))
    assert (over.is_alarm, over.began, over.changed, over.failure) == (False, AT, ENDS.at, failed)


def test_what_comes_back_keeps_what_was_noted_the_first_time():
    begun = noted(HEALTH, None, Failure(AT, ("database: it does not answer",)))
    assert noted(HEALTH, begun, Failure(None)) == begun


def test_an_alarm_that_fires_again_starts_over():
    over = sent_note(ENDS, sent_note(ALARM))
    again = noted(replace(ALARM, at=AT + 9 * MINUTE), over)
    assert (again.is_alarm, again.began, again.sent) == (True, AT + 9 * MINUTE, Sent.NOT_YET)


# --- the alarm on health, and what the health check knows ---

BAD = State(at=AT - MINUTE, since=AT - MINUTE, failing=(Probe("database", healthy=False, words="it is away"),))
WELL = State(at=AT + 4 * MINUTE)
OUTAGE_SENT = replace(noted(HEALTH, None, failure(HEALTH, BAD)), sent=Sent.YES)
MENDS = replace(HEALTH, is_alarm=False, was_alarm=True, at=AT + 5 * MINUTE)


def on_health(change: Change, note: Note | None, state: State) -> Step:
    return health_step(change, note, state, AT + 6 * MINUTE, PERIOD)


def test_an_outage_and_its_end_are_sent_when_the_health_check_has_them():
    assert on_health(HEALTH, None, BAD) is Step.SEND
    assert on_health(MENDS, OUTAGE_SENT, WELL) is Step.SEND


def test_an_alarm_that_fires_again_for_the_same_outage_is_only_noted():
    assert on_health(replace(HEALTH, at=AT + MINUTE), OUTAGE_SENT, BAD) is Step.NOTE
    assert on_health(replace(HEALTH, at=AT + MINUTE), OUTAGE_SENT, replace(BAD, since=AT)) is Step.SEND


def test_an_end_is_not_believed_while_the_health_check_finds_the_outage():
    assert on_health(MENDS, OUTAGE_SENT, BAD) is Step.WAIT


def test_silence_is_not_believed_while_the_health_check_has_just_spoken_well():
    assert on_health(HEALTH, None, State(at=AT - MINUTE)) is Step.WAIT
    assert on_health(HEALTH, None, State(at=AT - PERIOD)) is Step.SEND
    assert on_health(HEALTH, None, State()) is Step.SEND


def test_the_end_of_an_unsent_outage_is_only_noted():
    over = sent_note(MENDS, OUTAGE_SENT)
    assert on_health(replace(MENDS, at=MENDS.at + MINUTE), over, WELL) is Step.NOTE
    assert on_health(MENDS, None, WELL) is Step.SEND


# --- what makes the alarm on health ring ---


def test_an_outage_says_since_when_and_what_failed():
    state = State(at=AT, since=AT - MINUTE, failing=(Probe("database", healthy=False, words="it is away"),))
    assert failure(HEALTH, state) == Failure(AT - MINUTE, ("database: it is away",))


def test_when_nothing_failed_it_is_the_check_that_is_silent():
    assert failure(HEALTH, State(at=AT - 20 * MINUTE)) == Failure(AT - 20 * MINUTE)
    assert failure(HEALTH, State()) == Failure(None)


def test_what_is_over_when_the_alarm_arrives_is_no_silence():
    assert failure(HEALTH, State(at=AT + MINUTE)).failed


# --- any order, any number of times ---


@given(st.data())
def test_whatever_the_queue_does_an_alarm_and_its_recovery_are_posted_once_each_and_in_order(data: st.DataObject):
    """Each delivery may fail, come twice, or be overtaken; in the end everything is sent."""
    waiting, note, said = [ALARM, ENDS], None, list[bool]()
    for _ in range(40):
        if not waiting:
            break
        change = data.draw(st.sampled_from(waiting))
        what = decided(change, note, now=AT + data.draw(st.integers(3, 9)) * MINUTE)
        if what is Step.HOLD:
            note = noted(change, note)
        if what in {Step.WAIT, Step.HOLD}:
            continue
        if what is Step.SEND:
            note = noted(change, note)
            if data.draw(st.booleans(), label="Discord does not answer"):
                continue
            note = replace(note, sent=Sent.YES)
            said.append(change.is_alarm)
        if data.draw(st.booleans(), label="comes once only"):
            waiting.remove(change)
    assert said in ([], [True], [True, False], [False])
