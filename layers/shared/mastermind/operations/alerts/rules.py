"""What the operators are notified of, and when: pure functions from what was known to what is known now.

Rules: docs/rules/alerts.md. A queue delivers late, twice and in any order; whatever begins is notified once all the
same, and an end never without its beginning.
"""

from __future__ import annotations

from copy import replace
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from mastermind.operations import runbook
from mastermind.operations.alerts.records import (
    Alert,
    Change,
    Down,
    Ends,
    Meanwhile,
    Notes,
    Notified,
    OpenOutage,
    Past,
    Recovered,
    Span,
    Starts,
    Trouble,
    Waiting,
)
from mastermind.operations.health.rules import GOOD_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mastermind.operations.health.rules import Status

PATIENCE = timedelta(minutes=20)
"""How long Discord may refuse an alert before it goes by e-mail; the queue delivers for half an hour."""

LATE = 1.5
"""Periods of the alarm on health without a status after which the health check is silent: each takes a while."""

KEPT = 12
"""Spans of one trouble that stay known, so that what is delivered again is not taken for something new."""

EACH = 3
"""Spans of one trouble that a recovery lists; more are counted."""

MOST_LINES = 12
"""Of what failed, or of what else happened, in one message."""

SILENCE, WEBHOOK = "silence", "webhook"
"""The troubles that are no alarms and no probes: the health check is silent, the announcements' webhook is gone."""

NOTIFIED_BY_ALARMS = frozenset({"ledger", "dead_letters"})
"""Probes that have alarms of their own, which notify of them."""


class _Step:
    """One step: the notes as they become, and the alerts that it makes."""

    def __init__(self, notes: Notes, source: str, now: datetime) -> None:
        self.notes, self._source, self._now = notes, source, now

    def set(self, **fields: object) -> None:
        self.notes = replace(self.notes, **fields)  # pyright: ignore[reportArgumentType] # fields of Notes

    def alert(self, alert: Alert) -> None:
        number = self.notes.number + 1
        self.set(number=number, waiting=(*self.notes.waiting, Waiting(number, self._source, self._now, alert)))

    def put(self, key: str, trouble: Trouble) -> None:
        self.set(troubles={**self.notes.troubles, key: trouble})


# --- a change of an alarm ---


def after_change(notes: Notes, change: Change, now: datetime, period: timedelta) -> Notes | None:
    """The notes after a change; None when the health check must first say more.

    `period` is that of the alarm on health.
    """
    step = _Step(notes, source_of(change), now)
    if not change.is_alarm:
        if change.was_alarm:
            _end(step, change.alarm, change)
        return step.notes
    if change.about is None or change.drill:
        _begin(step, change.alarm, Trouble(change.what, change.guide), change.at)
        return step.notes
    if _is_answered(notes, change):
        return notes
    last = change.at if change.about == "health" else notes.at
    if last and now - last < LATE * period:
        return None
    if change.about == "silence":
        _begin(step, SILENCE, Trouble("The health check is silent.", runbook.SILENT, urgent=True), last or change.at)
    else:
        _begin(step, change.alarm, Trouble(change.what, change.guide, urgent=True), change.at)
    return step.notes


def source_of(change: Change) -> str:
    return f"{change.alarm} {change.at.isoformat()}"


def _is_answered(notes: Notes, change: Change) -> bool:
    """Whether the health check has notified of it, or has spoken since."""
    spoke = notes.at is not None and notes.at >= change.at
    return spoke or (change.about == "health" and notes.outage is not None)


# --- a status of the health check ---


def after_status(notes: Notes, status: Status, now: datetime) -> Notes:
    """The notes after a status; one that is older than the last changes nothing."""
    before = notes.at
    if before and status.at <= before:
        return notes
    step = _Step(notes, source_of_status(status), now)
    step.set(at=status.at)
    _end_if_on(step, SILENCE, status.at)
    _follow_outage(step, status, before)
    _follow_to_do(step, status)
    return step.notes


def source_of_status(status: Status) -> str:
    return f"status {status.at.isoformat()}"


def _follow_outage(step: _Step, status: Status, before: datetime | None) -> None:
    outage, last = step.notes.outage, status.last
    if outage and last and last.began == outage.since:
        _recover(step, outage, last.ended)
    elif outage and status.since is None and status.good_in_a_row >= GOOD_CHECKS:
        _recover(step, outage, status.at)
    elif not outage and before and last and last.ended > before:
        _recover(step, OpenOutage(last.began, dict.fromkeys(last.probes, "")), last.ended)
    if status.since is not None:
        _go_down(step, status.since, status.failed)


def _go_down(step: _Step, since: datetime, failed: Mapping[str, str]) -> None:
    outage = step.notes.outage
    known = outage or OpenOutage(since, {})
    new = {name: words for name, words in failed.items() if name not in known.failed}
    if new:
        step.alert(Down(known.since, new, further=outage is not None))
    step.set(outage=replace(known, failed={**known.failed, **new}))


def _recover(step: _Step, outage: OpenOutage, ended: datetime) -> None:
    step.alert(Recovered(outage.since, ended, outage.failed))
    past = sorted(_owed(step.notes.troubles.values()), key=lambda one: one.began)
    for lines in batched(past, MOST_LINES, strict=False):
        step.alert(Meanwhile(outage.since, ended, lines))
    settled = {key: replace(one, spans=tuple(map(_settled, one.spans))) for key, one in step.notes.troubles.items()}
    step.set(outage=None, troubles=settled)


