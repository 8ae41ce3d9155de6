"""The queue HandOvers: each request is sent to Discord, once in effect, and its outcome is returned."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from pydantic import TypeAdapter

from mastermind import observability
from mastermind.discord.requests import (
    WAITS_FOR_ANSWER,
    HandOver,
    Outcome,
    Result,
)
from mastermind.errors import BadMessage, Unavailable
from mastermind.operations.outbox import calls, rules
from mastermind.operations.outbox.asking import Asker
from mastermind.operations.outbox.session import MustWaitError, Session
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.deadline import Deadline
    from mastermind.operations.outbox.asking import Bot
    from mastermind.operations.outbox.pictures import Draw
    from mastermind.operations.outbox.rules import Delivery, State

log = logging.getLogger(__name__)

HAND_OVER: TypeAdapter[HandOver] = TypeAdapter(HandOver)

REMEMBERED = 200  # results that this process can send again


class Store(Protocol):
    """Where the state is; see operations.stored."""

    def read(self, deadline: Deadline) -> State: ...
    def change(self, rule: Callable[[State], State], deadline: Deadline) -> None: ...


class Hidden(Protocol):
    """Hides messages of the queue for so many seconds, by their receipts; raises Unavailable."""

    def __call__(self, receipts: Sequence[str], seconds: int, deadline: Deadline) -> None: ...


class Report(Protocol):
    """Sends a result; raises Unavailable."""

    def __call__(self, result: Result, deadline: Deadline) -> None: ...


class Sender:
    """Requests in the order in which they were handed over; `session` begins an invocation.

    Without `draw` messages go without their pictures.
    """

    def __init__(
        self,
        bot: Bot,
        session: Callable[[State, Deadline], Session],
        store: Store,
        hide: Hidden,
        report: Report,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        draw: Draw | None = None,
    ) -> None:
        self._asker = Asker(bot, store.change, clock, sleep, draw)
        self._session, self._store, self._hide, self._report, self._clock = session, store, hide, report, clock
        self._results: OrderedDict[str, Result] = OrderedDict()

    def serve(self, deliveries: Sequence[Delivery], deadline: Deadline) -> list[str]:
        """Handle a batch; the ids of the messages that stay in the queue.

        A question stays behind whatever stays before it: its answer says that nothing of that is on its way.
        """
        session, stay = self._session(self._store.read(deadline), deadline), list[str]()
        for place, delivery in enumerate(deliveries):
            if stay and _is_question(delivery):
                stay.append(delivery.message_id)
                continue
            try:
                self._finish(delivery, self._known(delivery) or self._settle(delivery, session), deadline)
            except MustWaitError as wait:
                stay += self._hold(deliveries[place:], wait, session)
                break
            except Unavailable as error:
                log.warning("a request stays in the queue", extra={"reason": str(error)})
                stay.append(delivery.message_id)
                note_stuck(delivery)
            except Exception:
                log.exception("a request failed unexpectedly", extra={"message_id": delivery.message_id})
                observability.count(observability.BUGS)
                if not self._is_given_up(delivery, deadline):
                    stay.append(delivery.message_id)
                note_stuck(delivery)
        if session.changes:
            self._store.change(session.changed, deadline)
        return stay

    # --- one message ---

    def _known(self, delivery: Delivery) -> Result | None:
        """The result that could not be sent the last time."""
        return self._results.get(delivery.message_id)

    def _finish(self, delivery: Delivery, result: Result, deadline: Deadline) -> None:
        self._results[delivery.message_id] = result
        while len(self._results) > REMEMBERED:
            self._results.popitem(last=False)
        self._report(result, deadline)

    def _settle(self, delivery: Delivery, session: Session) -> Result:
        """What becomes of a message; raises MustWaitError when that cannot be known yet."""
        try:
            asked = parse(HAND_OVER, delivery.body)
        except BadMessage as error:
            return self._refuse_unread(delivery.body, error)
        if asked.request is None:
            return self._asker.result(asked, Outcome.RETURNED if session.has_token else Outcome.OFF)
        trial = rules.trial(delivery, asked.at, session.state, WAITS_FOR_ANSWER)
        return self._asker.settle(asked, asked.request, trial, session)

    def _refuse_unread(self, body: str, error: BadMessage) -> Result:
        """A message that nothing of ours can have written. Raises BadMessage when it does not even have an id."""
        try:
            identity = cast("Mapping[str, object]", json.loads(body))["id"]
        except (ValueError, KeyError, TypeError):
            raise error from None
        log.error("a request of no known kind", extra={"reason": str(error)})
        observability.count(observability.BUGS)
        return Result(str(identity), Outcome.REFUSED, self._clock(), reason="the request is none that we know")

    # --- what must wait ---

    def _is_given_up(self, delivery: Delivery, deadline: Deadline) -> bool:
        """Whether what fails again and again was answered; else it comes back at once.

        As long as it is hidden, nothing else of its group is delivered. Once it is a dead letter, nobody would say what
        became of it.
        """
        asked = _parsed(delivery.body)
        with suppress(Unavailable):
            if asked is not None and delivery.deliveries >= rules.HELD_AT_MOST:
                self._give_back(delivery, asked, deadline, is_first=False)
                return True
            self._hide([delivery.receipt], 0, deadline)
        return False

    def _hold(self, held: Sequence[Delivery], wait: MustWaitError, session: Session) -> list[str]:
        """Hide a message and all after it, or give them back; the ids of those that stay."""
        try:
            return self._hide_all(held, wait, session)
        except Unavailable as error:
            log.warning("requests come back later than they should", extra={"reason": str(error)})
            return [one.message_id for one in held]

    def _hide_all(self, held: Sequence[Delivery], wait: MustWaitError, session: Session) -> list[str]:
        now, deadline = self._clock(), session.deadline
        known = [(delivery, _parsed(delivery.body)) for delivery in held]
        first = {delivery.message_id for delivery, asked in known if _is_untried(delivery, asked, session.state)}
        if wait.sent:
            first.discard(held[0].message_id)
        staying = [one for one, asked in known if asked is None or one.deliveries < rules.HELD_AT_MOST]
        for delivery, asked in known:
            if asked is not None and delivery not in staying:
                self._give_back(delivery, asked, deadline, is_first=delivery.message_id in first)
        if not staying:
            return []
        seconds = rules.hold(wait.seconds, (asked.deadline for _, asked in known if asked), now)
        self._hide([one.receipt for one in staying], seconds, deadline)
        untried = [one for one in staying if one.message_id in first]
        session.change(partial(rules.untried, deliveries=untried, until=now + seconds, now=now))
        return [one.message_id for one in staying]

    def _give_back(self, delivery: Delivery, asked: HandOver, deadline: Deadline, *, is_first: bool) -> None:
        """It has waited for so long that the queue would make a dead letter of it."""
        is_unsent = is_first or asked.request is None or not calls.creates(asked.request)
        asker = self._asker
        result = asker.result(asked, Outcome.RETURNED, untried=is_first) if is_unsent else asker.unknown(asked)
        self._finish(delivery, self._known(delivery) or result, deadline)


def note_stuck(delivery: Delivery) -> None:
    """Count a message that fails although it was delivered often before."""
    if delivery.deliveries > rules.DELIVERIES:
        observability.count(observability.STUCK)


def _parsed(body: str) -> HandOver | None:
    try:
        return parse(HAND_OVER, body)
    except BadMessage:
        return None


def _is_question(delivery: Delivery) -> bool:
    asked = _parsed(delivery.body)
    return asked is not None and asked.request is None


def _is_untried(delivery: Delivery, asked: HandOver | None, state: State) -> bool:
    return asked is not None and rules.trial(delivery, asked.at, state, WAITS_FOR_ANSWER).is_first
