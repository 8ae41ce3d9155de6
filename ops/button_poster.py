"""Compares the pinned messages with those in Discord's channels, and posts, edits, pins or deletes what differs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import typer

from ops.discord import Discord, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from devkit.json_types import ReadOnlyJson

from ops.button_messages import MessageRef, Placement, State

PINS = 50
"""Pinned messages that Discord returns on one page."""

NONCE = 25
"""Characters that a message's nonce may have."""

UNKNOWN_MESSAGE = 10008
"""Discord's error code for a deleted message (10003 is for a channel)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a wish stands: the message in its channel if there is one, and one that stayed behind in another channel."""

    placement: Placement
    message: ReadOnlyJson | None
    stale: MessageRef | None = None

    @property
    def is_current(self) -> bool:
        return self.message is not None and _holds(self.message.get("components"), self.placement.body["components"])

    @property
    def is_pinned(self) -> bool:
        return self.message is not None and self.message.get("pinned") is True

    def lines(self) -> Iterator[str]:
        """What has to be done, one line each."""
        what = f"“{self.placement.post.label}” in channel {self.placement.channel}"
        if self.message is None:
            yield f"+ {what} is posted and pinned"
        elif not self.is_current:
            yield f"~ {what} is updated"
        if self.message and not self.is_pinned:
            yield f"~ {what} is pinned again"
        if self.stale:
            yield f"- the one in channel {self.stale.channel} is deleted"


@dataclass(frozen=True, slots=True)
class Poster:
    """Writes messages to channels as a bot (by its user id), and stores their ids."""

    discord: Discord
    bot: str
    state: State

    def find(self, placement: Placement) -> Comparison:
        """How the wish stands. A message that was forgotten here is found among the pinned ones of its channel."""
        posted = self.state.load(placement.post.name)
        if posted and posted.channel == placement.channel:
            return Comparison(placement, self._posted(posted) or self._pinned(placement))
        return Comparison(placement, self._pinned(placement), stale=posted)

    def apply(self, found: Comparison) -> None:
        """Do what `found.lines()` says. The id of a new message is stored before anything else can fail."""
        placement = found.placement
        message = found.message or self._post(placement)
        posted = MessageRef(placement.channel, str(message["id"]))
        self.state.save(placement.post.name, posted)
        if found.message and not found.is_current:
            self.discord.demand("PATCH", _path(posted), placement.body, hints=_hints(placement.channel))
        if not found.is_pinned:
            path = f"/channels/{posted.channel}/messages/pins/{posted.message}"
            self.discord.demand("PUT", path, hints=_hints(placement.channel))
        if found.stale:
            self._take_away(found.stale)

    def _posted(self, posted: MessageRef) -> ReadOnlyJson | None:
        """The message that was posted; None if it was deleted."""
        response = self.discord.ask("GET", _path(posted))
        if response.is_success:
            return cast("ReadOnlyJson", response.json())
        return None if _is_gone(response) else refused(response, _hints(posted.channel))

    def _pinned(self, placement: Placement) -> ReadOnlyJson | None:
        """Our message among the pinned ones, recognised by its author and its button."""
        wanted = placement.post.custom_id
        return next(
            (one for one in self._pins(placement.channel) if self._is_ours(one) and _mentions(one, wanted)), None
        )

    def _pins(self, channel: str) -> Iterator[ReadOnlyJson]:
        """All pinned messages of a channel, page by page."""
        page: dict[str, str] = {"limit": str(PINS)}
        while True:
            path = f"/channels/{channel}/messages/pins?{urlencode(page)}"
            shown = self.discord.demand("GET", path, hints=_hints(channel)).json()
            yield from (cast("ReadOnlyJson", pin["message"]) for pin in shown["items"])
            if not shown["has_more"]:
                return
            page["before"] = shown["items"][-1]["pinned_at"]

    def _is_ours(self, message: ReadOnlyJson) -> bool:
        return cast("ReadOnlyJson", message["author"])["id"] == self.bot

    def _post(self, placement: Placement) -> ReadOnlyJson:
        """Post it. If Discord's answer is lost, a retry within minutes returns the same message (nonce)."""
        last = self.state.load(placement.post.name)
        nonce = hashlib.sha256(f"{placement.channel} {placement.post.name} {last}".encode()).hexdigest()[:NONCE]
        body = {**placement.body, "nonce": nonce, "enforce_nonce": True}
        hints = _hints(placement.channel)
        response = self.discord.demand("POST", f"/channels/{placement.channel}/messages", body, hints=hints)
        return cast("ReadOnlyJson", response.json())

    def _take_away(self, stale: MessageRef) -> None:
        """Delete the left-over message, or ask the operator to do it."""
        response = self.discord.ask("DELETE", _path(stale))
        if not (response.is_success or response.status_code == HTTPStatus.NOT_FOUND):
            typer.echo(f"The old message in channel {stale.channel} could not be deleted; please delete it by hand.")


def _path(posted: MessageRef) -> str:
    return f"/channels/{posted.channel}/messages/{posted.message}"


def _is_gone(response: httpx.Response) -> bool:
    """Whether the message was deleted, as opposed to the channel."""
    return response.status_code == HTTPStatus.NOT_FOUND and response.json().get("code") == UNKNOWN_MESSAGE


def _holds(shown: object, wanted: object) -> bool:
    """Whether Discord's JSON has everything we want; it adds ids, sizes, and keys that are false or null."""
    if isinstance(wanted, dict):
        there = cast("ReadOnlyJson", shown if isinstance(shown, dict) else {})
        return all(_holds(there.get(key), part) for key, part in cast("ReadOnlyJson", wanted).items())
    if isinstance(wanted, list):
        ours, theirs = cast("list[object]", wanted), cast("list[object]", shown if isinstance(shown, list) else [])
        return len(ours) == len(theirs) and all(map(_holds, theirs, ours))
    return shown == wanted


def _mentions(message: ReadOnlyJson, custom_id: str) -> bool:
    return json.dumps(custom_id) in json.dumps(message.get("components"))


def _hints(channel: str) -> Mapping[int, str]:
    return {404: f"the bot sees no channel {channel}. Is the id right, and is the bot in the server (scope bot)?"}
