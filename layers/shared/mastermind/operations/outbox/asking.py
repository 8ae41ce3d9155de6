"""One request to Discord, once in effect: it is repeated while that is safe, and its answer becomes a result."""

from __future__ import annotations

import logging
from copy import replace
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from mastermind.discord.requests import (
    WAITS_FOR_ANSWER,
    AddRole,
    Ban,
    CheckRole,
    CreateMessage,
    DirectMessage,
    EditMessage,
    GetMember,
    Outcome,
    Result,
    TimeOut,
    Unban,
)
from mastermind.game.outbox.rules import CLOSED
from mastermind.operations.outbox import calls, roles, rules
from mastermind.operations.outbox.moderation import objection
from mastermind.operations.outbox.pictures import MESSAGE_WAITS, drawn
from mastermind.operations.outbox.server import Unclear
from mastermind.operations.outbox.session import MustWaitError, NoTokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.discord.requests import HandOver, Request
    from mastermind.gateways.discord_api import Answer
    from mastermind.operations.outbox.calls import Call
    from mastermind.operations.outbox.pictures import Draw, Drawn
    from mastermind.operations.outbox.roles import Verdict
    from mastermind.operations.outbox.rules import State, Trial
    from mastermind.operations.outbox.session import Session

    type Change = Callable[[Callable[[State], State], Deadline], None]
    """Changes the stored state by a rule."""

log = logging.getLogger(__name__)

PAUSES = 0.5, 1.0  # seconds between the tries of one request in one invocation, when no answer comes
AGAIN_IN = 5.0  # seconds until a request without an answer comes back
NOTICE_TAKES = 4.0  # seconds for the direct message before a time-out or a ban, at most


@dataclass(frozen=True, slots=True)
class Bot:
    """Whose requests they are: the application, which is the bot's id too, in its server.

    `own_roles` make admins and moderators of the game.
    """

    application_id: int
    guild_id: int
    own_roles: frozenset[int] = frozenset()


class Asker:
    """Asks Discord as `bot`. Without `draw` messages go without their pictures."""

    def __init__(
        self,
        bot: Bot,
        change: Change,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        draw: Draw | None,
    ) -> None:
        self._bot, self._change, self._clock, self._sleep, self._draw = bot, change, clock, sleep, draw

    def settle(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        """What becomes of a request; raises MustWaitError when that cannot be known yet."""
        if calls.creates(request) and not trial.is_first:
            return self._try_again(asked, request, trial, session)
        return self._try(asked, request, trial, session)

    def _try(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        """Ask for what was not tried before, or may be repeated."""
        now = self._clock()
        if now > asked.deadline:
            return self.result(asked, Outcome.RETURNED, untried=trial.is_first)
        if session.state.is_stopped(calls.subject(request), now):
            return self.result(asked, Outcome.STOPPED, untried=trial.is_first)
        try:
            session.must_go_on()
            return self._ask(asked, request, trial, session)
        except NoTokenError:
            return self.result(asked, Outcome.OFF, untried=trial.is_first)

    def _try_again(self, asked: HandOver, request: Request, trial: Trial, session: Session) -> Result:
        """Ask for what may have been seen already, while Discord still knows its nonce.

        Not after its deadline, nor where its route is stopped: the delivery before may have given it back then, and it
        is handed over again.
        """
        now = self._clock()
        if now > min(trial.until, asked.deadline) or session.state.is_stopped(calls.subject(request), now):
            return self.unknown(asked)
        try:
            session.must_go_on(sent=True)
            return self._ask(asked, request, trial, session)
        except NoTokenError:
            raise MustWaitError(AGAIN_IN, sent=True) from None

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
            return self.unknown(asked) if answer is None else self._read(asked, request, answer, session)
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
            self._change(partial(rules.giving, what=what, now=self._clock()), session.deadline)
        call = calls.call(request, asked.nonce, bot.guild_id)
        return self._read(asked, request, self._insist(call, session, sent=False), session)

    def _concluded(self, asked: HandOver, found: Verdict) -> Result:
        status = 404 if found.outcome is Outcome.GONE else 0
        return self.result(asked, found.outcome, status=status, code=found.code, reason=found.reason, roles=found.roles)

    def _drawn(self, request: Request, session: Session) -> Drawn | None:
        wanted = request.picture if isinstance(request, CreateMessage | EditMessage | DirectMessage) else ""
        return drawn(wanted, self._draw, session.deadline, MESSAGE_WAITS)

    def _moderate(self, asked: HandOver, request: TimeOut | Ban | Unban, trial: Trial, session: Session) -> Result:
        try:
            objected = objection(request, self._bot.guild_id, self._bot.application_id, session)
        except Unclear as unclear:
            return self._read(asked, request, unclear.answer, session)
        if objected:
            return self.result(asked, Outcome.REFUSED, code=objected.code, reason=objected.words)
        sent, closed = not trial.is_first, False
        if not isinstance(request, Unban) and request.notice and self._clock() <= trial.until:
            message = DirectMessage(request.user_id, request.channel_id, request.notice)
            sent, closed = True, self._give_notice(asked, message, session) == CLOSED
        call = calls.call(request, asked.nonce, self._bot.guild_id)
        try:
            answer = self._insist(call, session, sent=sent)
        except NoTokenError:
            return self.result(asked, Outcome.OFF)
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
        return self.result(
            asked, outcome, status=answer.status, code=answer.code, reason=str(answer.said("message") or "")
        )

    def _done(self, asked: HandOver, request: Request, answer: Answer) -> Result:
        created = calls.creates(request)
        roles = answer.said("roles") if isinstance(request, GetMember) else None
        return self.result(
            asked,
            Outcome.DONE,
            status=answer.status,
            message_id=answer.id() if created else 0,
            channel_id=answer.id("channel_id") if created else 0,
            roles=tuple(int(str(role)) for role in cast("list[object]", roles or [])),
        )

    def unknown(self, asked: HandOver) -> Result:
        log.warning("nobody knows whether a message was sent", extra={"key": asked.key})
        return self.result(asked, Outcome.UNKNOWN)

    def result(
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
