"""Which change of an alarm is sent at once, which is kept for the message of the recovery, and which is not sent.

Rules: docs/rules/alerts.md. A queue delivers late, twice and in any order; each change is sent once all the same, and
an end never before its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mastermind.operations.health.rules import State

PATIENCE = timedelta(minutes=30)
"""How long an end waits for its beginning to be sent: as long as the queue delivers that again, thirty times in all."""

HELD = 1.5
"""Periods of the alarm on health that another alarm is held: the check runs once in each, and takes a while."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alarm's state.

    `what` is the alarm in one sentence, `runbook` the section that says what to do. `is_alarm` is its state now,
    `was_alarm` the one before. `about_health` is true for the one alarm that pages.
    """

    alarm: str
    what: str
    runbook: str
    is_alarm: bool
    was_alarm: bool
    at: datetime
    about_health: bool = False


class Sent(StrEnum):
    """Whether a change was sent; what is held, or could not be sent, is not sent yet."""

    NOT_YET = "not yet"
    FOLDED = "folded"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Failure:
    """What the health check had found when its alarm went off: since when, and what failed, each in a few words.

    Nothing failed when it is the check itself that is silent; `since` is then when it last ran (None: never).
    """

    since: datetime | None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept of an alarm: its last change, when it had gone off, and whether that was sent."""

    alarm: str
    what: str
    runbook: str
    is_alarm: bool
    began: datetime
    changed: datetime
    sent: Sent = Sent.NOT_YET
    failure: Failure | None = None


def failure(change: Change, state: State) -> Failure:
    """The failure behind the alarm on the game's health, read from what the health check left."""
    if state.since is not None:
        return Failure(state.since, tuple(f"{probe.name}: {probe.words}" for probe in state.failing))
    if state.at is not None and state.at > change.at:
        return Failure(change.at, ("no longer known: the health check has found everything well since",))
    return Failure(state.at)


class Step(Enum):
    """What to do about a change."""

    NOTHING = "nothing"
    WAIT = "wait"
    HOLD = "hold"
    NOTE = "note"
    SEND = "send"
    FOLD = "fold"


def step(change: Change, note: Note | None, now: datetime, period: timedelta, *, is_healthy: bool) -> Step:
    """What to do about `change`, given the note of its alarm and whether the game is healthy.

    `period` is that of the alarm on health.
    """
    if note and _is_known(change, note):
        return Step.NOTHING
    if not change.is_alarm and not change.was_alarm:
        return Step.NOTHING  # a new alarm that found nothing wrong
    if change.about_health:
        return Step.WAIT if _is_too_early(change, note, now) else Step.SEND
    if not is_healthy:
        return Step.FOLD
    return Step.HOLD if _is_held(change, note, now, period) else Step.SEND


def health_step(change: Change, note: Note | None, state: State, now: datetime, period: timedelta) -> Step:
    """The same for the alarm on health, of whose truth the health check knows more: it may only be a few seconds late.

    A period without any figure, or with two, makes CloudWatch change its mind for a moment. So an outage that was sent
    is not sent again; an end is believed when two checks in a row were good, an alarm when the check has found
    something wrong, or has not run for a period.
    """
    what = step(change, note, now, period, is_healthy=True)
    if what is not Step.SEND or (note and note.changed == change.at):
        return what
    if not change.is_alarm:
        return _end(note, state)
    if note and note.is_alarm and note.failure and state.since and note.failure.since == state.since:
        return Step.NOTE
    last_good = state.at if state.is_healthy else None
    return Step.WAIT if last_good and last_good <= change.at < last_good + period else Step.SEND


def _end(note: Note | None, state: State) -> Step:
    """Nothing has ended whose beginning was not sent, and nothing as long as the health check finds it."""
    if note and not note.is_alarm:
        return Step.NOTE
    return Step.SEND if state.is_healthy else Step.WAIT


def _is_too_early(change: Change, note: Note | None, now: datetime) -> bool:
    """Whether the change is an end whose beginning was not sent, but may still be."""
    unsent = note and note.is_alarm and note.sent is Sent.NOT_YET
    return bool(note and unsent and not change.is_alarm and now - note.changed < PATIENCE)


def _is_held(change: Change, note: Note | None, now: datetime, period: timedelta) -> bool:
    """Whether it is too early to send it; an end that comes by then is sent alone, with its beginning."""
    if note and note.sent is Sent.NOT_YET:
        return now - note.began < HELD * period
    return change.is_alarm and now - change.at < HELD * period


def _is_known(change: Change, note: Note) -> bool:
    """Whether the change is older than the note, or has been sent."""
    return change.at < note.changed or (change.at == note.changed and note.sent is not Sent.NOT_YET)


def noted(change: Change, note: Note | None, failure: Failure | None = None) -> Note:
    """The note that is kept from now on; an end keeps when it began and what had failed, a repetition everything."""
    if note and note.changed == change.at:
        return note
    fresh = Note(change.alarm, change.what, change.runbook, change.is_alarm, change.at, change.at, failure=failure)
    if change.is_alarm or note is None or not note.is_alarm:
        return fresh
    return replace(fresh, began=note.began, failure=note.failure)
