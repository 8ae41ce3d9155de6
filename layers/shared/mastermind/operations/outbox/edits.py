"""The queue Edits: a line or a picture on top of an answer that somebody looks at, if it is still that answer.

An interaction token is a secret: it is opened here alone, and is in no log, no error and no result.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.discord.requests import LINE, PICTURE, Edit, Outcome, Result
from mastermind.discord.tokens import unseal
from mastermind.errors import BadMessage, Unavailable
from mastermind.gateways.discord_api import patience_of
from mastermind.operations.outbox import pictures, rules
from mastermind.operations.outbox.sender import note_stuck
from mastermind.operations.outbox.session import LEAST, ONE_TRY, RESERVE
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mastermind.gateways.discord_api import Answer, DiscordApi, Upload
    from mastermind.operations.outbox.pictures import Draw, Drawn
    from mastermind.operations.outbox.rules import Delivery, State
    from mastermind.operations.outbox.sender import Hidden, Report, Store

log = logging.getLogger(__name__)

EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)

TOKEN = re.compile(r"[\w-][\w.~+=-]*", flags=re.ASCII)
"""One part of a path: who can seal could have another path asked for, if anything else were let in."""

V2 = 1 << 15
SOON = 1.0  # seconds until an answer that is not there yet is looked for again
LATER = 3.0  # seconds until Discord is asked again after an error of its own
TEXT, MEDIA = 10, ("media", "file")

NOBODY: Mapping[str, object] = {"parse": ()}

type Part = dict[str, Any]


class _Wait(Exception):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.1f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Editor:
    """Edits, in any order.

    `revision_of` reads the revision in a custom_id, `key` is the key that opens the tokens. Without `draw` there are no
    pictures.
    """

    api: DiscordApi
    key: Callable[[Deadline], str | None]
    revision_of: Callable[[str], str]
    store: Store
    hide: Hidden
    report: Report
    clock: Callable[[], float]
    draw: Draw | None = None

    def serve(self, deliveries: Sequence[Delivery], deadline: Deadline) -> list[str]:
        """Handle a batch; the ids of the messages that stay in the queue."""
        state = self.store.read(deadline)
        return [one.message_id for one in deliveries if not self._is_settled(one, state, deadline)]

    def _is_settled(self, delivery: Delivery, state: State, deadline: Deadline) -> bool:
        try:
            result = self._settle(delivery, state, deadline)
            if result.id:
                self.report(result, deadline)
        except _Wait as wait:
            self._hold(delivery, wait, deadline)
            return False
        except (BadMessage, Unavailable) as error:
            log.warning("an edit is not done", extra={"outcome": type(error).__name__, "reason": str(error)})
        except Exception:
            log.exception("an edit failed unexpectedly")
            observability.count(observability.BUGS)
        else:
            return True
        note_stuck(delivery)
        return False

    def _hold(self, delivery: Delivery, wait: _Wait, deadline: Deadline) -> None:
        try:
            self.hide([delivery.receipt], rules.hold(wait.seconds, (), self.clock()), deadline)
        except Unavailable as error:
            log.warning("an edit comes back later than it should", extra={"reason": str(error)})

    def _settle(self, delivery: Delivery, state: State, deadline: Deadline) -> Result:
        edit, now = parse(EDIT, delivery.body), self.clock()
        if now > edit.deadline:
            return self._result(edit, Outcome.RETURNED)
        if state.blocked > now:
            raise _Wait(state.blocked - now)
        path = self._path(edit, deadline)
        if path is None:
            return self._result(edit, Outcome.REFUSED, reason="there is no key that opens its token")
        picture = pictures.drawn(edit.picture, self.draw, deadline, pictures.ANSWER_WAITS)
        if not (edit.line or picture):
            return self._result(edit, Outcome.RETURNED, reason="there is no picture")
        shown = self._ask("GET", path, deadline)
        if shown.status == 404 and now - delivery.sent < rules.NOT_YET:
            raise _Wait(SOON)
        return self._change(edit, picture, shown, path, deadline) if shown.is_done else self._read(edit, shown)

    def _change(self, edit: Edit, picture: Drawn | None, shown: Answer, path: str, deadline: Deadline) -> Result:
        """The picture was drawn before the answer was read, so that little time is between reading and changing it."""
        parts = cast("list[Part]", shown.said("components") or [])
        if edit.revision not in ({self.revision_of(each) for each in _custom_ids(parts)} or {""}):
            return self._result(edit, Outcome.GONE, reason="the answer is another one by now")
        if not cast("int", shown.said("flags") or 0) & V2:
            return self._result(edit, Outcome.REFUSED, reason="the answer has no room for it")
        changed = {"components": with_top(parts, edit.line, picture, _files(shown)), "allowed_mentions": NOBODY}
        if picture is None:
            return self._read(edit, self._ask("PATCH", path, deadline, changed))
        changed["attachments"] = [*_kept(shown, picture), picture.attachment]
        return self._read(edit, self._ask("PATCH", path, deadline, changed, (picture.file,)))

    def _path(self, edit: Edit, deadline: Deadline) -> str | None:
        key = self.key(deadline)
        if key is None:
            return None
        try:
            token = unseal(base64.b64decode(edit.token, validate=True), key)
        except (binascii.Error, ValueError):
            raise BadMessage("the token is not sealed as it must be") from None
        if not TOKEN.fullmatch(token):
            raise BadMessage("the token is none of an interaction")
        return f"/webhooks/{edit.application_id}/{token}/messages/@original"

    def _ask(
        self, method: str, path: str, deadline: Deadline, body: object = None, files: Sequence[Upload] = ()
    ) -> Answer:
        """An answer that is one; raises _Wait for a limit, and for none."""
        seconds = deadline.remaining() - RESERVE
        if seconds < LEAST:
            raise _Wait(SOON)
        answer = self.api.ask(method, path, Deadline.after(min(ONE_TRY, seconds)), body, files=files)
        if answer.status == 429:
            patience = patience_of(answer)
            if patience.of_address:
                rule = partial(rules.paused, seconds=patience.seconds, of_address=True, counts=True, now=self.clock())
                self.store.change(rule, deadline)
            raise _Wait(patience.seconds)
        if answer.is_lost:
            raise _Wait(LATER)
        return answer

    def _read(self, edit: Edit, answer: Answer) -> Result:
        """A 401 or 404 means that the token has ended or the answer was deleted; it never counts as a bad route."""
        if answer.is_done:
            return self._result(edit, Outcome.DONE, status=answer.status)
        outcome = Outcome.GONE if answer.status in {401, 403, 404} else Outcome.REFUSED
        if outcome is Outcome.REFUSED:
            log.error("Discord refuses an edit of ours", extra={"status": answer.status, "code": answer.code})
        return self._result(edit, outcome, status=answer.status, code=answer.code)

    def _result(self, edit: Edit, outcome: Outcome, *, status: int = 0, code: int = 0, reason: str = "") -> Result:
        return Result(edit.id, outcome, self.clock(), status=status, code=code, reason=reason, of_edit=True)


def with_top(parts: Sequence[Part], line: str, picture: Drawn | None, files: Mapping[str, str]) -> list[Part]:
    """All components of a message with the line and the picture on top, each instead of the one of an earlier edit."""
    sent = [_sendable(part, files) for part in parts]
    lines = [{"type": TEXT, "id": LINE, "content": line}] if line else _numbered(sent, LINE)
    galleries = [picture.gallery] if picture else _numbered(sent, PICTURE)
    return [*lines, *galleries, *(part for part in sent if part.get("id") not in {LINE, PICTURE})]


def _numbered(parts: Sequence[Part], number: int) -> list[Part]:
    return [part for part in parts if part.get("id") == number]


def _sendable(part: Part, files: Mapping[str, str]) -> Part:
    """A component as Discord takes it: of a picture it adds much that it does not take back."""
    return {name: _sendable_value(name, value, files) for name, value in part.items()}


def _sendable_value(name: str, value: object, files: Mapping[str, str]) -> object:
    if name in MEDIA:
        url = str(cast("Part", value)["url"])
        return {"url": files.get(url, url)}
    if isinstance(value, dict):
        return _sendable(cast("Part", value), files)
    if isinstance(value, list):
        return [_sendable_value("", each, files) for each in cast("list[object]", value)]
    return value


def _files(shown: Answer) -> dict[str, str]:
    """The names by which a message's own files are shown, by the URLs that Discord gave them."""
    return {str(one.get("url")): f"attachment://{one.get('filename')}" for one in _attachments(shown)}


def _kept(shown: Answer, picture: Drawn) -> list[Part]:
    """The files that a message keeps beside a new picture: all but the one before it."""
    return [{"id": one["id"]} for one in _attachments(shown) if one.get("filename") != picture.file.name]


def _attachments(shown: Answer) -> list[Part]:
    return cast("list[Part]", shown.said("attachments") or [])


def _custom_ids(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in cast("Part", value).items():
            if name == "custom_id":
                yield str(inner)
            else:
                yield from _custom_ids(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _custom_ids(inner)