def _owed(troubles: Iterable[Trouble]) -> Iterator[Past]:
    """What a recovery says of other troubles: each end that was not notified, and each beginning."""
    for trouble in troubles:
        owed = [span for span in trouble.spans if span.notified is not _settled(span).notified]
        if len(owed) > EACH:
            yield Past(trouble.what, owed[0].place, owed[-1].ended, len(owed))
        else:
            yield from (Past(trouble.what, span.place, span.ended) for span in owed)


def _settled(span: Span) -> Span:
    if span.began is None:
        return span
    return replace(span, notified=Notified.ALL if span.ended else Notified.BEGINNING)


def _follow_to_do(step: _Step, status: Status) -> None:
    to_do = {_probe(name): (name, one) for name, one in status.to_do.items() if name not in NOTIFIED_BY_ALARMS}
    for key in [key for key in step.notes.troubles if key.startswith(_probe("")) and key not in to_do]:
        _end_if_on(step, key, status.at)
    for key, (name, one) in to_do.items():
        if step.notes.is_on(key) and step.notes.troubles[key].spans[-1].began != one.since:
            _end_if_on(step, key, one.since)
        _begin(
            step, key, Trouble(f"{name.replace('_', ' ').capitalize()}: {one.words}", runbook.PROBES[name]), one.since
        )


def _probe(name: str) -> str:
    return f"probe {name}"


# --- the announcements' webhook ---


def after_webhook(notes: Notes, now: datetime, *, problem: str | None) -> Notes:
    """The notes after an announcement could not be posted for want of a webhook, or could again (None)."""
    step = _Step(notes, WEBHOOK, now)
    if problem is None:
        _end_if_on(step, WEBHOOK, now)
    elif not notes.is_on(WEBHOOK):
        what = f"Announcements are dropped: {problem}."
        _begin(step, WEBHOOK, Trouble(what, runbook.WEBHOOK), now)
    return step.notes


# --- troubles ---


def _begin(step: _Step, key: str, trouble: Trouble, at: datetime) -> None:
    known = step.notes.troubles.get(key, trouble)
    step.put(key, replace(trouble, spans=_with_beginning(known.spans, at)))
    _notify(step, key)


def _end(step: _Step, key: str, change: Change) -> None:
    known = step.notes.troubles.get(key)
    if known is None and change.about:
        return  # the health check has notified of it
    known = known or Trouble(change.what, change.guide)
    step.put(key, replace(known, spans=_with_end(known.spans, change.at)))
    _notify(step, key)


def _end_if_on(step: _Step, key: str, at: datetime) -> None:
    if step.notes.is_on(key):
        known = step.notes.troubles[key]
        step.put(key, replace(known, spans=_with_end(known.spans, at)))
        _notify(step, key)


def _with_beginning(spans: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    """The spans with a beginning at `at`, which may have been overtaken by its end."""
    if any(span.began == at for span in spans):
        return spans
    later = next((span for span in spans if span.place > at), None)
    if later and later.began is None:
        return _in_order(replace(span, began=at) if span is later else span for span in spans)
    return _in_order((*spans, Span(at)))


def _with_end(spans: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    if any(span.ended == at for span in spans):
        return spans
    earlier = next((span for span in reversed(spans) if span.place <= at), None)
    if earlier and earlier.ended is None:
        return _in_order(replace(span, ended=at) if span is earlier else span for span in spans)
    return _in_order((*spans, Span(None, at)))


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    found = sorted(spans, key=lambda span: span.place)
    return tuple(span for place, span in enumerate(found, KEPT - len(found)) if place >= 0 or not _is_told(span))


def _is_told(span: Span) -> bool:
    return span.notified is Notified.ALL or span.began is None


def _notify(step: _Step, key: str) -> None:
    """Alert of what is new of a trouble: a beginning at once, but once in an outage; an end when none lasts."""
    trouble = step.notes.troubles[key]
    spans = tuple(_notified(step, key, trouble, span) for span in trouble.spans)
    step.put(key, replace(trouble, spans=spans))


def _notified(step: _Step, key: str, trouble: Trouble, span: Span) -> Span:
    outage = step.notes.outage
    if span.began is None or span.notified is Notified.ALL:
        return span
    if span.ended:
        if outage:
            return span
        step.alert(Ends(trouble.what, span.began, span.ended))
        return replace(span, notified=Notified.ALL)
    if span.notified is Notified.BEGINNING or span is not trouble.spans[-1] or (outage and key in outage.notified):
        return span
    step.alert(Starts(trouble.what, trouble.guide, span.began, trouble.urgent))
    if outage:
        step.set(outage=replace(outage, notified=(*outage.notified, key)))
    return replace(span, notified=Notified.BEGINNING)


# --- sending ---


def claimed(notes: Notes, sender: str, now: datetime, lease: timedelta) -> Notes | None:
    """The notes with this sender as the one that sends; None while another one is at it, or nothing waits."""
    is_taken = notes.sending_until is not None and notes.sender != sender and now < notes.sending_until
    if is_taken or not notes.waiting:
        return None
    return replace(notes, sender=sender, sending_until=now + lease)


def without(notes: Notes, number: int) -> Notes:
    """The notes after that alert was sent."""
    return replace(notes, waiting=tuple(one for one in notes.waiting if one.number != number))


def released(notes: Notes) -> Notes:
    return replace(notes, sender="", sending_until=None)
