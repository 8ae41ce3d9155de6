"""The request of an outbox row: composed from the present state, and marked as handed over in the same transaction."""

from __future__ import annotations

import base64
import logging
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.discord.requests import Ban, DirectMessage, Edit, HandOver, TimeOut
from mastermind.errors import LimitError
from mastermind.game.outbox import rules as outbox_rules
from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import rights
from mastermind.game.outreach import table as outreach
from mastermind.game.tokens import table as tokens
from mastermind.postgres.exchange import decision, only
from mastermind.relay.kind import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.discord.requests import Request, Result
    from mastermind.game.outbox.rules import Entry
    from mastermind.postgres.connection import Connection
    from mastermind.relay.kind import Kind, Scene

log = logging.getLogger(__name__)

SOON = timedelta(minutes=1)
"""How long a direct message waits that would open one channel too many, and what another process is busy with."""


@dataclass(frozen=True, slots=True)
class Later:
    """It opens one channel too many for this minute."""


@dataclass(frozen=True, slots=True)
class Composer:
    """What composes with; as in Relay."""

    kinds: Mapping[str, Kind]
    scene: Scene
    application_id: int
    openings: int
    clock: Callable[[], float]

    def message(self, conn: Connection, entry: Entry) -> HandOver | Edit | None:
        """What the queue gets, once the row says so; None when there is nothing to send, or not now."""
        kind = self.kinds[entry.kind]
        message: HandOver | Edit | None = None
        with decision(conn) as change:
            change.begin()
            if entry.user_id is not None and outbox.keep_member(conn, entry.user_id).fetchone() is None:
                return None
            match self._compose(conn, entry, kind):
                case None:
                    self._lapse(conn, entry)
                case Later():
                    outbox.wait(conn, entry, SOON)
                case Line(text):
                    message = self._edit(conn, entry, kind, text)
                case request:
                    message = self._request(conn, entry, kind, request)
            change.commit()
        return message

    def _compose(self, conn: Connection, entry: Entry, kind: Kind) -> Request | Line | Later | None:
        """What is true now. A fault of the kind's own makes it wait, and nothing else."""
        try:
            composed = kind.compose(conn, entry, self.scene)
        except (ArithmeticError, AttributeError, LimitError, LookupError, TypeError, ValueError):
            log.exception("a request could not be composed", extra={"key": entry.key})
            observability.count(observability.BUGS)
            return Later()
        match composed:
            case DirectMessage():
                return self._addressed(conn, composed)
            case TimeOut() | Ban():
                return _with_notice(conn, composed)
            case _:
                return composed

    def _addressed(self, conn: Connection, message: DirectMessage) -> DirectMessage | Later | None:
        """The message with its channel: nobody is written to who has closed theirs, and few channels are opened."""
        known = outreach.channel(conn, message.user_id).fetchone()
        if known and known.closed_at:
            return None
        if known and known.channel_id:
            return replace(message, channel_id=known.channel_id)
        if only(outreach.opened(conn)) >= self.openings:
            return Later()
        outreach.note_opening(conn, message.user_id)
        return message

    def _request(self, conn: Connection, entry: Entry, kind: Kind, request: Request) -> HandOver | None:
        until = outbox.hand_over(conn, entry, kind.patience, rights.needed(request)).fetchone()
        if until is None:
            return None
        return HandOver(name(entry, 1), entry.key, self.clock(), int(until), request, _nonce(entry))

    def _edit(self, conn: Connection, entry: Entry, kind: Kind, line: str) -> Edit | None:
        """The edit of the member's last answer; there is none when its token is over."""
        token = tokens.find(conn, entry.user_id or 0).fetchone()
        if token is None:
            self._lapse(conn, entry)
            return None
        until = outbox.hand_over(conn, entry, kind.patience).fetchone()
        if until is None:
            return None
        sealed = base64.b64encode(token.sealed).decode("ascii")
        return Edit(name(entry, 1), entry.key, sealed, self.application_id, token.revision, line, int(until))

    def _lapse(self, conn: Connection, entry: Entry) -> None:
        if outbox.lapse(conn, entry).fetchone():
            self.note(conn, entry, None)

    def note(self, conn: Connection, entry: Entry, result: Result | None) -> None:
        """Say to its kind what became of it, None where it lapsed; in the transaction that books that."""
        kind = self.kinds.get(entry.kind)
        if kind and kind.settled:
            kind.settled(conn, entry, result)


def _with_notice[R: TimeOut | Ban](conn: Connection, act: R) -> R:
    """The act, and where the direct message before it goes: it waits for nothing, and not who has closed theirs."""
    if act.notice is None:
        return act
    known = outreach.channel(conn, act.user_id).fetchone()
    if known and known.closed_at:
        return replace(act, notice=None)
    if known and known.channel_id:
        return replace(act, channel_id=known.channel_id)
    outreach.note_opening(conn, act.user_id)
    return act


def name(entry: Entry, more: int) -> str:
    """The name of its hand-over, `more` after the last."""
    return outbox_rules.hand_over_id(entry.id, entry.tries + more)


def _nonce(entry: Entry) -> str:
    return outbox_rules.nonce(entry.id)
