"""Takes changes of alarms from the queue and tells each once: in Discord, or by e-mail when Discord has no ear."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.errors import BadRequest, TryAgain
from mastermind.gateways.webhooks import WebhookGone
from mastermind.operations.alerts import alarms
from mastermind.operations.alerts import messages as alerts
from mastermind.operations.alerts.rules import Outage, Step, Told, health_step, noted, outage, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.gateways.mail import Mail
    from mastermind.gateways.notes import Notes
    from mastermind.gateways.parameters import SecretParameter
    from mastermind.gateways.webhooks import Webhooks
    from mastermind.operations.alerts.rules import Change, Note
    from mastermind.operations.health.rules import State

log = logging.getLogger(__name__)

HEALTH = "health"
"""Under which name the alarm on the game's health is remembered: the others must find it."""

REMEMBERING = 1.0
"""Seconds kept, after the last wait for Discord, to remember that it was told."""


class Alerter:
    """Tells of alarms. `state` is what the health check remembers, `runbook` where the runbook can be read.

    `period` is that of the alarm on the game's health.
    """

    def __init__(
        self,
        notes: Notes,
        state: Callable[[Deadline], State],
        parameter: SecretParameter,
        webhooks: Webhooks,
        mail: Mail,
        runbook: str,
        period: timedelta,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._notes, self._state = notes, state
        self._parameter, self._webhooks, self._mail = parameter, webhooks, mail
        self._runbook, self._period, self._now = runbook, period, now

    def receive(self, deadline: Deadline, body: str) -> None:
        """Tell the change in a message of the queue, if it is to be told; raises what shall bring the message back."""
        change = alarms.read(body)
        if change.about_health:
            change = replace(change, alarm=HEALTH)
        note = self._notes.of(change.alarm, deadline)
        what = self._step(change, note, deadline)
        log.info("alarm changed", extra={"alarm": change.alarm, "rings": change.rings, "step": what.value})
        match what:
            case Step.NOTHING:
                pass
            case Step.WAIT:
                raise TryAgain("an end before its beginning, or a change that the health check does not confirm yet")
            case Step.HOLD:
                self._notes.keep(noted(change, note), deadline)
                raise TryAgain("held until the next health check must have spoken")
            case Step.NOTE:
                self._note_time(change, note, deadline)
            case Step.FOLD:
                self._fold(noted(change, note), deadline)
            case Step.TELL:
                self._tell(self._noted(change, note, deadline), deadline)

    def _step(self, change: Change, note: Note | None, deadline: Deadline) -> Step:
        if change.about_health:
            return health_step(change, note, self._state(deadline), self._now(), self._period)
        return step(change, note, self._now(), self._period, is_healthy=self._is_healthy(deadline))

    def _note_time(self, change: Change, note: Note | None, deadline: Deadline) -> None:
        """What came before is known from now on."""
        if note:
            self._notes.keep(replace(note, changed=change.at), deadline)

    def _is_healthy(self, deadline: Deadline) -> bool:
        health = self._notes.of(HEALTH, deadline)
        return health is None or not health.rings

    def _noted(self, change: Change, note: Note | None, deadline: Deadline) -> Note:
        """With what failed, as it is when the alarm begins to ring: later the health check knows it no more."""
        if not change.about_health or (note and note.changed == change.at):
            return noted(change, note)
        return noted(change, note, outage(change, self._state(deadline)) if change.rings else Outage(None))

    def _fold(self, note: Note, deadline: Deadline) -> None:
        """Keep it for the recovery; a recovery that was told in this very moment has not seen it."""
        self._notes.keep(replace(note, told=Told.FOLDED), deadline)
        if self._is_healthy(deadline):
            self._tell(note, deadline)

    def _tell(self, note: Note, deadline: Deadline) -> None:
        """Say it and remember that; first what is about to be said, so that no end comes before its beginning."""
        self._notes.keep(note, deadline)
        folded = self._notes.folded(deadline) if note.outage and not note.rings else []
        self._say(alerts.alert(note, folded, self._runbook), deadline)
        for told in (note, *folded):
            self._notes.keep(replace(told, told=Told.YES), deadline)

    def _say(self, alert: alerts.Alert, deadline: Deadline) -> None:
        try:
            self._post(alert, deadline)
        except WebhookGone as error:
            self._write(alert, str(error), deadline)
        except BadRequest as error:
            log.exception("Discord refused an alert")
            observability.count(observability.BUGS)
            self._write(alert, str(error), deadline)

    def _post(self, alert: alerts.Alert, deadline: Deadline) -> None:
        url = self._parameter.read()
        if url is None:
            raise WebhookGone(f"no webhook is stored as {self._parameter.name}")
        self._webhooks.post(url, alert.message(), Deadline(deadline.moment - REMEMBERING))
        log.info("alert posted")

    def _write(self, alert: alerts.Alert, why: str, deadline: Deadline) -> None:
        """By e-mail, to a topic of its own: what we send never comes back to us."""
        text = f"{alert.mail()}\n\nThis comes by e-mail because Discord was not told: {why}"
        self._mail.send(alert.title, text, deadline)
        log.warning("alert sent by e-mail", extra={"reason": why})
