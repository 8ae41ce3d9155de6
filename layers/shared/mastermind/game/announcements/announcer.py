"""Posts the notices of the queue Notices to the channel of the announcements."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from mastermind.discord.commands import PLAIN
from mastermind.errors import ConfigError, NoWebhook, TryAgain, Unavailable, WebhookGone
from mastermind.game.announcements import notices
from mastermind.game.announcements.words import identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.discord.commands import Commands
    from mastermind.game.announcements.queued import Announcement
    from mastermind.gateways.webhooks import Channel

log = logging.getLogger(__name__)

KNOWN = 1000
"""Notices that a process knows it has posted. A queue delivers at least once; this makes a second post improbable."""


class Announcer:
    """Posts notices. Without a webhook they are dropped: a server need not want announcements.

    With one that Discord does not know they are dropped too, and the operators are notified: `note` gets the problem,
    and None when announcements can be posted again.
    """

    def __init__(
        self, channel: Channel, note: Callable[[str | None, Deadline], None], commands: Commands = PLAIN
    ) -> None:
        self._channel, self._note, self._commands = channel, note, commands
        self._is_known_to_work = False
        self._posted: deque[tuple[object, ...]] = deque(maxlen=KNOWN)

    def post(self, notice: Announcement, deadline: Deadline) -> None:
        """Post it, unless it was posted before; an error has the queue deliver its message again."""
        if identity(notice) in self._posted:
            log.info("announced before")
            return
        try:
            self._channel.post(notices.message(notice, self._commands), deadline)
        except NoWebhook:
            log.warning("dropped: there is no webhook", extra={"do": _how_to_configure(self._channel.name)})
            return
        except WebhookGone as error:
            self._note(str(error), deadline)
            self._is_known_to_work = False
            log.warning("dropped: the webhook is gone", extra={"reason": str(error)})
            return
        self._posted.append(identity(notice))
        log.info("announced")
        self._note_that_it_works(deadline)

    def _note_that_it_works(self, deadline: Deadline) -> None:
        """Once in each process, and after each problem; what was posted is not posted again for want of it."""
        if self._is_known_to_work:
            return
        try:
            self._note(None, deadline)
            self._is_known_to_work = True
        except (ConfigError, TryAgain, Unavailable) as error:
            log.warning("it could not be noted that announcements work", extra={"reason": str(error)})


def _how_to_configure(name: str) -> str:
    return f"To have announcements, store the URL of a webhook as the SecureString parameter {name} in SSM."
