"""Posts the notices of the queue Notices to the channel of the announcements."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from mastermind.errors import NoWebhook
from mastermind.game.announcements import notices
from mastermind.game.announcements.rules import is_over

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.game.announcements.rules import Announcement
    from mastermind.gateways.webhooks import Channel

log = logging.getLogger(__name__)

KNOWN = 1000
"""Notices that a process knows it has posted. A queue delivers at least once; this makes a second post improbable."""


class Announcer:
    """Posts notices. Without a webhook they are dropped: a server need not want announcements."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._posted: deque[tuple[object, ...]] = deque(maxlen=KNOWN)

    def post(self, notice: Announcement, deadline: Deadline) -> None:
        """Post it, unless it was posted before; an error has the queue deliver its message again."""
        if notices.identity(notice) in self._posted:
            log.info("announced before")
            return
        if is_over(notice, time.time()):
            log.info("dropped: the raid is over")
            return
        try:
            self._channel.post(notices.message(notice), deadline)
        except NoWebhook:
            log.warning("dropped: there is no webhook", extra={"do": _how_to_configure(self._channel.name)})
            return
        self._posted.append(notices.identity(notice))
        log.info("announced")


def _how_to_configure(name: str) -> str:
    return f"To have announcements, store the URL of a webhook as the SecureString parameter {name} in SSM."
