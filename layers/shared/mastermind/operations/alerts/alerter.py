"""Sends what the operators are notified of: in Discord, or by e-mail when Discord cannot be used."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.errors import MessageRefused, TryAgain, Unavailable, WebhookGone
from mastermind.operations.alerts import alarms, messages, rules
from mastermind.operations.alerts.records import Change, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.operations.alerts.records import Waiting
    from mastermind.operations.stored import Stored

log = logging.getLogger(__name__)

NOTING = 1.0
"""Seconds kept, after the last wait for Discord, to store that it was sent."""

LEASE = timedelta(seconds=20)
"""How long one invocation has the sending to itself: longer than any lasts, so that one that dies does not keep it."""


class Poster(Protocol):
    """The operators' channel in Discord."""

    def post(self, message: Mapping[str, object], deadline: Deadline) -> object: ...


class Mailer(Protocol):
    """The operators' mailboxes."""

    def send(self, subject: str, text: str, deadline: Deadline) -> None: ...


class Alerter:
    """One process that sends alerts; others may do the same at the same time.

    `link` is where the runbook can be read, `period` that of the alarm on the game's health.
    """

    def __init__(
        self,
        store: Stored[Notes],
        channel: Poster,
        mail: Mailer,
        link: str | None,
        period: timedelta,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._channel, self._mail = store, channel, mail
        self._link, self._period, self._now = link, period, now
        self._name = uuid4().hex

    def receive(self, deadline: Deadline, body: str) -> None:
        """Note what a message says and send what follows; an error has the queue deliver it again."""
        said = alarms.read(body)
        if isinstance(said, Change):
            log.info("alarm changed", extra={"alarm": said.alarm, "is_alarm": said.is_alarm})
            source = rules.source_of(said)
            notes = self._note(lambda notes: rules.after_change(notes, said, self._now(), self._period), deadline)
        else:
            source = rules.source_of_status(said)
            notes = self._note(lambda notes: rules.after_status(notes, said, self._now()), deadline)
        if notes is None:
            raise TryAgain("the health check must say more first")
        self._send(notes, source, deadline)

    def note_webhook(self, problem: str | None, deadline: Deadline) -> None:
        """Announcements cannot be posted for that reason, or can again; raises Unavailable if that cannot be stored."""
        notes = self._note(lambda notes: rules.after_webhook(notes, self._now(), problem=problem), deadline)
        try:
            self._send(notes or Notes(), rules.WEBHOOK, deadline)
        except (TryAgain, Unavailable) as error:
            log.warning("an alert waits for the next message", extra={"reason": str(error)})

    # --- noting ---

    def _note(self, step: Callable[[Notes], Notes | None], deadline: Deadline) -> Notes | None:
        """The notes after that step, with this process as their sender if nobody else is; None if it cannot be done."""

        def and_claim(notes: Notes) -> Notes | None:
            after = step(notes)
            return after and (rules.claimed(after, self._name, self._now(), LEASE) or after)

        return self._change(and_claim, deadline)

    def _change(self, step: Callable[[Notes], Notes | None], deadline: Deadline) -> Notes | None:
        def rule(notes: Notes) -> tuple[Notes, Notes | None]:
            after = step(notes)
            return after or notes, after

        return self._store.decide(rule, deadline)

    def _is_mine(self, notes: Notes) -> bool:
        return notes.sender == self._name

    # --- sending ---

    def _send(self, notes: Notes, source: str, deadline: Deadline) -> None:
        """Send everything that waits, in order, unless another process does; raises what keeps it from being sent."""
        try:
            while notes.waiting and self._is_mine(notes):
                self._deliver(notes.waiting[0], deadline)
                notes = self._after_sending(notes.waiting[0].number, deadline)
        except (TryAgain, Unavailable):
            self._change(rules.released, deadline)
            raise
        if any(one.source == source for one in notes.waiting):
            raise TryAgain("another process is sending")

    def _after_sending(self, number: int, deadline: Deadline) -> Notes:
        def step(notes: Notes) -> Notes:
            left = rules.without(notes, number)
            return left if left.waiting else rules.released(left)

        notes = self._note(step, deadline)
        assert notes is not None, "this step can always be done"
        return notes

    def _deliver(self, waiting: Waiting, deadline: Deadline) -> None:
        words = messages.words(waiting.alert, self._link)
        try:
            self._channel.post(words.message(), Deadline(deadline.moment - NOTING))
            log.info("alert posted")
        except WebhookGone as error:
            self._mail_instead(words, str(error), deadline)
        except MessageRefused as error:
            log.exception("Discord refused an alert")
            observability.count(observability.BUGS)
            self._mail_instead(words, str(error), deadline)
        except (TryAgain, Unavailable) as error:
            if self._now() - waiting.since < rules.PATIENCE:
                raise
            self._mail_instead(words, str(error), deadline)

    def _mail_instead(self, words: messages.Words, why: str, deadline: Deadline) -> None:
        """By e-mail, to a topic of its own: what we send never comes back to us."""
        text = f"{words.mail()}\n\nThis comes by e-mail because it could not be posted in Discord: {why}"
        self._mail.send(words.title, text, deadline)
        log.warning("alert sent by e-mail", extra={"reason": why})
