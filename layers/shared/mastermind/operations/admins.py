"""The admins' channel: the first webhook that can be used, by e-mail if none can."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from mastermind.errors import MessageRefused, WebhookGone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.deadline import Deadline
    from mastermind.gateways.discord_api import Upload

log = logging.getLogger(__name__)

MAIL = "e-mail"
"""The channel of last resort."""


class Channel(Protocol):
    """A channel of Discord."""

    @property
    def name(self) -> str: ...
    def post(self, message: Mapping[str, object], deadline: Deadline, files: Sequence[Upload] = ()) -> str: ...
    def edit(self, message_id: str, message: Mapping[str, object], deadline: Deadline) -> None: ...


class Mail(Protocol):
    """The operators' mailboxes."""

    def send(self, subject: str, text: str, deadline: Deadline) -> None: ...


class Admins:
    """Posts to the first of the channels that exists."""

    def __init__(self, channels: Sequence[Channel], mail: Mail) -> None:
        self._channels, self._mail = channels, mail

    def post(
        self,
        message: Mapping[str, object],
        subject: str,
        text: str,
        deadline: Deadline,
        files: Sequence[Upload] = (),
    ) -> tuple[str, str]:
        """Where it is posted, and the message's id; an e-mail has subject and text. Raises TryAgain, Unavailable."""
        for channel in self._channels:
            try:
                return channel.name, channel.post(message, deadline, files)
            except (WebhookGone, MessageRefused) as error:
                log.warning("a channel cannot be used", extra={"channel": channel.name, "reason": str(error)})
        self._mail.send(subject, text, deadline)
        log.warning("sent by e-mail", extra={"subject": subject})
        return MAIL, ""

    def find(self, name: str) -> Channel | None:
        """The channel of that name; None when there is none any more."""
        return next((each for each in self._channels if each.name == name), None)
