"""Posts the changes of alarms in the queue Alarms, each once: in Discord, or by e-mail when Discord cannot be used."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.errors import MessageRefused, TryAgain, WebhookGone
from mastermind.operations.alerts import alarms
from mastermind.operations.alerts import messages as alerts
from mastermind.operations.alerts.rules import Failure, Sent, Step, failure, health_step, noted, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.gateways.mail import Mail
    from mastermind.gateways.webhooks import Channel
    from mastermind.operations.alerts.notes import Notes
    from mastermind.operations.alerts.rules import Change, Note
    from mastermind.operations.health.rules import State

log = logging.getLogger(__name__)

HEALTH = "health"
"""The name under which the note of the alarm on the game's health is kept: the others must find it."""

NOTING = 1.0
"""Seconds kept, after the last wait for Discord, to store that it was sent."""


class Alerter:
    """Sends alerts. `state` reads what the health check left, `runbook` is where the runbook can be read.

    `period` is that of the alarm on the game's health.
    """

    def __init__(
        self,
        notes: Notes,
        state: Callable[[Deadline], State],
        channel: Channel,
        mail: Mail,
        runbook: str,
        period: timedelta,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notes, self._state = notes, state
        self._channel, self._mail = channel, mail
        self._runbook, self._period, self._now = runbook, period, now

    def receive(self, deadline: Deadline, body: str) -> None:
        """Send the change in a message, if it is one to be sent; an error has the queue deliver it again."""
        change = alarms.read(body)
        if change.about_health:
            change = replace(change, alarm=HEALTH)
        note = self._notes.of(change.alarm, deadline)
        what = self._step(change, note, deadline)
        log.info("alarm changed", extra={"alarm": change.alarm, "is_alarm": change.is_alarm, "step": what.value})
        match what:
            case Step.NOTHING:
                pass
            case Step.WAIT:
                raise TryAgain("an end before its beginning, or a change that the health check does not confirm yet")
            case Step.HOLD:
                self._notes.keep(noted(change, note), deadline)
                raise TryAgain("held until the next health check is due")
            case Step.NOTE:
                self._note_time(change, note, deadline)
            case Step.FOLD:
                self._fold(noted(change, note), deadline)
            case Step.SEND:
                self._send(self._noted(change, note, deadline), deadline)

    def _step(self, change: Change, note: Note | None, deadline: Deadline) -> Step:
        if change.about_health:
            return health_step(change, note, self._state(deadline), self._now(), self._period)
        return step(change, note, self._now(), self._period, is_healthy=self._is_healthy(deadline))

    def _note_time(self, change: Change, note: Note | None, deadline: Deadline) -> None:
        """Everything before it counts as known from now on."""
        if note:
            self._notes.keep(replace(note, changed=change.at), deadline)

    def _is_healthy(self, deadline: Deadline) -> bool:
        health = self._notes.of(HEALTH, deadline)
        return health is None or not health.is_alarm

    def _noted(self, change: Change, note: Note | None, deadline: Deadline) -> Note:
        """With what failed when the alarm went off: later the health check no longer knows it."""
        if not change.about_health or (note and note.changed == change.at):
            return noted(change, note)
        return noted(change, note, failure(change, self._state(deadline)) if change.is_alarm else Failure(None))

    def _fold(self, note: Note, deadline: Deadline) -> None:
        """Keep it for the recovery; a recovery that was sent in this very moment did not include it."""
        self._notes.keep(replace(note, sent=Sent.FOLDED), deadline)
        if self._is_healthy(deadline):
            self._send(note, deadline)

    def _send(self, note: Note, deadline: Deadline) -> None:
        """Send it and note that; it is stored before as well, so that no end is sent before its beginning."""
        self._notes.keep(note, deadline)
        folded = self._notes.folded(deadline) if note.failure and not note.is_alarm else []
        alert = alerts.alert(note, folded, self._runbook)
        try:
            self._post(alert, deadline)
        except WebhookGone as error:
            self._mail_instead(alert, str(error), deadline)
        except MessageRefused as error:
            log.exception("Discord refused an alert")
            observability.count(observability.BUGS)
            self._mail_instead(alert, str(error), deadline)
        for sent in (note, *folded):
            self._notes.keep(replace(sent, sent=Sent.YES), deadline)

    def _post(self, alert: alerts.Alert, deadline: Deadline) -> None:
        self._channel.post(alert.message(), Deadline(deadline.moment - NOTING))
        log.info("alert posted")

    def _mail_instead(self, alert: alerts.Alert, why: str, deadline: Deadline) -> None:
        """By e-mail, to a topic of its own: what we send never comes back to us."""
        text = f"{alert.mail()}\n\nThis comes by e-mail because it could not be posted in Discord: {why}"
        self._mail.send(alert.title, text, deadline)
        log.warning("alert sent by e-mail", extra={"reason": why})
