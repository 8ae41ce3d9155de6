"""The queue HandOvers: each request is asked of Discord once in effect, and what became of it goes back."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from contextlib import suppress
from copy import replace
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from pydantic import TypeAdapter

from mastermind import observability
from mastermind.discord.requests import (
    WAITS_FOR_ANSWER,
    AddRole,
    Ban,
    CheckRole,
    CreateMessage,
    DirectMessage,
    EditMessage,
    GetMember,
    HandOver,
    Outcome,
    Request,
    Result,
    TimeOut,
    Unban,
)
from mastermind.errors import BadMessage, Unavailable
from mastermind.game.outbox.rules import CLOSED
from mastermind.operations.outbox import calls, roles, rules
from mastermind.operations.outbox.moderation import objection
from mastermind.operations.outbox.pictures import MESSAGE_WAITS, drawn
from mastermind.operations.outbox.server import Unclear
from mastermind.operations.outbox.session import MustWaitError, NoTokenError, Session
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.deadline import Deadline
    from mastermind.gateways.discord_api import Answer
    from mastermind.operations.outbox.calls import Call
    from mastermind.operations.outbox.pictures import Draw, Drawn
    from mastermind.operations.outbox.roles import Verdict
    from mastermind.operations.outbox.rules import Delivery, State, Trial

log = logging.getLogger(__name__)

HAND_OVER: TypeAdapter[HandOver] = TypeAdapter(HandOver)

TRIES = 3  # of one request in one invocation, when no answer comes or an error of Discord's own
PAUSES = 0.5, 1.0  # seconds between them
AGAIN_IN = 5.0  # seconds until a request without an answer comes back
NOTICE_TAKES = 4.0  # seconds for the direct message before a time-out or a ban, at most
REMEMBERED = 200  # results that this process can send again


class Store(Protocol):
    """Where the state is; see StateStore."""

    def read(self, deadline: Deadline) -> State: ...
    def change(self, rule: Callable[[State], State], deadline: Deadline) -> None: ...


class Hidden(Protocol):
    """Hides messages of the queue for so many seconds, by their receipts; raises Unavailable."""

    def __call__(self, receipts: Sequence[str], seconds: int, deadline: Deadline) -> None: ...


class Report(Protocol):
    """Sends a result; raises Unavailable."""

    def __call__(self, result: Result, deadline: Deadline) -> None: ...


@dataclass(frozen=True, slots=True)
class Bot:
    """Whose requests they are: the application, which is the bot's id too, in its server.

    `own_roles` make admins and moderators of the game.
    """

    application_id: int
    guild_id: int
    own_roles: frozenset[int] = frozenset()


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
        self._bot, self._session, self._store, self._draw = bot, session, store, draw
        self._hide, self._report, self._clock, self._sleep = hide, report, clock, sleep
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
            return self._result(asked, Outcome.RETURNED if session.has_token else Outcome.OFF)
        trial = rules.trial(delivery, asked.at, session.state, WAITS_FOR_ANSWER)
        if calls.creates(asked.request) and not trial.is_first:
            return self._try_again(asked, asked.request, trial, session)
        return self._try(asked, asked.request, trial, session)

    def _try(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        """Ask for what was not tried before, or may be repeated."""
        now = self._clock()
        if now > asked.deadline:
            return self._result(asked, Outcome.RETURNED, untried=trial.is_first)
        if session.state.is_stopped(calls.subject(request), now):
            return self._result(asked, Outcome.STOPPED, untried=trial.is_first)
        try:
            session.must_go_on()
            return self._ask(asked, request, trial, session)
        except NoTokenError:
            return self._result(asked, Outcome.OFF, untried=trial.is_first)

    def _try_again(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        """Ask for what may have been seen already, while Discord still knows its nonce.

        Not after its deadline, nor where its route is stopped: the delivery before may have given it back then, and it
        is handed over again.
        """
        now = self._clock()
        if now > min(trial.until, asked.deadline) or session.state.is_stopped(calls.subject(request), now):
            return self._unknown(asked)
        try:
            session.must_go_on(sent=True)
            return self._ask(asked, request, trial, session)
        except NoTokenError:
            raise MustWaitError(AGAIN_IN, sent=True) from None

    def _refuse_unread(self, body: str, error: BadMessage) -> Result:
        """A message that nothing of ours can have written. Raises BadMessage when it does not even have an id."""
        try:
            identity = cast("Mapping[str, object]", json.loads(body))["id"]
        except (ValueError, KeyError, TypeError):
            raise error from None
        log.error("a request of no known kind", extra={"reason": str(error)})
        observability.count(observability.BUGS)
        return Result(str(identity), Outcome.REFUSED, self._clock(), reason="the request is none that we know")

    def _ask(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        channel_id = 0
        if isinstance(request, TimeOut | Ban | Unban):
            return self._moderate(asked, request, trial, session)
        if isinstance(request, AddRole | CheckRole):
            return self._give_role(asked, request, session)
        if isinstance(request, DirectMessage):
            channel_id = request.channel_id
            if not channel_id:
                opened = self._insist(calls.opening(request.user_id), session, sent=not trial.is_first)
                if not opened.is_done:
                    return self._read(asked, request, opened, session)
                channel_id = opened.id()
            request = replace(request, channel_id=channel_id)
        call = calls.call(request, asked.nonce, self._bot.guild_id, self._drawn(request, session))
        if calls.creates(request):
            answer = self._insist_once(call, trial, session)
            return self._unknown(asked) if answer is None else self._read(asked, request, answer, session)
        return self._read(asked, request, self._insist(call, session, sent=False), session)

    def _give_role(self, asked: HandOver, request: AddRole | CheckRole, session: Session) -> Result:
        """Give it if that may be, and if the member does not have it already.

        That they did not have it is stored before it is asked for: the next try knows whose role it is.
        """
        bot, what = self._bot, f"{asked.key}:{request.role_id}"
        was_asked = what in session.state.giving
        try:
            found = roles.verdict(
                request, bot.guild_id, bot.application_id, bot.own_roles, session, was_asked=was_asked
            )
        except Unclear as unclear:
            return self._read(asked, request, unclear.answer, session)
        if found is not None:
            return self._concluded(asked, found)
        if not was_asked:
            self._store.change(partial(rules.giving, what=what, now=self._clock()), session.deadline)
        call = calls.call(request, asked.nonce, bot.guild_id)
        return self._read(asked, request, self._insist(call, session, sent=False), session)

    def _concluded(self, asked: HandOver, found: Verdict) -> Result:
        status = 404 if found.outcome is Outcome.GONE else 0
        return self._result(
            asked, found.outcome, status=status, code=found.code, reason=found.reason, roles=found.roles
        )

    def _drawn(self, request: Request, session: Session) -> Drawn | None:
        wanted = request.picture if isinstance(request, CreateMessage | EditMessage | DirectMessage) else ""
        return drawn(wanted, self._draw, session.deadline, MESSAGE_WAITS)

    def _moderate(self, asked: HandOver, request: TimeOut | Ban | Unban, trial: Trial, session: Session) -> Result:
        try:
            objected = objection(request, self._bot.guild_id, self._bot.application_id, session)
        except Unclear as unclear:
            return self._read(asked, request, unclear.answer, session)
        if objected:
            return self._result(asked, Outcome.REFUSED, code=objected.code, reason=objected.words)
        sent, closed = not trial.is_first, False
        if not isinstance(request, Unban) and request.notice and self._clock() <= trial.until:
            message = DirectMessage(request.user_id, request.channel_id, request.notice)
            sent, closed = True, self._give_notice(asked, message, session) == CLOSED
        call = calls.call(request, asked.nonce, self._bot.guild_id)
        try:
            answer = self._insist(call, session, sent=sent)
        except NoTokenError:
            return self._result(asked, Outcome.OFF)
        return replace(self._read(asked, request, answer, session), closed=closed)

    def _give_notice(self, asked: HandOver, message: DirectMessage, session: Session) -> int:
        """Say it to them first, briefly; whatever becomes of that, the rest is done. Returns Discord's error code."""
        until = self._clock() + NOTICE_TAKES
        if not message.channel_id:
            opened = session.attempt(calls.opening(message.user_id), until)
            if opened is None or not opened.is_done:
                return opened.code if opened else 0
            message = replace(message, channel_id=opened.id())
        answer = session.attempt(calls.call(message, asked.nonce, self._bot.guild_id), until)
        if answer and answer.status in {403, 404}:
            session.change(partial(rules.refused, route=calls.subject(message), now=self._clock()))
        return answer.code if answer else 0

    def _insist(self, call: Call, session: Session, *, sent: bool) -> Answer:
        """The answer to what may be repeated."""
        for pause in (*PAUSES, 0.0):
            answer = session.ask(call, sent=sent)
            if not answer.is_lost:
                return answer
            self._sleep(pause)
        raise MustWaitError(AGAIN_IN, sent=sent)

    def _insist_once(self, call: Call, trial: Trial, session: Session) -> Answer | None:
        """The answer to what must not be seen twice; None when it is too late to ask once more."""
        until, sent = trial.until, not trial.is_first
        for pause in (*PAUSES, 0.0):
            if self._clock() > until:
                return None
            until = min(until, self._clock() + WAITS_FOR_ANSWER)
            try:
                answer = session.ask(call, sent=sent)
            except NoTokenError:
                if sent:  # with another token it may still be tried in time
                    raise MustWaitError(AGAIN_IN, sent=True) from None
                raise
            if not answer.is_lost:
                return answer
            sent = True
            self._sleep(pause)
        raise MustWaitError(AGAIN_IN, sent=True)

    def _read(self, asked: HandOver, request: Request, answer: Answer, session: Session) -> Result:
        """What an answer means for the request."""
        if answer.is_lost:
            raise MustWaitError(AGAIN_IN)
        if answer.is_done:
            return self._done(asked, request, answer)
        if answer.status in {403, 404}:
            subject = calls.subject(request)
            session.change(partial(rules.refused, route=subject, now=self._clock()))
        if answer.status == 400:
            log.error("Discord refuses a request of ours", extra={"code": answer.code, "request": request.operation})
        outcome = Outcome.GONE if answer.status == 404 else Outcome.REFUSED
        return self._result(
            asked, outcome, status=answer.status, code=answer.code, reason=str(answer.said("message") or "")
        )

    def _done(self, asked: HandOver, request: Request, answer: Answer) -> Result:
        created = calls.creates(request)
        roles = answer.said("roles") if isinstance(request, GetMember) else None
        return self._result(
            asked,
            Outcome.DONE,
            status=answer.status,
            message_id=answer.id() if created else 0,
            channel_id=answer.id("channel_id") if created else 0,
            roles=tuple(int(str(role)) for role in cast("list[object]", roles or [])),
        )

    def _unknown(self, asked: HandOver) -> Result:
        log.warning("nobody knows whether a message was sent", extra={"key": asked.key})
        return self._result(asked, Outcome.UNKNOWN)

    def _result(
        self,
        asked: HandOver,
        outcome: Outcome,
        *,
        status: int = 0,
        code: int = 0,
        reason: str = "",
        message_id: int = 0,
        channel_id: int = 0,
        roles: tuple[int, ...] = (),
        untried: bool = False,
    ) -> Result:
        now = self._clock()
        return Result(asked.id, outcome, now, message_id, channel_id, roles, status, code, reason, untried)

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
        result = self._result(asked, Outcome.RETURNED, untried=is_first) if is_unsent else self._unknown(asked)
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
