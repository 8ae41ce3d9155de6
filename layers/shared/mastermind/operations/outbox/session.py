"""Requests to Discord during one invocation: within its limits, with the current token and the stored state."""

from __future__ import annotations

import hashlib
import logging
from functools import partial, reduce
from math import inf
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.gateways.discord_api import patience_of
from mastermind.operations.outbox import rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from mastermind.gateways.discord_api import Answer, DiscordApi, Limits
    from mastermind.operations.outbox.calls import Call
    from mastermind.operations.outbox.rules import State

    class Token(Protocol):
        """Reads the bot token; `fresh` reads it where it is stored. None for none; raises Unavailable."""

        def __call__(self, deadline: Deadline, *, fresh: bool = False) -> str | None: ...


log = logging.getLogger(__name__)

ONE_TRY = 5.0  # seconds; a try given up too early may have taken effect all the same
RESERVE = 4.0  # seconds of an invocation for handing back what was not done, and for what is to be remembered
LEAST = 1.0  # seconds without which no try is begun
SHORT_WAIT = 3.0  # seconds that are waited for a limit; for longer ones messages go back


class MustWaitError(Exception):
    """Nothing may be asked for `seconds`; `sent` means that a request has left, and nobody knows what became of it."""

    def __init__(self, seconds: float, *, sent: bool = False) -> None:
        super().__init__(f"for {seconds:.1f} s")
        self.seconds, self.sent = seconds, sent


class NoTokenError(Exception):
    """There is no bot token, or Discord does not accept it."""


class Session:
    """One invocation. `state` is as it was read, with every change since; `changes` are what is to be stored."""

    def __init__(
        self,
        api: DiscordApi,
        limits: Limits,
        token: Token,
        state: State,
        deadline: Deadline,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._api, self._limits, self._token = api, limits, token
        self._clock, self._sleep = clock, sleep
        self.state, self.deadline = state, deadline
        self.changes: list[Callable[[State], State]] = []

    def change(self, rule: Callable[[State], State]) -> None:
        self.state = rule(self.state)
        self.changes.append(rule)

    def changed(self, state: State) -> State:
        """The changes of this invocation, made to a state that others may have written."""
        return reduce(lambda before, rule: rule(before), self.changes, state)

    @property
    def has_token(self) -> bool:
        """Whether there is a bot token that Discord has not refused."""
        token = self._token(self.deadline)
        return token is not None and not self.state.is_off(_fingerprint(token), self._clock())

    def must_go_on(self, *, sent: bool = False) -> None:
        """Raises MustWaitError while Discord wants us to wait, and when there is no time left."""
        if seconds := self.state.wait(self._clock()):
            raise MustWaitError(seconds, sent=sent)
        if self.deadline.remaining() < RESERVE + LEAST:
            raise MustWaitError(0.0, sent=sent)

    def attempt(self, call: Call, until: float) -> Answer | None:
        """One answer before that moment, None for none: for what nothing else may wait for. Raises NoTokenError."""
        try:
            return self.ask(call, until=until)
        except MustWaitError:
            return None

    def ask(self, call: Call, *, sent: bool = False, until: float = inf) -> Answer:
        """One answer, other than 401 and 429; raises MustWaitError and NoTokenError.

        `sent` says whether a request that mattered has left before, `until` is when the answer is of no use any more.
        """
        answer = self._ask_as_bot(call, sent=sent, until=until)
        if answer.status != 429:
            return answer
        patience = patience_of(answer)
        log.warning("Discord wants us to wait", extra={"seconds": patience.seconds, "scope": patience.scope})
        now = self._clock()
        rule = partial(
            rules.paused,
            seconds=patience.seconds,
            of_address=patience.of_address,
            counts=patience.counts,
            now=now,
        )
        self.change(rule)
        raise MustWaitError(patience.seconds, sent=sent)

    def _ask_as_bot(self, call: Call, *, sent: bool, until: float) -> Answer:
        token = self._token(self.deadline)
        for fresh in (False, True):  # a token that was rotated is read again, once
            if token is None or self.state.is_off(_fingerprint(token), self._clock()):
                break
            answer = self._once(call, token, sent=sent, until=until)
            if answer.status != 401:
                return answer
            before, token = token, self._token(self.deadline, fresh=True)
            if fresh or token == before:
                log.error("Discord does not accept the bot token; store the present one")
                self.change(partial(rules.turned_off, token=_fingerprint(before), now=self._clock()))
                break
        raise NoTokenError

    def _once(self, call: Call, token: str, *, sent: bool, until: float) -> Answer:
        self._await_limit(call, sent=sent, until=until)
        share = Deadline.after(min(ONE_TRY, until - self._clock(), self.deadline.remaining() - RESERVE))
        answer = self._api.ask(
            call.method, call.path, share, call.body, bot_token=token, reason=call.reason, files=call.files
        )
        self._limits.note(call.route, call.place, answer.headers)
        return answer

    def _await_limit(self, call: Call, *, sent: bool, until: float) -> None:
        self.must_go_on(sent=sent)
        seconds = self._limits.wait(call.route, call.place)
        if seconds > min(SHORT_WAIT, until - self._clock() - LEAST, self.deadline.remaining() - RESERVE - LEAST):
            raise MustWaitError(seconds, sent=sent)
        self._sleep(seconds)


def _fingerprint(token: str) -> str:
    """A fingerprint that differs for each token and reveals nothing of it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]
