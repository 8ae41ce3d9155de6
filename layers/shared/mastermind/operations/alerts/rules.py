"""Which change of an alarm is told at once, which is kept for the recovery, and which is told no more.

Rules: docs/rules/alerts.md. A queue delivers late, twice and in any order; each change is sent once all the same, and
an end never before its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.operations.health.rules import State

PATIENCE = timedelta(minutes=30)
"""How long an end waits for its beginning to be told: as long as the queue brings that back, thirty times in all."""

HELD = 1.5
"""Periods of the alarm on health that another alarm is held: the check comes each period, and needs time to speak."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alarm's state.

    `what` is the alarm in one sentence, `runbook` the section that says what to do. `rings` is its state now, `rang`
    the one before. `about_health` is true for the one alarm that pages.
    """

    alarm: str
    what: str
    runbook: str
    rings: bool
    rang: bool
    at: datetime
    about_health: bool = False


class Told(StrEnum):
    """How far the telling of a change has come; what is held, or could not be told, is not told yet."""

    NOT_YET = "not yet"
    FOLDED = "folded"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Outage:
    """What the health check had found when its alarm rang: since when, and what failed, each in a few words.

    Nothing failed when it is the check itself that is silent; `since` is then when it last spoke (None: never).
    """

    since: datetime | None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What is remembered of an alarm: its last change, when it had begun to ring, and how far that was told."""

    alarm: str
    what: str
    runbook: str
    rings: bool
    began: datetime
    changed: datetime
    told: Told = Told.NOT_YET
    outage: Outage | None = None


def outage(change: Change, state: State) -> Outage:
    """The outage that makes the alarm on the game's health ring, read from what the health check remembers."""
    if state.since is not None:
        return Outage(state.since, tuple(f"{probe.name}: {probe.words}" for probe in state.failing))
    if state.at is not None and state.at > change.at:
        return Outage(change.at, ("no longer known: the health check has found everything well since",))
    return Outage(state.at)


class Step(Enum):
    """What to do about a change."""

    NOTHING = "nothing"
    WAIT = "wait"
    HOLD = "hold"
    NOTE = "note"
    TELL = "tell"
    FOLD = "fold"


def step(change: Change, note: Note | None, now: datetime, period: timedelta, *, is_healthy: bool) -> Step:
    """What to do about `change`, given what is remembered of its alarm and whether the game is healthy.

    `period` is that of the alarm on health.
    """
    if note and _is_known(change, note):
        return Step.NOTHING
    if not change.rings and not change.rang:
        return Step.NOTHING  # a new alarm that found nothing wrong
    if change.about_health:
        return Step.WAIT if _is_too_early(change, note, now) else Step.TELL
    if not is_healthy:
        return Step.FOLD
    return Step.HOLD if _is_held(change, note, now, period) else Step.TELL


def health_step(change: Change, note: Note | None, state: State, now: datetime, period: timedelta) -> Step:
    """The same for the alarm on health, of whose truth the health check knows more: it may only be a few seconds late.

    A period without any figure, or with two, makes CloudWatch change its mind for a moment. So an outage that was told
    is not told again; an end is believed when the check has found two good ones, a ringing when it has found something
    wrong, or has said nothing for a period.
    """
    what = step(change, note, now, period, is_healthy=True)
    if what is not Step.TELL or (note and note.changed == change.at):
        return what
    if not change.rings:
        return _end(note, state)
    if note and note.rings and note.outage and state.since and note.outage.since == state.since:
        return Step.NOTE
    spoke_well = state.at if state.is_healthy else None
    return Step.WAIT if spoke_well and spoke_well <= change.at < spoke_well + period else Step.TELL


def _end(note: Note | None, state: State) -> Step:
    """Nothing has ended of which no beginning was told, and nothing as long as the health check finds it."""
    if note and not note.rings:
        return Step.NOTE
    return Step.TELL if state.is_healthy else Step.WAIT


def _is_too_early(change: Change, note: Note | None, now: datetime) -> bool:
    """Whether the change is an end whose beginning was not told, but may still be."""
    untold = note and note.rings and note.told is Told.NOT_YET
    return bool(note and untold and not change.rings and now - note.changed < PATIENCE)


def _is_held(change: Change, note: Note | None, now: datetime, period: timedelta) -> bool:
    """Whether it is too early to tell; an end that comes by then is told alone, with its beginning."""
    if note and note.told is Told.NOT_YET:
        return now - note.began < HELD * period
    return change.rings and now - change.at < HELD * period


def _is_known(change: Change, note: Note) -> bool:
    """Whether the change is older than what is remembered, or has been told."""
    return change.at < note.changed or (change.at == note.changed and note.told is not Told.NOT_YET)


def noted(change: Change, note: Note | None, outage: Outage | None = None) -> Note:
    """What is remembered from now on; an end keeps when it began and what had failed, a repetition everything."""
    if note and note.changed == change.at:
        return note
    fresh = Note(change.alarm, change.what, change.runbook, change.rings, change.at, change.at, outage=outage)
    if change.rings or note is None or not note.rings:
        return fresh
    return replace(fresh, began=note.began, outage=note.outage)
